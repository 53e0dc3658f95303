"""What can be said about a person without asking the database or the clock."""

import calendar
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber, to_python
from phonenumbers import country_code_for_region
from stdnum import luhn

from members.errors import BirthdayNotValid, ContactNotValid, EmailNotValid, PhoneNotValid

CARD_NUMBER_LENGTH = 16
LONGEST_LUNAR_MONTH = 30
FIRST_BIRTH_YEAR = 1900

SMS = "sms"
EMAIL = "email"
CODE_CHANNELS = [(SMS, _("text message")), (EMAIL, _("e-mail"))]
CODE_DIGITS = 6
# Wrong digits that one code bears; how long it may be typed in; how long what it proved holds.
CODE_TRIES = 5
CODE_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=15)
# Between two codes to one contact.
CODE_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True)
class Contact:
    """Where a code reaches somebody: a phone number or an e-mail address, in its one spelling."""

    channel: str
    address: str

    @property
    def shown(self) -> str:
        """As people read it: +86 138 0013 8000."""
        if self.channel == EMAIL:
            return self.address
        return str(to_python(self.address).as_international)

    @property
    def masked(self) -> str:
        """So much of it as its owner recognises, for logs and lists: +861••••8000, a•••@b.cn."""
        if self.channel == EMAIL:
            name, _at, domain = self.address.partition("@")
            return f"{name[:1]}•••@{domain}"
        return f"{self.address[:4]}••••{self.address[-4:]}"


def new_card_number() -> str:
    """Sixteen digits nobody can guess: fifteen from the system's randomness, one Luhn check digit.

    The first digit is never zero, so that a spreadsheet does not shorten the number.
    """
    lowest = 10 ** (CARD_NUMBER_LENGTH - 2)
    body = str(lowest + secrets.randbelow(9 * lowest))
    return body + luhn.calc_check_digit(body)


def is_card_number(text: str) -> bool:
    """Whether the text is sixteen digits whose check digit is right."""
    return (
        len(text) == CARD_NUMBER_LENGTH
        and text.isascii()
        and text.isdigit()
        and luhn.is_valid(text)
    )


def parse_phone(text: str | PhoneNumber | None) -> PhoneNumber | None:
    """The number in international form; without a country code it is one of the home region.

    Blank is None. Anything that is no possible number is refused with PhoneNotValid.
    """
    if isinstance(text, str):
        # Full-width digits come from Chinese input methods.
        text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    phone = to_python(text, region=settings.PHONENUMBER_DEFAULT_REGION)
    if not phone.is_valid():
        raise PhoneNotValid(phone=str(text))
    return phone


def parse_email(text: str | None) -> str | None:
    """The address in lower case; blank is None; anything else is refused with EmailNotValid."""
    email = unicodedata.normalize("NFKC", text or "").strip().lower()
    if not email:
        return None
    try:
        validate_email(email)
    except ValidationError as error:
        raise EmailNotValid(email=email) from error
    return email


def parse_contact(text: str) -> Contact:
    """Whatever somebody types to be reached by; refused where it is neither (ContactNotValid)."""
    try:
        if "@" in unicodedata.normalize("NFKC", text):
            return Contact(channel=EMAIL, address=parse_email(text) or "")
        if phone := parse_phone(text):
            return Contact(channel=SMS, address=str(phone))
    except (EmailNotValid, PhoneNotValid):
        pass
    raise ContactNotValid


def new_code() -> str:
    """Six digits from the system's randomness."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def plain_code(text: str) -> str:
    """The digits of a typed code, however they are grouped or wide."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "")


# The first that is found names it: WeChat's browser calls itself Chrome besides, Chrome Safari.
_BROWSERS = [
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
]
_SYSTEMS = [
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
]


def device_name(user_agent: str) -> str:
    """What a browser calls itself, for its owner to know it by: “Safari · iPhone”; or blank."""
    names = [
        next((name for mark, name in marks if mark in user_agent), "")
        for marks in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(name for name in names if name)


def plain_login(text: str) -> str:
    """One spelling for whatever someone may type to sign in."""
    try:
        phone = parse_phone(text)
    except PhoneNotValid:
        phone = None
    return str(phone) if phone else unicodedata.normalize("NFKC", text).strip().lower()


def phone_beginning(text: str) -> str:
    """The international form of the first digits of a number; the home region's without a plus."""
    digits = "".join(letter for letter in text if letter.isdecimal())
    if text.startswith("+"):
        return f"+{digits}"
    region_code = country_code_for_region(settings.PHONENUMBER_DEFAULT_REGION)
    return f"+{region_code}{digits.removeprefix('0')}"


def name_guesses(text: str) -> list[tuple[str, str]]:
    """How a full name may part into (family name, given name); a single word is a family name.

    Without spaces, as 王小明 is written, the family name has one letter or two.
    """
    words = text.split()
    if len(words) > 1:
        last, first = words[-1], words[0]
        return [(last, " ".join(words[:-1])), (first, " ".join(words[1:]))]
    if text and _is_han(text):
        return [(text[:size], text[size:]) for size in (1, 2) if len(text) > size]
    return []


def check_birthday(
    *, year: int | None, month: int | None, day: int | None, is_lunar: bool, today: date
) -> None:
    """Refuse with BirthdayNotValid what is no day of the calendar or lies in the future.

    Month and day come together; the year may stay unknown. Without a year 29 February is a day.
    A lunar month has at most 30 days.
    """
    if (month is None) != (day is None):
        raise BirthdayNotValid
    if year is not None and not FIRST_BIRTH_YEAR <= year <= today.year:
        raise BirthdayNotValid
    if month is None or day is None:
        return
    if not 1 <= month <= 12:
        raise BirthdayNotValid
    if is_lunar:
        longest = LONGEST_LUNAR_MONTH
    else:
        leap_year = 2000
        longest = calendar.monthrange(year or leap_year, month)[1]
    if not 1 <= day <= longest:
        raise BirthdayNotValid
    if year is not None and not is_lunar and date(year, month, day) > today:
        raise BirthdayNotValid


def full_name(*, family_name: str, given_name: str) -> str:
    """The name as its bearer would write it: 王小明, but Anna Schmidt; blank when unknown."""
    if _is_han(family_name) and _is_han(given_name):
        return family_name + given_name
    return f"{given_name} {family_name}".strip()


def _is_han(text: str) -> bool:
    return all(letter in "·〇" or "CJK UNIFIED" in unicodedata.name(letter, "") for letter in text)
