"""How the portal writes card numbers and dates."""

from datetime import date, datetime

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_percent
from django import template

from common import clock
from common.numbers import active_locale

register = template.Library()

GROUP = 4


@register.filter
def card_groups(card_number: str) -> str:
    """A card number as people read it aloud: in groups of four."""
    starts = range(0, len(card_number), GROUP)
    return " ".join(card_number[start : start + GROUP] for start in starts)


@register.filter
def day(on: date | None) -> str:
    """A business date in full: Dec 8, 2026 or 2026年12月8日; nothing for none."""
    return "" if on is None else format_date(on, "medium", locale=active_locale())


@register.filter
def short_day(on: date) -> str:
    """A business date without this year: Dec 8 or 12月8日; other years are told."""
    return day_of_month(on) if on.year == clock.today().year else day(on)


@register.filter
def day_of_month(on: date) -> str:
    """A business date under a heading that tells the year: Dec 8 or 12月8日."""
    return format_skeleton("MMMd", on, locale=active_locale())


@register.filter
def month(on: date) -> str:
    """A month and its year: December 2026 or 2026年12月."""
    return format_skeleton("yMMMM", on, locale=active_locale())


@register.filter
def moment(at: datetime) -> str:
    """An instant as day and time in the programme's zone."""
    local = at.astimezone(clock.zone())
    return f"{day(local.date())} {format_time(local, 'short', locale=active_locale())}"


@register.filter
def chance(share: float) -> str:
    """A share of one to the hundredth of a percent: 0.25%, 10%."""
    return format_percent(share, format="#,##0.##%", locale=active_locale())
