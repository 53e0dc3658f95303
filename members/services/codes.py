"""A code is made for a contact, typed in by whoever received it, and used once."""

import hmac
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from common import clock
from members import rules
from members.errors import (
    CodeExpired,
    CodeTooSoon,
    CodeUsedUp,
    CodeWrong,
    ProofExpired,
    TooManyCodes,
    TooManyCodesHere,
)
from members.models import AccessCounter, ContactCode, User
from members.rules import Contact

from .limits import count_code, take_code_back

# Counters and codes are kept for a while, for whoever asks what happened; then nobody needs them.
KEPT = timedelta(days=2)


@transaction.atomic
def issue_code(
    *,
    purpose: str,
    contact: Contact,
    address: str,
    user: User | None = None,
    now: datetime | None = None,
) -> tuple[ContactCode, str]:
    """Make a code for a contact, asked for from an address; gives it with its digits.

    The digits are nowhere else: whoever calls sends them. Nobody asks here whose contact it is, so
    that nothing tells. Refused: one sooner than a minute after the last (CodeTooSoon), more than
    `CODES_PER_CONTACT` to one contact (TooManyCodes) or `CODES_PER_ADDRESS` from one address
    (TooManyCodesHere) on a business day. What is refused is not counted.
    """
    at = now or clock.now()
    is_ours, is_here = count_code(contact=contact, address=address, now=at)
    if not is_ours:
        raise TooManyCodes
    if not is_here:
        raise TooManyCodesHere
    # The contact's counter is locked by now: two that ask at once do not both pass.
    sent = ContactCode.objects.filter(address=contact.address)
    if sent.filter(created_at__gt=at - rules.CODE_PAUSE).exists():
        raise CodeTooSoon
    code = ContactCode.objects.create(
        purpose=purpose,
        channel=contact.channel,
        address=contact.address,
        user=user,
        created_at=at,
        expires_at=at + rules.CODE_LASTS,
    )
    digits = rules.new_code()
    code.digest = _digest(code, digits)
    code.save(update_fields=["digest"])
    return code, digits


@transaction.atomic
def drop_code(*, code: ContactCode, address: str) -> None:
    """Forget a code that could not be sent: it may be asked for again at once."""
    take_code_back(contact=code.contact, address=address, at=code.created_at)
    code.delete()


def verify_code(*, code: ContactCode, typed: str, now: datetime | None = None) -> ContactCode:
    """Say that the digits are right, once.

    A try is counted before the digits are looked at, in a transaction of its own: a code bears
    five tries however many come at once. Refused: CodeExpired, CodeUsedUp, CodeWrong.
    """
    at = now or clock.now()
    ours = ContactCode.objects.filter(pk=code.pk)
    with transaction.atomic():
        is_counted = ours.count_try(at=at)
    if not is_counted:
        is_open = ours.open(at=at).exists()
        raise CodeUsedUp if is_open else CodeExpired
    if not hmac.compare_digest(_digest(code, rules.plain_code(typed)), code.digest):
        is_last = ours.filter(tries__gte=rules.CODE_TRIES).exists()
        raise CodeUsedUp if is_last else CodeWrong
    if not ours.verify(at=at):
        raise CodeExpired
    code.refresh_from_db()
    return code


def use_code(*, code: ContactCode, now: datetime) -> None:
    """Take what a code proved, inside the transaction of what it allows; once (ProofExpired)."""
    if not ContactCode.objects.filter(pk=code.pk).use(at=now):
        raise ProofExpired
    code.used_at = now


@transaction.atomic
def forget_codes(*, now: datetime | None = None) -> int:
    """Delete codes that nobody can use any more, and counters of windows gone by."""
    before = (now or clock.now()) - KEPT
    gone = ContactCode.objects.filter(created_at__lt=before).delete()[0]
    return gone + AccessCounter.objects.filter(opened_at__lt=before).delete()[0]


def _digest(code: ContactCode, digits: str) -> str:
    return salted_hmac("members.codes", f"{code.pk}:{digits}", algorithm="sha256").hexdigest()
