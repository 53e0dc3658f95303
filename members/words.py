"""What is said about a person, in the active language."""

from datetime import date

from babel.dates import format_date, format_skeleton
from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, gettext, gettext_noop

from common.numbers import active_locale
from members import rules
from members.channels import Message
from members.models import ContactCode, Member

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


def code_message(code: ContactCode, digits: str) -> Message:
    """What carries a code, in the active language; `digits` besides for providers' templates."""
    told = {
        "code": digits,
        "programme": settings.PROGRAMME_NAME,
        "minutes": rules.CODE_LASTS.seconds // 60,
    }
    titles = {
        "sign_in": gettext("%(code)s is your code to sign in to %(programme)s"),
        "join": gettext("%(code)s is your code to join %(programme)s"),
        "reset": gettext("%(code)s is your code for a new password at %(programme)s"),
        "change": gettext("%(code)s is your code to be reached here by %(programme)s"),
        "confirm": gettext("%(code)s is your code to confirm who you are at %(programme)s"),
    }
    body = gettext(
        "It holds for %(minutes)s minutes. Give it to nobody: we never ask for it. "
        "If you did not ask for a code, do nothing."
    )
    return Message(
        title=titles[code.purpose] % told,
        body=body % told,
        address="",
        language=get_language() or settings.LANGUAGE_CODE,
        code=digits,
        is_service=True,
    )


def contact_changed_message(code: ContactCode) -> Message:
    """What is sent to the contact that a member was reached at before."""
    told = {"programme": settings.PROGRAMME_NAME, "contact": code.contact.masked}
    title = gettext("Your contact at %(programme)s was changed")
    body = gettext("It is %(contact)s now. Was it not you? Tell us in the shop at once.")
    return Message(
        title=title % told,
        body=body % told,
        address="",
        language=get_language() or settings.LANGUAGE_CODE,
        is_service=True,
    )


def first_text(subject: str, language: str) -> str:
    """The wording that a subject begins with, until operators write the programme's own."""
    with translation.override(language):
        texts = {
            "terms": gettext(
                "I want to be a member of %(programme)s. My name, my contact, my purchases and "
                "what I do with points and offers are kept and used to run the membership, for as "
                "long as I am a member. They are given to nobody else for their own purposes. I "
                "can see them, have them corrected and end the membership at any time."
            ),
            "email": gettext("%(programme)s may send me news and offers by e-mail."),
            "sms": gettext("%(programme)s may send me news and offers by text message."),
            "wechat": gettext("%(programme)s may send me news and offers by WeChat."),
            "phone": gettext("%(programme)s may call me about news and offers."),
        }
        return texts[subject] % {"programme": settings.PROGRAMME_NAME}
