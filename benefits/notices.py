"""What members are told of their benefits, in words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from benefits.models import Coupon, RewardOrder, RewardOrderStep
from benefits.rules.codes import grouped
from common import clock
from common.numbers import active_locale, format_number
from members.models import Member
from members.notices import NoticeKind, NoticeText
from members.services import write_notice

COUPON_ISSUED = "coupon_issued"
COUPONS_EXPIRING = "coupons_expiring"
REWARD_ORDER = "reward_order"

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


def tell_of_order(order: RewardOrder, step: RewardOrderStep) -> None:
    """Tell a member what an operator did with their order."""
    write_notice(
        member=order.member,
        kind=REWARD_ORDER,
        key=f"reward-order-step:{step.pk}",
        params={
            "status": step.status,
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
    }
    told = {
        "name": _name(params),
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
    }
    body = bodies.get(params["status"], gettext("“%(name)s”, order %(number)s.")) % told
    return NoticeText(title=titles[params["status"]], body=f"{body} {params['note']}".strip())


def issued_words(params: Params) -> NoticeText:
    """“You have a new coupon”: which, and through which day."""
    name = _name(params)
    body = gettext("“%(name)s” is among your coupons. It has no end.") % {"name": name}
    if params["last_day"]:
        body = gettext("“%(name)s” is among your coupons. Its last valid day is %(day)s.") % {
            "name": name,
            "day": _day(params["last_day"]),
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
        body=body % {"name": _name(params), "day": _day(params["last_day"])},
    )


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "medium", locale=active_locale())


def _name(named: Params) -> str:
    """A coupon by the name it had then, in the active language."""
    is_chinese = (get_language() or "").startswith("zh")
    return str(named["name_zh"] if is_chinese and named["name_zh"] else named["name_en"])


KINDS = [
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
        code=REWARD_ORDER,
        name=_("Reward orders"),
        words=order_words,
        icon="redeem",
        page="reward_orders",
    ),
]
