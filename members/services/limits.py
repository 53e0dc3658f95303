"""How often somebody may ask for codes and try passwords: counted by rows, one statement each.

A count is a transaction of its own, taken before what it counts: neither a burst of requests nor
a refusal undoes it. Rows name nobody: a phone number or an address is kept as a keyed digest.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from common import clock
from members.models import AccessCounter
from members.rules import Contact

MINUTE = timedelta(minutes=1)


def guesser_named(kind: str, *parts: str) -> str:
    """How a counter names somebody without naming them."""
    digest = salted_hmac("members.limits", "\n".join(parts), algorithm="sha256").hexdigest()
    return f"{kind}:{digest[:48]}"


def window_of(at: datetime, length: timedelta) -> int:
    """The window of that length in which an instant lies."""
    return int(at.timestamp() // length.total_seconds())


@transaction.atomic
def count_password(*, name: str, address: str, now: datetime | None = None) -> bool:
    """Count one password tried for a login from an address; False where too many were.

    `PASSWORD_TRIES` in `PASSWORD_PAUSE_MINUTES`. What axes counts is read, then written: a burst
    passes it, and stops here.
    """
    counters = AccessCounter.objects.all()
    return counters.open_and_count(
        guesser=_password_guesser(name, address),
        window=_password_window(now or clock.now()),
        most=settings.PASSWORD_TRIES,
    )


@transaction.atomic
def forget_passwords(*, name: str, address: str, now: datetime | None = None) -> None:
    """Begin to count anew after a right password."""
    counters = AccessCounter.objects.of(
        _password_guesser(name, address), _password_window(now or clock.now())
    )
    counters.update(tries=0)


@transaction.atomic
def count_passwords_from(*, address: str, now: datetime | None = None) -> bool:
    """Count one password tried from an address, for whomever; False where too many were."""
    counters = AccessCounter.objects.all()
    return counters.open_and_count(
        guesser=guesser_named("address", address),
        window=window_of(now or clock.now(), MINUTE),
        most=settings.PASSWORD_TRIES_PER_MINUTE,
    )


@transaction.atomic
def forgive_password_from(*, address: str, now: datetime | None = None) -> None:
    """Take back the one that was right."""
    window = window_of(now or clock.now(), MINUTE)
    AccessCounter.objects.of(guesser_named("address", address), window).count_down()


@transaction.atomic
def count_second_step(*, user_id: int, now: datetime | None = None) -> bool:
    """Count one code of the second step tried for a login; False where too many were."""
    counters = AccessCounter.objects.all()
    return counters.open_and_count(
        guesser=guesser_named("second", str(user_id)),
        window=_password_window(now or clock.now()),
        most=settings.SECOND_STEP_TRIES,
    )


@transaction.atomic
def forgive_second_step(*, user_id: int, now: datetime | None = None) -> None:
    """Take back the one that was right."""
    window = _password_window(now or clock.now())
    AccessCounter.objects.of(guesser_named("second", str(user_id)), window).count_down()


def count_code(*, contact: Contact, address: str, now: datetime) -> tuple[bool, bool]:
    """Count one code for a contact and for an address on a business day.

    `CODES_PER_CONTACT` and `CODES_PER_ADDRESS`; False for whichever is used up. Call it inside the
    transaction that makes the code: what is not sent is not counted, and the contact's row is the
    lock between two codes for it.
    """
    counters = AccessCounter.objects.all()
    day = clock.business_date(now).toordinal()
    is_ours = counters.open_and_count(
        guesser=guesser_named("code-to", contact.channel, contact.address),
        window=day,
        most=settings.CODES_PER_CONTACT,
    )
    is_here = counters.open_and_count(
        guesser=guesser_named("code-from", address), window=day, most=settings.CODES_PER_ADDRESS
    )
    return is_ours, is_here


def take_code_back(*, contact: Contact, address: str, at: datetime) -> None:
    """Forget a code that could not be sent."""
    day = clock.business_date(at).toordinal()
    for guesser in (
        guesser_named("code-to", contact.channel, contact.address),
        guesser_named("code-from", address),
    ):
        AccessCounter.objects.of(guesser, day).count_down()


def _password_guesser(name: str, address: str) -> str:
    return guesser_named("password", name, address)


def _password_window(at: datetime) -> int:
    return window_of(at, timedelta(minutes=settings.PASSWORD_PAUSE_MINUTES))
