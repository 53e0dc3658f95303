"""A member's phone number and e-mail address, which only a code changes."""

from datetime import datetime

from django.db import IntegrityError, transaction

from common import clock
from common.integrity import broken_constraint
from members import rules
from members.errors import EmailTaken, MemberClosed, PhoneTaken, ProofExpired
from members.models import ContactCode, Member
from members.rules import Contact
from members.sign_in_notices import CONTACT_CHANGED

from . import write_notice
from .codes import use_code
from .emails import follow_email

_TAKEN = {"member_phone_unique": PhoneTaken, "member_email_unique": EmailTaken}


@transaction.atomic
def change_contact(*, member: Member, code: ContactCode, now: datetime | None = None) -> Member:
    """Make the contact that a code proved the member's own, in place of the one before.

    The member is told in the inbox. Refused: a code that proves nothing any more or was asked for
    by another login (ProofExpired), a contact that another member holds (PhoneTaken, EmailTaken),
    a closed membership (MemberClosed).
    """
    at = now or clock.now()
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if locked.is_closed:
        raise MemberClosed
    if code.purpose != ContactCode.Purpose.CHANGE or code.user_id != locked.user_id:
        raise ProofExpired
    use_code(code=code, now=at)
    contact = code.contact
    _free_own(member, contact)
    if contact.channel == rules.SMS:
        member.phone = rules.parse_phone(contact.address)
        _save(member, "phone")
    else:
        member.email = contact.address
        _save(member, "email")
        follow_email(member=member)
    write_notice(
        member=member,
        kind=CONTACT_CHANGED,
        key=f"contact:{code.pk}",
        params={"channel": contact.channel, "masked": contact.masked},
        at=at,
    )
    return member


def _free_own(member: Member, contact: Contact) -> None:
    """A contact that a member has as somebody who was merged into them is theirs to keep."""
    field = "phone" if contact.channel == rules.SMS else "email"
    held = Member.objects.filter(merged_into=member, **{field: contact.address})
    held.update(**{field: None})


def _save(member: Member, field: str) -> None:
    try:
        with transaction.atomic():
            member.save(update_fields=[field])
    except IntegrityError as error:
        taken = _TAKEN.get(broken_constraint(error, Member) or "")
        if taken is None:
            raise
        raise taken from error
