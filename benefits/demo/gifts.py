"""What the demo's shop gives for birthdays, for new tiers and on holidays."""

from datetime import timedelta
from decimal import Decimal

from benefits.models import BirthdayPerk, Holiday, TierGift
from common import clock
from loyalty.models import PointType, Tier
from loyalty.services.configuration import create_rule

from .coupons import Templates
from .scene import Scene

# How far back moves up are answered.
GIFTS_SINCE = timedelta(days=60)
# Calendar, month, day, English, Chinese, what members read in either.
HOLIDAYS = (
    ("solar", 1, 1, "New Year", "元旦", "A happy new year!", "新年快乐，万事顺意！"),
    ("lunar", 1, 1, "Spring Festival", "春节", "Happy Spring Festival!", "新春快乐，阖家安康！"),
    ("lunar", 1, 15, "Lantern Festival", "元宵节", "Happy Lantern Festival!", "元宵节快乐！"),
    ("lunar", 5, 5, "Dragon Boat Festival", "端午节", "Zongzi and a good tea!", "端午安康！"),
    (
        "lunar",
        8,
        15,
        "Mid-Autumn Festival",
        "中秋节",
        "A full moon for you.",
        "中秋快乐，人月两圆！",
    ),
    ("lunar", 9, 9, "Double Ninth Festival", "重阳节", "Long life and good health!", "重阳安康！"),
    ("solar", 10, 1, "National Day", "国庆节", "Enjoy the holidays!", "国庆快乐，假期愉快！"),
)


def write_gifts(scene: Scene, templates: Templates) -> None:
    """A rule and perks for birthdays, gifts for rising to a tier, and the calendar of holidays."""
    today = clock.business_date(scene.now)
    _lowest, silver, gold, highest = Tier.objects.by_rank()
    create_rule(
        code="birthday",
        operator=scene.operator,
        name_en="Birthday points",
        name_zh="生日积分",
        point_type=PointType.objects.base(),
        trigger="birthday",
        points=50,
        per_amount=None,
    )
    kinds, span = BirthdayPerk.Kind, BirthdayPerk.For
    birthday = {"starts_on": today.replace(day=1)}
    BirthdayPerk.objects.create(
        name_en="A tier higher on your day",
        name_zh="生日当天升级体验",
        tier=silver,
        kind=kinds.TIER,
        lift_steps=1,
        **birthday,
    )
    treat = {"kind": kinds.COUPON, "template": templates["birthday"]} | birthday
    names = {"name_en": "Birthday treat", "name_zh": "生日礼券"}
    for tier in (gold, highest):
        BirthdayPerk.objects.create(tier=tier, span=span.MONTH, days_ahead=3, **names, **treat)
    BirthdayPerk.objects.create(
        name_en="Double points all month",
        name_zh="生日月双倍积分",
        tier=gold,
        kind=kinds.MULTIPLIER,
        factor=Decimal(2),
        span=span.MONTH,
        **birthday,
    )
    since = {"starts_on": today - GIFTS_SINCE}
    TierGift.objects.create(
        name_en="Welcome to Silver", name_zh="银卡升级礼", tier=silver, points=100, **since
    )
    TierGift.objects.create(
        name_en="Welcome to Gold",
        name_zh="金卡升级礼",
        tier=gold,
        template=templates["gold-welcome"],
        **since,
    )
    for calendar, month, day, name_en, name_zh, greeting_en, greeting_zh in HOLIDAYS:
        Holiday.objects.create(
            calendar=calendar,
            month=month,
            day=day,
            name_en=name_en,
            name_zh=name_zh,
            greeting_en=greeting_en,
            greeting_zh=greeting_zh,
        )
