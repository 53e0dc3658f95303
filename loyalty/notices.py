"""What members are told of their points, in words."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.models import in_active_language
from common.money import format_money, from_minor
from common.numbers import format_number
from loyalty.models import PointsEntry, PointType, Purchase
from members.notices import NoticeKind, NoticeText, told_day, told_name
from members.services import write_notice

PURCHASE_EARNED = "purchase_earned"
POINTS_EXPIRING = "points_expiring"
TIER_GOING_DOWN = "tier_going_down"

Params = Mapping[str, Any]


def tell_of_purchase(purchase: Purchase, entries: list[PointsEntry], *, now: datetime) -> None:
    """Tell the member what a recorded purchase earned; nothing where it earned nothing."""
    if not entries or purchase.member is None:
        return
    write_notice(
        member=purchase.member,
        kind=PURCHASE_EARNED,
        key=f"purchase:{purchase.pk}",
        params={
            "number": purchase.external_id,
            "amount": str(purchase.amount),
            "on": purchase.business_date.isoformat(),
            "earned": [_earned(entry) for entry in entries],
        },
        at=now,
    )


def _earned(entry: PointsEntry) -> dict[str, Any]:
    kind = entry.account.point_type
    return {
        "points": entry.points,
        "code": kind.code,
        "name_en": kind.name_en,
        "name_zh": kind.name_zh,
    }


def purchase_words(params: Params) -> NoticeText:
    """“You earned 315 points”, of which purchase, and what else it earned."""
    earned = params["earned"]
    base = sum(line["points"] for line in earned if line["code"] == PointType.BASE)
    others = [line for line in earned if line["code"] != PointType.BASE]
    title = gettext("Thank you for your purchase")
    if base:
        title = ngettext("You earned %(points)s point", "You earned %(points)s points", base)
        title %= {"points": format_number(base)}
    body = gettext("For your purchase of %(amount)s on %(day)s.") % {
        "amount": format_money(Decimal(params["amount"])),
        "day": told_day(params["on"]),
    }
    if not others:
        return NoticeText(title=title, body=body)
    gained = " · ".join(f"{told_name(line)} +{format_number(line['points'])}" for line in others)
    also = gettext("It also brought you: %(gained)s.") % {"gained": gained}
    return NoticeText(title=title, body=f"{body} {also}")


def expiring_words(params: Params) -> NoticeText:
    """“120 points expire soon”, and through which day they are valid."""
    points = params["points"]
    title = ngettext("%(points)s point expires soon", "%(points)s points expire soon", points)
    body = gettext("Their last valid day is %(day)s. After it they are gone: spend them by then.")
    if params["code"] != PointType.BASE:
        body = gettext(
            "%(name)s: their last valid day is %(day)s. After it they are gone: spend them by then."
        )
    return NoticeText(
        title=title % {"points": format_number(points)},
        body=body % {"day": told_day(params["last_day"]), "name": told_name(params)},
    )


def going_down_words(params: Params) -> NoticeText:
    """“Your Gold tier is about to end”: from which day, to which tier, and what would keep it."""
    tier = in_active_language(params["tier_en"], params["tier_zh"])
    title = gettext("Your tier %(tier)s is about to end") % {"tier": tier}
    body = gettext("From %(day)s on you will be %(to)s.") % {
        "day": told_day(params["down_on"]),
        "to": in_active_language(params["to_en"], params["to_zh"]),
    }
    missing = _missing_words(params)
    if not missing:
        return NoticeText(title=title, body=body)
    joined = (gettext(" or ") if params["join"] == "any" else gettext(" and ")).join(missing)
    stay = gettext("To stay %(tier)s, you still need: %(missing)s.")
    return NoticeText(title=title, body=f"{body} {stay % {'tier': tier, 'missing': joined}}")


def _missing_words(params: Params) -> list[str]:
    """What is missing to stay, measure by measure."""
    words = []
    if params["spend"] is not None:
        words.append(format_money(from_minor(params["spend"])))
    if (orders := params["orders"]) is not None:
        text = ngettext("%(count)s purchase", "%(count)s purchases", orders)
        words.append(text % {"count": format_number(orders)})
    if (growth := params["growth"]) is not None:
        text = ngettext("%(points)s growth point", "%(points)s growth points", growth)
        words.append(text % {"points": format_number(growth)})
    if (days := params["active_days"]) is not None:
        text = ngettext("%(count)s active day", "%(count)s active days", days)
        words.append(text % {"count": format_number(days)})
    return words


KINDS = [
    NoticeKind(
        code=PURCHASE_EARNED,
        name=_("Earned by a purchase"),
        words=purchase_words,
        icon="earn",
        page="points",
    ),
    NoticeKind(
        code=POINTS_EXPIRING,
        name=_("Points expiring"),
        words=expiring_words,
        icon="hourglass",
        page="points",
    ),
    NoticeKind(
        code=TIER_GOING_DOWN,
        name=_("Tier going down"),
        words=going_down_words,
        icon="hourglass",
        page="tier",
    ),
]
