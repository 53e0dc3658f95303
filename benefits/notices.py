"""What members are told of their benefits, in words."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from benefits.models import (
    BirthdayGrant,
    Coupon,
    CouponGroup,
    RewardOrder,
    RewardOrderStep,
    TierGiftGrant,
)
from benefits.rules.codes import grouped
from common import clock
from common.models import in_active_language
from common.numbers import format_number
from loyalty.models import Activity
from members.models import Member
from members.notices import NoticeKind, NoticeText, told_day, told_name
from members.services import write_notice

COUPON_ISSUED = "coupon_issued"
COUPONS_EXPIRING = "coupons_expiring"
COUPON_GROUP = "coupon_group"
REWARD_ORDER = "reward_order"
BIRTHDAY = "birthday"
TIER_GIFT = "tier_gift"
HOLIDAY = "holiday"

STATUS = RewardOrder.Status
# No status of an order: what was to be returned is the member's as before.
DECLINED = "declined"

Params = Mapping[str, Any]


def tell_of_coupon(coupon: Coupon, member: Member, *, now: datetime) -> None:
    """Tell a member of a coupon that is theirs now. Batches write the same by SQL."""
    last_day = clock.last_valid_day(coupon.expires_at).isoformat() if coupon.expires_at else ""
    write_notice(
        member=member,
        kind=COUPON_ISSUED,
        key=f"coupon:{coupon.pk}",
        params={"name_en": coupon.name_en, "name_zh": coupon.name_zh, "last_day": last_day},
        at=now,
    )


def tell_of_lapsed_group(group: CouponGroup, member: Member, *, now: datetime) -> None:
    """Tell a member that the time of a group they joined is up, and that it was not full."""
    template = group.template
    write_notice(
        member=member,
        kind=COUPON_GROUP,
        key=f"coupon-group:{group.pk}",
        params={
            "name_en": template.name_en,
            "name_zh": template.name_zh,
            "joined": group.joined,
            "size": group.size,
        },
        at=now,
    )


def group_words(params: Params) -> NoticeText:
    """“Your group did not fill”: which, how far it was, and what to do."""
    told = {
        "name": told_name(params),
        "joined": format_number(params["joined"]),
        "size": format_number(params["size"]),
    }
    title = gettext("Your group did not fill: %(name)s") % told
    body = gettext(
        "When its time was up, %(joined)s of %(size)s had joined, so nobody gets the coupon. You "
        "can open another group."
    )
    return NoticeText(title=title, body=body % told)


def tell_of_order(order: RewardOrder, step: RewardOrderStep, *, was: str) -> None:
    """Tell a member what an operator did with their order, which was in another status before."""
    is_kept = step.status in (STATUS.DELIVERED, STATUS.COLLECTED)
    write_notice(
        member=order.member,
        kind=REWARD_ORDER,
        key=f"reward-order-step:{step.pk}",
        params={
            "status": DECLINED if was == STATUS.RETURN_REQUESTED and is_kept else step.status,
            "number": order.number,
            "name_en": order.reward.name_en,
            "name_zh": order.reward.name_zh,
            "tracking_number": order.tracking_number,
            "pickup_code": order.pickup_code,
            "points": order.points,
            "note": step.note,
        },
        at=step.at,
    )


def order_words(params: Params) -> NoticeText:
    """“Your reward is on its way”: which, and under which number or code."""
    titles = {
        "shipped": gettext("Your reward is on its way"),
        "ready": gettext("Your reward is ready to collect"),
        "delivered": gettext("Your reward has arrived"),
        "collected": gettext("You have collected your reward"),
        "cancelled": gettext("Your order was cancelled"),
        "exchanged": gettext("Your reward is exchanged"),
        "restored": gettext("Your points are back"),
        DECLINED: gettext("Your return was declined"),
    }
    told = {
        "name": told_name(params),
        "number": params["number"],
        "tracking": params["tracking_number"],
        "code": grouped(params["pickup_code"]),
        "points": format_number(params["points"]),
    }
    bodies = {
        "shipped": gettext("“%(name)s”, order %(number)s. Tracking number: %(tracking)s."),
        "ready": gettext("“%(name)s”, order %(number)s. Show this pick-up code: %(code)s."),
        "cancelled": gettext("“%(name)s”, order %(number)s: %(points)s points are back."),
        "restored": gettext("“%(name)s”, order %(number)s: %(points)s points are back."),
        DECLINED: gettext("“%(name)s”, order %(number)s: you keep it."),
    }
    body = bodies.get(params["status"], gettext("“%(name)s”, order %(number)s.")) % told
    return NoticeText(title=titles[params["status"]], body=f"{body} {params['note']}".strip())


def tell_of_birthday(grant: BirthdayGrant, *, now: datetime) -> None:
    """Greet a member for the birthday and say what they were given."""
    write_notice(
        member=grant.member,
        kind=BIRTHDAY,
        key=f"birthday:{grant.perk_id}:{grant.year}",
        params=gift_params(grant)
        | {
            "name_en": grant.perk.name_en,
            "name_zh": grant.perk.name_zh,
            "birthday": grant.celebrated_on.isoformat(),
            "told_on": clock.business_date(now).isoformat(),
        },
        at=now,
    )


def tell_of_birthday_points(
    activity: Activity, points: int, celebrated_on: date, *, now: datetime
) -> None:
    """Greet a member whose birthday earned points by a rule."""
    write_notice(
        member=activity.member,
        kind=BIRTHDAY,
        key=f"birthday-points:{activity.key}",
        params={
            "gives": "points",
            "points": points,
            "birthday": celebrated_on.isoformat(),
            "told_on": clock.business_date(now).isoformat(),
        },
        at=now,
    )


def gift_params(grant: BirthdayGrant) -> dict[str, Any]:
    """What was given, as facts: from the rows that were written, not from the perk of today."""
    days = {"from": grant.starts_on.isoformat(), "through": grant.ends_on.isoformat()}
    if grant.coupon:
        return days | {"gives": "coupon"}
    if grant.entry:
        return days | {"gives": "points", "points": grant.entry.points}
    if grant.multiplier:
        return days | {"gives": "multiplier", "factor": str(grant.multiplier.factor)}
    tier = grant.override.tier if grant.override else None
    names = {"tier_en": tier.name_en, "tier_zh": tier.name_zh} if tier else {}
    return days | {"gives": "tier"} | names


def birthday_words(params: Params) -> NoticeText:
    """“Happy birthday”, or that it comes or was; and what was given."""
    birthday, told_on = (date.fromisoformat(params[name]) for name in ("birthday", "told_on"))
    title = birthday_title(birthday, told_on)
    gift = gift_text(params)
    if "name_en" not in params:
        return NoticeText(title=title, body=gift)
    body = gettext("“%(name)s”: %(gift)s") % {"name": told_name(params), "gift": gift}
    return NoticeText(title=title, body=body)


def tell_of_tier_gift(grant: TierGiftGrant, *, now: datetime) -> None:
    """Tell a member what the new tier brought."""
    gives = (
        {"gives": "points", "points": grant.entry.points} if grant.entry else {"gives": "coupon"}
    )
    names = {"name_en": grant.gift.name_en, "name_zh": grant.gift.name_zh}
    write_notice(
        member=grant.member,
        kind=TIER_GIFT,
        key=f"tier_gift:{grant.gift_id}:{grant.year}",
        params=gives
        | names
        | {"tier_en": grant.gift.tier.name_en, "tier_zh": grant.gift.tier.name_zh},
        at=now,
    )


def tier_gift_words(params: Params) -> NoticeText:
    """“A gift for your new tier”: which, and what it is."""
    tier = in_active_language(params["tier_en"], params["tier_zh"])
    body = gettext("“%(name)s”: %(gift)s") % {"name": told_name(params), "gift": gift_text(params)}
    return NoticeText(title=gettext("A gift: you are %(tier)s") % {"tier": tier}, body=body)


def holiday_words(params: Params) -> NoticeText:
    """The holiday's name, and the greeting that operators wrote for it."""
    greeting = in_active_language(params["greeting_en"], params["greeting_zh"])
    return NoticeText(title=told_name(params), body=greeting)


def birthday_title(birthday: date, today: date) -> str:
    """A greeting on the day, before it or after it."""
    if birthday > today:
        return gettext("Your birthday is coming")
    if birthday < today:
        return gettext("Happy birthday, a little late")
    return gettext("Happy birthday!")


def gift_text(params: Params) -> str:
    """What a birthday brought, in a sentence."""
    if params["gives"] == "coupon":
        return gettext("A coupon is among yours.")
    if params["gives"] == "points":
        points = params["points"]
        text = ngettext("%(points)s point is yours.", "%(points)s points are yours.", points)
        return text % {"points": format_number(points)}
    days = {"from": told_day(params["from"]), "through": told_day(params["through"])}
    if params["gives"] == "multiplier":
        factor = format_number(Decimal(params["factor"]).normalize())
        if params["from"] == params["through"]:
            text = gettext("Your purchases earn %(factor)s times the points on %(through)s.")
        else:
            text = gettext(
                "Your purchases earn %(factor)s times the points from %(from)s through %(through)s."
            )
        return text % (days | {"factor": factor})
    tier = in_active_language(params.get("tier_en", ""), params.get("tier_zh", ""))
    if not tier:
        return gettext("A higher tier is yours through %(through)s.") % days
    return gettext("You are %(tier)s through %(through)s.") % (days | {"tier": tier})


def issued_words(params: Params) -> NoticeText:
    """“You have a new coupon”: which, and through which day."""
    name = told_name(params)
    body = gettext("“%(name)s” is among your coupons. It has no end.") % {"name": name}
    if params["last_day"]:
        body = gettext("“%(name)s” is among your coupons. Its last valid day is %(day)s.") % {
            "name": name,
            "day": told_day(params["last_day"]),
        }
    return NoticeText(title=gettext("You have a new coupon"), body=body)


def expiring_words(params: Params) -> NoticeText:
    """“2 coupons expire soon”, one of them by name, and through which day they are valid."""
    coupons = params["coupons"]
    title = ngettext("%(coupons)s coupon expires soon", "%(coupons)s coupons expire soon", coupons)
    body = gettext("“%(name)s” and others: the last valid day is %(day)s.")
    if coupons == 1:
        body = gettext("“%(name)s”: the last valid day is %(day)s.")
    return NoticeText(
        title=title % {"coupons": format_number(coupons)},
        body=body % {"name": told_name(params), "day": told_day(params["last_day"])},
    )


KINDS = [
    NoticeKind(
        code=BIRTHDAY,
        name=_("Birthday"),
        words=birthday_words,
        icon="redeem",
        page="home",
    ),
    NoticeKind(
        code=TIER_GIFT,
        name=_("Tier gift"),
        words=tier_gift_words,
        icon="redeem",
        page="home",
    ),
    NoticeKind(
        code=HOLIDAY,
        name=_("Holiday greeting"),
        words=holiday_words,
        icon="bell",
        page="home",
    ),
    NoticeKind(
        code=COUPON_ISSUED,
        name=_("Coupon issued"),
        words=issued_words,
        icon="coupon",
        page="coupons",
    ),
    NoticeKind(
        code=COUPONS_EXPIRING,
        name=_("Coupons expiring"),
        words=expiring_words,
        icon="hourglass",
        page="coupons",
    ),
    NoticeKind(
        code=COUPON_GROUP,
        name=_("Coupon groups that did not fill"),
        words=group_words,
        icon="coupon",
        page="coupon_offers",
    ),
    NoticeKind(
        code=REWARD_ORDER,
        name=_("Reward orders"),
        words=order_words,
        icon="redeem",
        page="reward_orders",
    ),
]
