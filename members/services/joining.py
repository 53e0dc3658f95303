"""Somebody proved that they are reached at a contact: they join, or claim what a till began."""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from common import clock
from members import rules
from members.errors import (
    EmailTaken,
    LoginMissing,
    LoginOff,
    MemberClosed,
    PhoneTaken,
    TermsMissing,
)
from members.models import Agreement, ConsentText, ContactCode, Member, User
from members.rules import Contact

from . import give_login, record_consent, register_member
from .codes import use_code

PORTAL = "portal"


class Joining(TypedDict):
    """What somebody says when joining; `texts` are the wordings that they agreed to."""

    family_name: str
    given_name: str
    language: str
    password: str | None
    texts: Collection[ConsentText]


@transaction.atomic
def join_member(
    *, code: ContactCode, now: datetime | None = None, **said: Unpack[Joining]
) -> Member:
    """Make whoever typed a code a member with a login, or give the login to the member they are.

    A membership that a till began keeps its name where it has one. Whoever has a login by now,
    because somebody with the same contact was faster, keeps it and its password. Refused:
    a code that proves nothing any more (ProofExpired), no agreement to the terms (TermsMissing),
    a closed membership (MemberClosed).
    """
    at = now or clock.now()
    if not any(text.subject == ConsentText.Subject.TERMS for text in said["texts"]):
        raise TermsMissing
    use_code(code=code, now=at)
    member = _member_at(code.contact, said, at)
    if member.is_closed:
        raise MemberClosed
    if member.user_id is None:
        _complete(member, said)
        give_login(member=member, password=said["password"])
    _record_agreements(member, said, at)
    return member


def _member_at(contact: Contact, said: Joining, at: datetime) -> Member:
    if held := _locked(contact):
        return held
    try:
        return register_member(
            source=PORTAL,
            family_name=said["family_name"],
            given_name=said["given_name"],
            language=said["language"],
            phone=contact.address if contact.channel == rules.SMS else None,
            email=contact.address if contact.channel == rules.EMAIL else None,
            joined_at=at,
        )
    except (PhoneTaken, EmailTaken):
        # Somebody with the same contact was faster, and is visible by now.
        held = _locked(contact)
        if held is None:
            raise
        return held


def _locked(contact: Contact) -> Member | None:
    """Whose contact it is, as a lock: of a merged member the one who was kept."""
    rows = Member.objects.select_for_update(no_key=True)
    held = rows.reached_at(contact).first()
    if held is None or held.merged_into_id is None:
        return held
    return rows.get(pk=held.merged_into_id)


def _complete(member: Member, said: Joining) -> None:
    if not member.family_name and not member.given_name:
        member.family_name = said["family_name"].strip()
        member.given_name = said["given_name"].strip()
    member.language = Member.Language(said["language"])
    member.save(update_fields=["family_name", "given_name", "language"])


def _record_agreements(member: Member, said: Joining, at: datetime) -> None:
    for text in said["texts"]:
        if text.subject == ConsentText.Subject.TERMS:
            Agreement.objects.create(
                member=member, text=text, language=said["language"], at=at, source=PORTAL
            )
        else:
            record_consent(
                member=member,
                channel=text.subject,
                is_granted=True,
                source=PORTAL,
                at=at,
                text=text,
                language=said["language"],
            )


@transaction.atomic
def sign_in_by_code(*, code: ContactCode, now: datetime | None = None) -> User:
    """The login of whoever typed a code, which is used by this.

    Refused: nobody's login (LoginMissing), a closed membership (MemberClosed), a login that is
    switched off (LoginOff).
    """
    user = User.objects.reached_at(code.contact)
    if user is None or not Member.objects.filter(user=user).exists():
        raise LoginMissing
    refuse_closed(user)
    use_code(code=code, now=now or clock.now())
    return user


def refuse_closed(user: User) -> None:
    """Refuse a login that is switched off, or whose membership is closed."""
    member = Member.objects.filter(user=user).first()
    if member is not None and member.is_closed:
        raise MemberClosed
    if not user.is_active:
        raise LoginOff
