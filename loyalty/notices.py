"""What members are told of their points, in words."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.money import format_money
from common.numbers import active_locale, format_number
from loyalty.models import PointsEntry, PointType, Purchase
from members.notices import NoticeKind, NoticeText
from members.services import write_notice

PURCHASE_EARNED = "purchase_earned"
POINTS_EXPIRING = "points_expiring"

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
        "day": _day(params["on"]),
    }
    if not others:
        return NoticeText(title=title, body=body)
    gained = " · ".join(f"{_name(line)} +{format_number(line['points'])}" for line in others)
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
        body=body % {"day": _day(params["last_day"]), "name": _name(params)},
    )


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "medium", locale=active_locale())


def _name(named: Params) -> str:
    """A kind of points by the name it had then, in the active language."""
    is_chinese = (get_language() or "").startswith("zh")
    return str(named["name_zh"] if is_chinese and named["name_zh"] else named["name_en"])


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
]
