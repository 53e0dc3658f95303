"""An upgrade against an override, a refund against the night's review, on PostgreSQL."""

import threading
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from loyalty import jobs
from loyalty.models import Ladder, Purchase, Standing, Tier, TierChange, TierOverride
from loyalty.models.points import PointsAccountQuerySet
from loyalty.models.standings import StandingQuerySet
from loyalty.services.overrides import effective_at, grant_override
from loyalty.services.purchases import record_refund
from loyalty.services.standings import upgrade_tier
from members.models import Member
from tests.loyalty.ledgers import buy, new_member
from tests.loyalty.programmes import local, plain_programme
from tests.loyalty.reviews import bought

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MAY = local(2025, 5, 1, 12)
NIGHT = date(2025, 5, 3)
EACH = 12
ROUNDS = 5
ATTEMPTS = 30
EVERYONE = 10**9


# An upgrade and an override at once


def race_up() -> tuple[Member, list[str]]:
    """Twelve who raise a member to gold and twelve who lift them to black, by one key."""
    member = new_member()
    buy(member, "1.00", MAY)
    bought(member, "2000.00", MAY)
    black = Tier.objects.get(code="black")

    def rise() -> None:
        with transaction.atomic():
            upgrade_tier(member=member, now=MAY + timedelta(hours=1))

    def lift() -> None:
        grant_override(
            member=member,
            kind="operator",
            tier=black,
            ends_at=local(2025, 6, 1),
            reason="A long wait",
            key="k",
            now=MAY + timedelta(hours=1),
        )

    acts = [outcome(act, IntegrityError) for act in (rise, lift) for _ in range(EACH)]
    return member, all_at_once(acts)


def is_sound(member: Member, endings: list[str]) -> bool:
    changes = TierChange.objects.filter(member=member).order_by("id")
    moves = list(changes.values_list("cause", "to_tier__code"))
    tiers = list(Tier.objects.by_rank())
    at = MAY + timedelta(hours=2)
    held = [effective_at(member, when, tiers) for when in (at, local(2025, 6, 1))]
    return (
        set(endings) == {"done"}
        and moves == [("entry", "member"), ("upgrade", "gold")]
        and TierOverride.objects.filter(member=member).count() == 1
        and [tier.code for tier in held if tier] == ["black", "gold"]
    )


def test_an_upgrade_and_an_override_both_hold(transactional_db: None) -> None:
    plain_programme()
    assert all(is_sound(*race_up()) for _ in range(ROUNDS))


def test_they_break_without_the_locks(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    plain_programme()
    unlock(monkeypatch)
    assert not all(is_sound(*race_up()) for _ in range(ATTEMPTS))


def unlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read instead of locked."""

    def unlocked(accounts: PointsAccountQuerySet) -> PointsAccountQuerySet:
        return accounts.order_by("id")

    monkeypatch.setattr(PointsAccountQuerySet, "locked", unlocked)
    monkeypatch.setattr(StandingQuerySet, "locked_for", StandingQuerySet.for_member)


# A refund while the night reviews


@pytest.fixture
def sold(transactional_db: None) -> Purchase:
    """A purchase that is gold, with a fact that the night looks at."""
    plain_programme()
    Ladder.objects.update(refunds="reevaluate")
    sold = buy(new_member(), "2000.00", MAY)
    Standing.objects.update(reviewed_at=MAY - timedelta(days=1))
    return sold


def refund_within_the_review(
    sold: Purchase, monkeypatch: pytest.MonkeyPatch, *, is_locked: bool = True
) -> None:
    """The night has added up when the refund begins; it waits for it as long as a lock lets it."""
    added_up, refunded = threading.Event(), threading.Event()
    execute, fetch = jobs.execute_sql, jobs.fetch_sql

    def execute_sql(app: str, name: str, params: Mapping[str, object]) -> list[int]:
        if name == "decide_tiers":
            added_up.set()
            refunded.wait(timeout=2)
        return execute(app, name, params)

    def fetch_sql(app: str, name: str, params: Mapping[str, object]) -> list[tuple[object, ...]]:
        skips = name == "lock_members_to_review" and not is_locked
        return [] if skips else fetch(app, name, params)

    def review() -> None:
        with transaction.atomic():
            jobs.review_tiers(NIGHT, 1, EVERYONE)

    def refund() -> None:
        added_up.wait(timeout=20)
        record_refund(
            source="till",
            external_id="R",
            at=MAY + timedelta(days=1),
            amount=Decimal("0.01"),
            purchase=sold,
            now=MAY + timedelta(days=1),
        )
        refunded.set()

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "execute_sql", execute_sql)
        patched.setattr(jobs, "fetch_sql", fetch_sql)
        acts: list[Callable[[], None]] = [review, refund]
        all_at_once(acts)


def next_night() -> Mapping[str, int]:
    with transaction.atomic():
        return jobs.review_tiers(NIGHT + timedelta(days=1), 1, EVERYONE)


def test_a_refund_within_the_review_is_the_next_nights(
    sold: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund_within_the_review(sold, monkeypatch)
    assert Standing.objects.get().has_late_fact
    assert next_night() == {"refunded": 1}


def test_the_refund_is_lost_without_the_lock(
    sold: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the night says that it has seen what it had not added up."""
    refund_within_the_review(sold, monkeypatch, is_locked=False)
    assert next_night() == {}
