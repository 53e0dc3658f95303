"""Joining and signing in by several at once, on PostgreSQL, each with a control without guards."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from axes.handlers.database import AxesDatabaseHandler
from django.db import connection, models
from django.test import Client
from pytest_django import Settings

from common import clock
from common.append_only import drop_triggers
from common.models import TryCounterQuerySet
from members import rules, services
from members.errors import (
    CodeExpired,
    CodeTooSoon,
    CodeUsedUp,
    CodeWrong,
    EmailTaken,
    LoginExists,
    PhoneTaken,
    ProofExpired,
    TooManyCodes,
)
from members.models import AccessCounter, Consent, ContactCode, Member, User
from members.models.codes import AccessCounterQuerySet, ContactCodeQuerySet
from members.models.people import MemberQuerySet
from members.rules import Contact, parse_contact
from members.services import joining
from members.services.codes import issue_code, verify_code
from members.services.consent_texts import current_texts
from members.services.contacts import change_contact
from members.services.joining import join_member
from tests.factories import MemberFactory, member_with_login

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 20
ROUNDS = 3
# Without the guards a collision is likely, not certain: a control tries this often.
ATTEMPTS = 30

CONSTRAINTS: list[tuple[type[models.Model], str]] = [
    (Member, "member_phone_unique"),
    (Member, "member_email_unique"),
    (ContactCode, "contactcode_tries_bounded"),
]


def count_up(rows: TryCounterQuerySet, *, most: int) -> bool:
    counter = rows.get()
    if counter.tries >= most:
        return False
    return AccessCounter.objects.filter(pk=counter.pk).update(tries=counter.tries + 1) == 1


def count_try(rows: ContactCodeQuerySet, *, at: Any) -> bool:
    code = rows.open(at=at).first()
    if code is None or code.tries >= 5:
        return False
    return ContactCode.objects.filter(pk=code.pk).update(tries=code.tries + 1) == 1


def used_anyhow(rows: ContactCodeQuerySet, *, at: Any) -> bool:
    code = rows.get()
    if code.used_at is not None:
        return False
    return ContactCode.objects.filter(pk=code.pk).update(used_at=at) == 1


def held_unlocked(contact: Contact) -> Member | None:
    return Member.objects.reached_at(contact).order_by("pk").first()


@pytest.fixture
def unguarded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Counters are read, then written; no row is locked and no constraint stands behind."""

    monkeypatch.setattr(AccessCounterQuerySet, "count_up", count_up)
    monkeypatch.setattr(ContactCodeQuerySet, "count_try", count_try)
    monkeypatch.setattr(ContactCodeQuerySet, "use", used_anyhow)
    monkeypatch.setattr(joining, "_locked", held_unlocked)
    # Writing the name down would lock the member's row as well.
    monkeypatch.setattr(joining, "_complete", lambda member, said: None)
    monkeypatch.setattr(MemberQuerySet, "select_for_update", lambda rows, **_how: rows)
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.remove_constraint(model, constraint(model, name))
    yield
    # What the race has broken must go before the constraints can come back.
    drop_triggers(connection)
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE members_member, members_contactcode CASCADE")
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.add_constraint(model, constraint(model, name))


def constraint(model: type[models.Model], name: str) -> models.BaseConstraint:
    return next(found for found in model._meta.constraints if found.name == name)


def breaks(race: Callable[[], bool]) -> bool:
    """Run a race without its guards until it goes wrong."""
    return any(not race() for _attempt in range(ATTEMPTS))


def phone_of(number: int) -> Contact:
    return parse_contact(f"+86139{number:08}")


def unused() -> Contact:
    """A phone number that nobody has and no code went to."""
    return phone_of(Member.objects.count() + ContactCode.objects.count() + 1)


def proof(contact: Contact, *, purpose: str = "join", user: User | None = None) -> ContactCode:
    """A code that a visitor has just typed in; services would make the next one wait a minute."""
    now = clock.now()
    return ContactCode.objects.create(
        purpose=purpose,
        channel=contact.channel,
        address=contact.address,
        user=user,
        expires_at=now + rules.CODE_LASTS,
        verified_at=now,
    )


# --- One phone, many sign-ups -----------------------------------------------------------------


def said() -> Any:
    return {
        "family_name": "王",
        "given_name": "小明",
        "language": "en",
        "password": None,
        "texts": [current_texts()["sms"], current_texts()["terms"]],
    }


def join_at_once() -> bool:
    contact = unused()
    words = said()
    codes = [proof(contact) for _ in range(THREADS)]
    joins = [
        outcome(partial(join_member, code=code, **words), PhoneTaken, LoginExists) for code in codes
    ]
    all_at_once(joins)
    members = Member.objects.filter(phone=contact.address)
    return [member.user_id is not None for member in members] == [True]


def test_many_sign_ups_with_one_phone_are_one_member() -> None:
    for _round in range(ROUNDS):
        assert join_at_once()
    assert (Member.objects.count(), User.objects.count()) == (ROUNDS, ROUNDS)


def test_many_sign_ups_with_one_phone_are_many_without_guards(unguarded: None) -> None:
    assert breaks(join_at_once)


def claim_at_once() -> bool:
    """Of many who claim one membership, all get the same login."""
    contact = unused()
    member = MemberFactory.create(phone=contact.address)
    words = said()
    codes = [proof(contact) for _ in range(THREADS)]
    claim = [partial(join_member, code=code, **words) for code in codes]
    before = User.objects.count()
    all_at_once([outcome(act, LoginExists) for act in claim])
    member.refresh_from_db()
    return member.user_id is not None and User.objects.count() == before + 1


def test_many_claims_give_one_login() -> None:
    for _round in range(ROUNDS):
        assert claim_at_once()


def test_many_claims_give_many_logins_without_guards(unguarded: None) -> None:
    assert breaks(claim_at_once)


def use_one_proof_often() -> bool:
    """One code joins once, however often it is sent in."""
    contact = unused()
    words = said()
    code = proof(contact)
    before = Consent.objects.count()
    joins = [
        outcome(partial(join_member, code=code, **words), ProofExpired, PhoneTaken, LoginExists)
    ] * THREADS
    all_at_once(joins)
    return Consent.objects.count() == before + 1


def test_one_proof_is_used_once() -> None:
    for _round in range(ROUNDS):
        assert use_one_proof_often()


def test_one_proof_is_used_often_without_guards(unguarded: None) -> None:
    assert breaks(use_one_proof_often)


# --- Changing to one contact -----------------------------------------------------------------


def change_at_once() -> bool:
    contact = unused()
    members = [member_with_login(phone=phone_of(90_000_000 + n).address) for n in ids(5)]
    codes = [proof(contact, purpose="change", user=member.user) for member in members]
    changes = [
        outcome(partial(change_contact, member=member, code=code), PhoneTaken, EmailTaken)
        for member, code in zip(members, codes, strict=True)
    ]
    all_at_once(changes)
    return Member.objects.filter(phone=contact.address).count() == 1


def ids(count: int) -> range:
    start = Member.objects.count()
    return range(start, start + count)


def test_one_contact_becomes_one_members() -> None:
    for _round in range(ROUNDS):
        assert change_at_once()


def test_one_contact_becomes_several_members_without_guards(unguarded: None) -> None:
    assert breaks(change_at_once)


# --- Bursts ------------------------------------------------------------------------------------


def guess_in_a_burst() -> bool:
    """Of many wrong digits that come at once, five are looked at."""
    contact = unused()
    code, digits = issue_code(purpose="sign_in", contact=contact, address="192.0.2.1")
    LOOKED_AT.clear()
    other = f"{(int(digits) + 1) % 1_000_000:06}"
    guess = partial(verify_code, code=code, typed=other)
    all_at_once([outcome(guess, CodeWrong, CodeUsedUp, CodeExpired)] * THREADS)
    return [code.pk] * 5 == LOOKED_AT


LOOKED_AT: list[int] = []


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Note each time that typed digits are compared with a code's."""
    digest = services.codes._digest

    def noted(code: ContactCode, digits: str) -> str:
        LOOKED_AT.append(code.pk)
        return digest(code, digits)

    monkeypatch.setattr(services.codes, "_digest", noted)


def test_a_burst_of_guesses_is_stopped(watched: None) -> None:
    for _round in range(ROUNDS):
        assert guess_in_a_burst()


def test_a_burst_of_guesses_passes_without_guards(watched: None, unguarded: None) -> None:
    assert breaks(guess_in_a_burst)


def ask_in_a_burst() -> bool:
    """Of many who ask for a code to one contact at once, one gets it."""
    contact = unused()
    ask = partial(issue_code, purpose="sign_in", contact=contact, address="192.0.2.1")
    told = all_at_once([outcome(ask, CodeTooSoon, TooManyCodes)] * THREADS)
    return told.count("done") == 1


def test_a_burst_of_questions_sends_one_code(settings: Settings) -> None:
    settings.CODES_PER_ADDRESS = 10_000
    for _round in range(ROUNDS):
        assert ask_in_a_burst()


def test_a_burst_of_questions_sends_many_without_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    # The contact's counter is the lock between two codes: without it nobody waits.
    monkeypatch.setattr(services.codes, "count_code", lambda **_asked: (True, True))
    assert breaks(ask_in_a_burst)


def try_passwords_at_once() -> bool:
    """Of many wrong passwords that come at once, eight are looked at."""
    AccessCounter.objects.all().delete()
    name = f"nobody{ContactCode.objects.count()}"
    TRIED.clear()

    def attempt() -> int:
        return Client().post("/login/", {"login": name, "password": "wrong"}).status_code

    all_at_once([attempt] * THREADS)
    return len(TRIED) == 8


TRIED: list[str] = []


@pytest.fixture
def passwords_watched(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Note each password that is looked at; axes sees no failure yet, as in a burst."""
    check = services.limits.count_password

    def counted(**asked: Any) -> bool:
        is_counted = check(**asked)
        if is_counted:
            TRIED.append(asked["name"])
        return is_counted

    settings.PASSWORD_TRIES_PER_MINUTE = 1_000_000
    monkeypatch.setattr(services.limits, "count_password", counted)
    monkeypatch.setattr(AxesDatabaseHandler, "get_failures", lambda *_, **__: 0)


def test_a_burst_of_passwords_is_stopped(passwords_watched: None) -> None:
    for _round in range(ROUNDS):
        assert try_passwords_at_once()


def test_a_burst_of_passwords_passes_without_guards(
    passwords_watched: None, unguarded: None
) -> None:
    assert breaks(try_passwords_at_once)
