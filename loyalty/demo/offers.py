"""What the shop's operators have set up besides the preset: sorts of articles and ways to shop, a
campaign for a segment, what the tiers bring, a trial tier."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from common import clock
from loyalty.models import Channel, Partner, PointType, ProductCategory, Tier, TierBenefit
from loyalty.services.configuration import create_rule
from loyalty.services.overrides import grant_override
from members.models import Member, Segment, Tag, User
from members.services import add_to_segment, tag_members

from .story import DEBTOR, LEAD

# By the letters with which the number of an article begins.
CATEGORIES = {
    "TEA": ("tea", "Tea", "茶叶"),
    "COF": ("coffee", "Coffee", "咖啡"),
    "CUP": ("tableware", "Tableware", "茶杯茶具"),
    "POT": ("tableware", "Tableware", "茶杯茶具"),
    "SET": ("tableware", "Tableware", "茶杯茶具"),
    "KET": ("tableware", "Tableware", "茶杯茶具"),
    "SNK": ("snacks", "Snacks", "点心"),
    "HOM": ("home", "For the home", "家居"),
    "PAP": ("paper", "Paper goods", "文具"),
}
CHANNELS = (("store", "Stores", "门店"), ("web", "Web shop", "网店"))
PARTNER = ("bookshop", "Moonlit Bookshop", "月光书店")
KIND = TierBenefit.Kind
# Tier, kind, English, Chinese; higher tiers inherit what they do not have of their own.
BENEFITS: Sequence[tuple[str, str, str, str]] = (
    ("standard", KIND.OTHER, "A cup of tea while you look around", "到店奉茶一杯"),
    ("standard", KIND.EVENTS, "Invitations to open tastings", "公开品茶会邀请"),
    ("silver", KIND.FREE_SHIPPING, "Free delivery from ¥99", "满 ¥99 包邮"),
    ("silver", KIND.COUPONS, "A coupon each spring", "每年春茶优惠券"),
    ("gold", KIND.EARLY_ACCESS, "New harvests three days earlier", "新茶提前三天选购"),
    ("gold", KIND.SERVICE_LEVEL, "Exchange within 30 days", "30 天内可换货"),
    ("diamond", KIND.EVENTS, "Two seats at the tea master's table", "茶艺师私享席两位"),
    ("diamond", KIND.SERVICE_LEVEL, "A tea adviser of your own", "专属茶顾问"),
)
# Every so many members is a taster, and so is the lead.
TASTERS_EVERY = 9
SEGMENT_FROM = timedelta(days=45)
CAMPAIGN_BEFORE, CAMPAIGN_AFTER = timedelta(days=6), timedelta(days=8)
TRIAL_BEFORE, TRIAL_AFTER = timedelta(days=4), timedelta(days=26)


def set_up_catalogue() -> tuple[dict[str, ProductCategory], dict[str, Channel]]:
    """Categories by the letters of article numbers, and channels by their codes."""
    rows = {code: (name_en, name_zh) for code, name_en, name_zh in CATEGORIES.values()}
    made = {
        code: ProductCategory.objects.create(code=code, name_en=name_en, name_zh=name_zh)
        for code, (name_en, name_zh) in rows.items()
    }
    channels = {
        code: Channel.objects.create(code=code, name_en=name_en, name_zh=name_zh)
        for code, name_en, name_zh in CHANNELS
    }
    code, name_en, name_zh = PARTNER
    Partner.objects.create(code=code, name_en=name_en, name_zh=name_zh)
    return {letters: made[told[0]] for letters, told in CATEGORIES.items()}, channels


def set_up_offers(members: Sequence[Member], operator: User, until: datetime) -> None:
    """A segment with its campaign, benefits of tiers, a tag."""
    today = clock.business_date(until)
    tasters = Segment.objects.create(code="tasters", name_en="Tea tasters", name_zh="品茶会友")
    add_to_segment(
        segment=tasters,
        cards=[member.card_number for member in members[LEAD::TASTERS_EVERY]],
        on=today - SEGMENT_FROM,
    )
    create_rule(
        code="tasters-fortnight",
        operator=operator,
        name_en="Tea tasters' fortnight",
        name_zh="品茶会友双倍积分",
        point_type=PointType.objects.base(),
        factor=Decimal(2),
        group="campaign",
        starts_on=today - CAMPAIGN_BEFORE,
        ends_on=today + CAMPAIGN_AFTER,
        segments=[tasters],
    )
    for position, (tier, kind, name_en, name_zh) in enumerate(BENEFITS):
        TierBenefit.objects.create(
            tier=Tier.objects.get(code=tier),
            kind=kind,
            name_en=name_en,
            name_zh=name_zh,
            position=position,
        )
    regular = Tag.objects.create(code="pottery", name_en="Likes pottery", name_zh="爱陶器")
    tag_members(tag=regular, cards=[members[LEAD].card_number], operator=operator)


def grant_trial(members: Sequence[Member], operator: User, until: datetime) -> None:
    """A month of gold for one who may not come back."""
    grant_override(
        member=members[DEBTOR],
        kind="trial",
        tier=Tier.objects.get(code="gold"),
        ends_at=clock.start_of(clock.business_date(until + TRIAL_AFTER)),
        reason="试用金卡，挽回会员 A month of Gold to win them back",
        key="trial:gold",
        operator=operator,
        now=until - TRIAL_BEFORE,
    )
