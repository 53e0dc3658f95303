"""Changed dates: proofs and looking back read those in force at the entry; planted violations."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from common.append_only import drop_triggers
from common.integrity import broken_constraint
from loyalty.as_of import AccountAsOf, points_as_of
from loyalty.jobs import expire_points
from loyalty.models import ExpiryEvidence, LotAllocation, LotChange, PointsEntry, PointsLot
from loyalty.services.activation import activate_lot
from loyalty.services.points import earn_points, redeem_points
from members.models import Member
from tests.factories import OperatorFactory

from .ledgers import lots_of, new_member
from .programmes import base_points, local
from .redatings import redate
from .reviews import EVERYONE
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

EARNED = local(2025, 1, 10, 12)
NOW = local(2025, 6, 1, 9)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def member() -> Member:
    """100 points until 10 January, 30 of them spent, and 50 until 10 February."""
    base_points(expiry="12M")
    member = new_member()
    earn_points(member=member, points=100, key="a", now=EARNED)
    earn_points(member=member, points=50, key="b", now=local(2025, 2, 10))
    redeem_points(member=member, points=30, key="r", now=NOW)
    return member


def redated(expiry: str, **choice: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        redate(expiry, **{"key": expiry, **choice})


def held(member: Member, at: datetime) -> AccountAsOf:
    (account,) = points_as_of(member, at).accounts
    return account


# What was right when it happened stays right


def test_an_order_that_is_another_now_was_right_then(member: Member) -> None:
    redated("24M", earned_until=EARNED.date())
    first, second = lots_of(member)
    assert (first.expires_at, second.expires_at) == (local(2027, 1, 11), local(2026, 2, 11))
    redeem_points(member=member, points=10, key="s", now=NOW)
    assert [lot.remaining for lot in lots_of(member)] == [70, 40]
    assert broken() == {}


def test_finds_a_wrong_order_by_the_dates_in_force(member: Member) -> None:
    redated("24M", earned_until=EARNED.date())
    spent = redeem_points(member=member, points=10, key="s", now=NOW)
    first, second = lots_of(member)
    overwrite(spent.allocations.get(), lot=first)
    overwrite(first, remaining=60)
    overwrite(second, remaining=50)
    row = ("entry", spent.pk, "left in lots that expire sooner", 0, 50)
    assert broken() == {"I13": [row]}


def test_finds_a_wrong_order_before_the_change(member: Member) -> None:
    redated("24M", earned_until=EARNED.date())
    spent = PointsEntry.objects.get(key="r")
    first, second = lots_of(member)
    overwrite(spent.allocations.get(), lot=second)
    overwrite(first, remaining=100)
    overwrite(second, remaining=20)
    changed = LotChange.objects.get()
    overwrite(changed, points=100)
    row = ("entry", spent.pk, "left in lots that expire sooner", 0, 100)
    assert broken() == {"I13": [row]}


def test_a_redemption_before_a_sooner_end_was_in_time(member: Member) -> None:
    redated("6M")
    redeem_points(member=member, points=10, key="s", now=local(2025, 7, 1))
    assert broken() == {}


def test_finds_a_redemption_before_an_early_activation() -> None:
    base_points(holding="7D")
    member = new_member()
    earn_points(member=member, points=100, key="a", now=EARNED)
    (lot,) = lots_of(member)
    early = EARNED + timedelta(days=1)
    change = activate_lot(lot=lot, operator=OperatorFactory(), reason="Kind", now=early)
    spent = redeem_points(member=member, points=5, key="r", now=early)
    assert broken() == {}
    overwrite(change, after_entry=spent.number, points=95)
    assert [row[:3] for row in broken()["I14"]] == [
        ("allocation", spent.allocations.get().pk, "redeemed not before")
    ]


def test_points_that_expired_by_their_new_end_need_evidence_for_it(member: Member) -> None:
    redated("6M")
    lot = lots_of(member)[0]
    assert lot.expires_at is not None
    night = lot.expires_at.astimezone(EARNED.tzinfo).date()
    expire_points(night, 1, EVERYONE)
    assert broken() == {}
    change = LotChange.objects.get(lot=lot)
    overwrite(ExpiryEvidence.objects.get(lot=lot), expires_at=change.before)
    allocation = LotAllocation.objects.get(lot=lot, entry__kind="expire")
    assert broken() == {"I26": [("allocation", allocation.pk, "told on an earlier night", 1, 0)]}


# Looking back


def test_looks_back_at_the_dates_of_then(member: Member) -> None:
    redated("24M", earned_until=EARNED.date())
    redated("36M", earned_until=EARNED.date())
    before = held(member, NOW - INSTANT)
    after = held(member, NOW)
    assert [lot.expires_at for lot in before.lots] == [local(2026, 1, 11), local(2026, 2, 11)]
    assert [lot.expires_at for lot in after.lots] == [local(2026, 2, 11), local(2028, 1, 11)]
    assert [lot.remaining for lot in before.lots] == [100, 50]
    assert [lot.remaining for lot in after.lots] == [50, 70]


def test_looks_back_at_what_was_pending_then() -> None:
    base_points(holding="7D", expiry="never")
    member = new_member()
    earn_points(member=member, points=100, key="a", now=EARNED)
    early = EARNED + timedelta(days=1)
    activate_lot(lot=lots_of(member)[0], operator=OperatorFactory(), reason="Kind", now=early)
    then, now = held(member, early - INSTANT), held(member, early)
    assert (then.spendable, then.pending, then.lots[0].expires_at) == (0, 100, None)
    assert then.lots[0].available_at == local(2025, 1, 18)
    assert (now.spendable, now.pending, now.lots[0].available_at) == (100, 0, early)


def test_looks_back_at_an_end_that_there_was_not(member: Member) -> None:
    PointsLot.objects.update(expires_at=None)
    redated("6M")
    assert [lot.expires_at for lot in held(member, NOW - INSTANT).lots] == [None, None]
    assert held(member, NOW).lots[0].expires_at == local(2025, 7, 11)


# I27: what is planted is found


@pytest.fixture
def changes(member: Member) -> list[LotChange]:
    """Two changes of the sooner lot, one of the other."""
    redated("24M", earned_until=EARNED.date())
    redated("36M")
    return list(LotChange.objects.order_by("lot_id", "id"))


def found(change: LotChange) -> set[str]:
    """What I27 says of a change, when nothing else is broken."""
    found = broken()
    assert set(found) == {"I27"}
    assert {row[:2] for row in found["I27"]} == {("change", change.pk)}
    return {row[2] for row in found["I27"]}


@pytest.mark.parametrize(
    ("number", "values", "what"),
    [
        (1, {"before": local(2027, 1, 12)}, "before"),
        (1, {"before": None}, "before"),
        (1, {"after": local(2027, 1, 11)}, "date of the lot"),
        (2, {"after": None}, "date of the lot"),
        (1, {"at": NOW - INSTANT}, "at not before"),
        (0, {"after_entry": 4}, "after entry"),
        (1, {"after_entry": 2}, "after entry"),
        (2, {"after_entry": 1}, "after entry"),
        (0, {"points": 71}, "points then"),
        (2, {"before": NOW}, "before it ended"),
    ],
)
def test_finds_a_broken_chain(
    changes: list[LotChange], number: int, values: dict[str, Any], what: str
) -> None:
    assert broken() == {}
    change = changes[number]
    overwrite(change, **values)
    rows = [row[2] for row in broken()["I27"]]
    assert what in rows


def test_finds_a_date_that_nobody_changed(changes: list[LotChange]) -> None:
    overwrite(changes[2].lot, expires_at=local(2030, 1, 1))
    assert found(changes[2]) == {"date of the lot"}


def test_finds_a_missing_change(changes: list[LotChange]) -> None:
    drop_triggers(connection)
    LotChange.objects.filter(pk=changes[1].pk)._raw_delete("default")
    assert found(changes[0]) == {"date of the lot"}


def test_finds_an_end_in_the_past(changes: list[LotChange]) -> None:
    overwrite(changes[2], after=NOW)
    overwrite(changes[2].lot, expires_at=NOW)
    assert found(changes[2]) == {"end still to come"}


# What the database refuses


@pytest.mark.parametrize("write", ["update", "delete"])
def test_a_change_is_written_once(changes: list[LotChange], write: str) -> None:
    rows = LotChange.objects.filter(pk=changes[0].pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(points=1) if write == "update" else rows._raw_delete(rows.db)
    assert rows.exists()


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("change_fits_cause", {"operator_id": None}),
    ("change_redated_by_run", {"run_id": None}),
    ("change_points_not_negative", {"points": -1}),
    (
        "change_direction_fits_cause",
        {"cause": "activity", "operator_id": None, "run_id": None, "after": NOW},
    ),
    ("change_redates_once_per_run", {}),
]


@pytest.mark.parametrize(("constraint", "values"), REFUSED)
def test_a_change_fits_its_cause(
    changes: list[LotChange], constraint: str, values: dict[str, Any]
) -> None:
    row = {field.attname: getattr(changes[0], field.attname) for field in LotChange._meta.fields}
    copy = LotChange(**{**row, "id": None, **values})
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        copy.save(force_insert=True)
    assert broken_constraint(refusal.value, LotChange) == constraint
