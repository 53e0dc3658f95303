"""How pages write points, money and the last valid day."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.translation import gettext

from common import clock
from common.money import format_money
from common.numbers import format_decimals, format_number, format_share

register = template.Library()

MINUS = "\N{MINUS SIGN}"


@register.filter
def money(amount: Decimal | None) -> str:
    """An amount with the currency's sign; nothing for no amount."""
    return "" if amount is None else format_money(amount)


@register.filter
def points(number: int | None) -> str:
    """Points with their digits grouped; nothing for none known."""
    return "" if number is None else format_number(number)


@register.filter
def share(part: Decimal | float | None) -> str:
    """A share of one as a percentage; nothing for none."""
    return "" if part is None else format_share(part)


@register.filter
def decimals(number: float | None, count: int) -> str:
    """An estimate with so many decimals; nothing for none."""
    return "" if number is None else format_decimals(number, count)


@register.filter
def signed_points(number: int | None) -> str:
    """Points as a change: +1,200, −300 with a true minus sign, or 0."""
    if number is None:
        return ""
    sign = "+" if number > 0 else MINUS if number < 0 else ""
    return sign + format_number(abs(number))


@register.filter
def day_text(on: date | None) -> str:
    """A last valid day as operators read it: 2026-03-31, or "for ever" where there is none."""
    return gettext("for ever") if on is None else on.isoformat()


@register.filter
def last_day(expires_at: datetime | None) -> date | None:
    """The last valid day of a half-open end, for ``|date``; None where there is no end."""
    return None if expires_at is None else clock.last_valid_day(expires_at)
