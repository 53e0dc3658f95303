"""What is said about a person, in the active language."""

from datetime import date

from babel.dates import format_date, format_skeleton
from django.utils.translation import gettext, gettext_noop

from common.numbers import active_locale
from members.models import Member

LEAP_YEAR = 2000

# Where consents are given, as programs name it.
SOURCES = {
    "portal": gettext_noop("in the portal"),
    "till": gettext_noop("at the till"),
    "import": gettext_noop("taken over from another system"),
    "api": gettext_noop("through an app of the shop"),
    "sign-up": gettext_noop("when joining"),
}


def consent_source(source: str) -> str:
    """Where a consent was given, in words where there are some."""
    return gettext(SOURCES[source]) if source in SOURCES else source


def birthday_text(member: Member) -> str:
    """A member's birthday as it was told, with the year where there is one; blank if unknown."""
    year, month, day = member.birth_year, member.birth_month, member.birth_day
    if month is None or day is None:
        return ""
    if member.birth_calendar == Member.Calendar.LUNAR:
        told = {"year": year, "month": month, "day": day}
        if year is None:
            return gettext("day %(day)s of month %(month)s in the lunar calendar") % told
        return gettext("day %(day)s of month %(month)s %(year)s in the lunar calendar") % told
    if year is None:
        return format_skeleton("MMMMd", date(LEAP_YEAR, month, day), locale=active_locale())
    return format_date(date(year, month, day), "long", locale=active_locale())
