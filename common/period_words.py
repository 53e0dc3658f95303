"""Periods as sentences for people who do not know the grammar."""

from datetime import date

from babel.dates import format_skeleton
from django.utils.translation import gettext, ngettext

from .numbers import active_locale
from .periods import Period, PeriodError, Span


def in_words(text: str) -> str:
    """A period of the grammar as a phrase; a text that is none is given back as it is."""
    try:
        period = Period.parse(text)
    except PeriodError:
        return text
    if period.span is not None:
        return _counted(period, period.span)
    if period.is_never:
        return gettext("for ever")
    if period.fixed_day is not None:
        day = format_skeleton("MMMd", date(2024, *period.fixed_day), locale=active_locale())
        phrase = gettext("through the next %(day)s") % {"day": day}
    else:
        phrase = gettext("to the anniversary of joining")
    if period.minimum is None:
        return phrase
    return gettext("%(phrase)s, at least %(length)s") % {
        "phrase": phrase,
        "length": length(period.minimum),
    }


def length(span: Span) -> str:
    """“12 months” or “12 个月”."""
    match span.unit:
        case "D":
            text = ngettext("%(count)d day", "%(count)d days", span.count)
        case "W":
            text = ngettext("%(count)d week", "%(count)d weeks", span.count)
        case "M":
            text = ngettext("%(count)d month", "%(count)d months", span.count)
        case _:
            text = ngettext("%(count)d year", "%(count)d years", span.count)
    return text % {"count": span.count}


def _counted(period: Period, span: Span) -> str:
    phrase = length(span)
    if period.is_inactivity:
        phrase = gettext("%(length)s after the last activity") % {"length": phrase}
    rounded = {
        "": "%(phrase)s",
        "month": gettext("%(phrase)s, to the end of the month"),
        "quarter": gettext("%(phrase)s, to the end of the quarter"),
        "year": gettext("%(phrase)s, to the end of the year"),
    }
    return rounded[period.rounding] % {"phrase": phrase}
