"""An operator lets pending points be spent before their time."""

from datetime import datetime, timedelta

import pytest

from loyalty.errors import (
    ActivationReasonMissing,
    InsufficientPoints,
    LotNotPending,
    NothingPending,
    ReasonTooLong,
)
from loyalty.jobs import activate_points
from loyalty.models import LotChange, LotChangeNote, PointsEntry, PointsLot
from loyalty.services.activation import activate_lot, activate_pending
from loyalty.services.points import earn_points, redeem_points
from members.models import Member, User
from tests.factories import OperatorFactory

from .ledgers import account_of, buy, give_back, lots_of, new_member
from .programmes import base_points, local, plain_programme
from .reviews import EVERYONE
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock
from .tampering import broken

pytestmark = pytest.mark.django_db

EARNED = local(2025, 1, 10, 12)
NOW = local(2025, 1, 12, 9)
SPENDABLE = local(2025, 1, 18)


@pytest.fixture
def operator() -> User:
    return OperatorFactory()


def holder(*points: int, at: datetime = EARNED) -> Member:
    """A member with a lot, pending for a week, for each number."""
    member = new_member()
    for number, count in enumerate(points):
        earn_points(member=member, points=count, key=f"e{number}", now=at)
    return member


def test_lets_a_lot_be_spent_at_once(operator: User) -> None:
    base_points(holding="7D", expiry="12M")
    member = holder(100, 50)
    lot = lots_of(member)[0]
    with pytest.raises(InsufficientPoints):
        redeem_points(member=member, points=1, key="early", now=NOW)
    change = activate_lot(lot=lot, operator=operator, reason="A birthday", now=NOW)
    assert (change.field, change.before, change.after) == ("available_at", SPENDABLE, NOW)
    assert (change.points, change.at, change.after_entry) == (100, NOW, 2)
    assert (change.cause, change.operator, change.note.text) == (
        "activated",
        operator,
        "A birthday",
    )
    redeem_points(member=member, points=100, key="r", now=NOW)
    first, second = lots_of(member)
    assert (first.available_at, first.activated_on) == (NOW, NOW.date())
    assert (first.expires_at, first.remaining) == (local(2026, 1, 11), 0)
    assert (second.available_at, second.activated_on) == (SPENDABLE, None)
    assert PointsEntry.objects.count() == 3
    assert broken() == {}


def test_lets_all_of_a_member_be_spent(operator: User) -> None:
    base_points(holding="7D")
    member, other = holder(100, 50), holder(7)
    changes = activate_pending(member=member, operator=operator, reason="Kind", now=NOW)
    assert [change.points for change in changes] == [100, 50]
    assert LotChangeNote.objects.count() == 2
    assert [lot.available_at for lot in lots_of(other)] == [SPENDABLE]
    with pytest.raises(NothingPending):
        activate_pending(member=member, operator=operator, reason="Kind", now=NOW)
    assert LotChange.objects.count() == 2
    assert broken() == {}


def test_doing_it_again_gives_the_first_change_back(operator: User) -> None:
    base_points(holding="7D")
    (lot,) = lots_of(holder(100))
    first = activate_lot(lot=lot, operator=operator, reason="Kind", now=NOW)
    later = NOW + timedelta(days=400)
    assert activate_lot(lot=lot, operator=operator, reason="Again", now=later) == first
    assert LotChange.objects.count() == LotChangeNote.objects.count() == 1


@pytest.mark.parametrize(
    ("now", "is_pending"),
    [
        (SPENDABLE - timedelta(microseconds=1), True),
        (SPENDABLE, False),
        (SPENDABLE + timedelta(days=40), False),
    ],
)
def test_refuses_what_is_not_pending(operator: User, now: datetime, is_pending: bool) -> None:
    base_points(holding="7D", expiry="1M")
    (lot,) = lots_of(holder(100))
    if is_pending:
        activate_lot(lot=lot, operator=operator, reason="Kind", now=now)
    else:
        with pytest.raises(LotNotPending):
            activate_lot(lot=lot, operator=operator, reason="Kind", now=now)
    assert LotChange.objects.count() == int(is_pending)


def test_refuses_a_lot_that_a_refund_has_emptied(operator: User) -> None:
    plain_programme(holding="7D")
    member = new_member()
    purchase = buy(member, "40.00", EARNED)
    give_back(purchase, "40.00", EARNED)
    with pytest.raises(LotNotPending):
        activate_lot(lot=lots_of(member)[0], operator=operator, reason="Kind", now=NOW)


@pytest.mark.parametrize(
    ("reason", "refusal"), [("  ", ActivationReasonMissing), ("x" * 501, ReasonTooLong)]
)
def test_needs_a_reason(operator: User, reason: str, refusal: type[Exception]) -> None:
    base_points(holding="7D")
    member = holder(100)
    with pytest.raises(refusal):
        activate_lot(lot=lots_of(member)[0], operator=operator, reason=reason, now=NOW)
    with pytest.raises(refusal):
        activate_pending(member=member, operator=operator, reason=reason, now=NOW)
    assert not LotChange.objects.exists()


def test_the_night_leaves_what_was_activated_alone(operator: User) -> None:
    base_points(holding="7D")
    (lot,) = lots_of(holder(100))
    activate_lot(lot=lot, operator=operator, reason="Kind", now=NOW)
    assert activate_points(SPENDABLE.date(), 1, EVERYONE) == {"lots": 0}
    assert PointsLot.objects.get().activated_on == NOW.date()


def test_ledger_time_does_not_go_back(operator: User) -> None:
    base_points(holding="7D")
    member = holder(100)
    (lot,) = lots_of(member)
    change = activate_lot(lot=lot, operator=operator, reason="Kind", now=EARNED - timedelta(days=1))
    assert change.at == account_of(member).last_entry_at == EARNED
    assert broken() == {}


def test_a_refund_takes_from_what_was_activated_as_from_any_live_lot(operator: User) -> None:
    plain_programme(holding="7D", expiry="12M")
    member = new_member()
    old = buy(member, "40.00", local(2024, 12, 1))
    purchase = buy(member, "60.00", EARNED)
    activate_pending(member=member, operator=operator, reason="Kind", now=NOW)
    give_back(purchase, "50.00", NOW)
    assert old.entries.count() == 1
    assert [lot.remaining for lot in lots_of(member)] == [0, 50]
    assert broken() == {}


def test_holds_the_lock_for_few_round_trips(operator: User) -> None:
    base_points(holding="7D")
    (lot,) = lots_of(holder(100))
    statements = under_the_lock(
        lambda: activate_lot(lot=lot, operator=operator, reason="Kind", now=NOW)
    )
    assert len(statements) <= MOST_UNDER_A_LOCK
