"""What members are told of their benefits, in words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from benefits.models import Coupon
from common import clock
from common.numbers import active_locale, format_number
from members.models import Member
from members.notices import NoticeKind, NoticeText
from members.services import write_notice

COUPON_ISSUED = "coupon_issued"
COUPONS_EXPIRING = "coupons_expiring"

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
]
