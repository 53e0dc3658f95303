"""How the portal writes when a session takes place."""

from babel.dates import format_skeleton, format_time
from django import template

from benefits.models import EventSession
from common import clock
from common.numbers import active_locale

from .portal import moment

register = template.Library()

# A line may end behind a dash, unless it is joined to what follows.
TO = "\N{NO-BREAK SPACE}–\N{WORD JOINER}\N{NO-BREAK SPACE}"


@register.filter
def span(session: EventSession) -> str:
    """From when until when, in the programme's zone: one day once, two days both."""
    starts_at, ends_at = (
        at.astimezone(clock.zone()) for at in (session.starts_at, session.ends_at)
    )
    if starts_at.date() != ends_at.date():
        return f"{moment(starts_at)}{TO}{moment(ends_at)}"
    begins, ends = (format_time(at, "short", locale=active_locale()) for at in (starts_at, ends_at))
    on = format_skeleton("yMMMEd", starts_at.date(), locale=active_locale())
    return f"{on} {begins}{TO}{ends}"


@register.filter
def leaf_month(session: EventSession) -> str:
    """The month on a calendar's leaf: Dec or 12月."""
    local = session.starts_at.astimezone(clock.zone())
    return format_skeleton("MMM", local, locale=active_locale())


@register.filter
def leaf_day(session: EventSession) -> str:
    """The day on a calendar's leaf: 8."""
    return str(session.starts_at.astimezone(clock.zone()).day)
