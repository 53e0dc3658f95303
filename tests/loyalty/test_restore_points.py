"""Giving a redemption back: into the lots it came from, or a lot of 30 days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.errors import (
    KeyReused,
    NotARedemption,
    PointsNotPositive,
    RestoreExceedsRedemption,
)
from loyalty.models import LotAllocation, PointsAccount, PointsEntry, PointsLot, PointType
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)
IN_30_DAYS = local(2025, 4, 14)


def earn(member: Member, points: int, expiry: str = "never", now: datetime = NOON) -> None:
    """A lot of its own with this validity, spendable at once."""
    PointType.objects.update(expiry=expiry)
    key = f"earn:{PointsEntry.objects.count()}"
    earn_points(member=member, points=points, key=key, now=now)


def spend(member: Member, points: int, key: str = "spend", now: datetime = NOON) -> PointsEntry:
    return redeem_points(member=member, points=points, key=key, now=now)


def owe(member: Member, points: int) -> None:
    """A refund without a purchase of points that are not there."""
    record_refund(
        source="t", external_id="C", at=NOON, amount=Decimal(points), member=member, now=NOON
    )


def remaining() -> list[int]:
    return list(PointsLot.objects.order_by("id").values_list("remaining", flat=True))


def allocations(entry: PointsEntry) -> list[tuple[int, int | None]]:
    rows = LotAllocation.objects.of_entry(entry).order_by("id")
    return list(rows.values_list("points", "reverses__points"))


def state() -> tuple[object, ...]:
    accounts = PointsAccount.objects.order_by("id").values_list("balance", "debt", "entry_count")
    return list(accounts), remaining(), PointsEntry.objects.count(), LotAllocation.objects.count()


def test_gives_all_back_to_the_same_lots() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    earn(member, 20, "90D")
    redemption = spend(member, 25)
    entry = restore_points(redemption=redemption, key="undo", reason="Cancelled", now=NOON)
    assert remaining() == [10, 20]
    assert (entry.kind, entry.points, entry.debt_change) == ("restore", 25, 0)
    assert (entry.reverses, entry.balance_after, entry.note.text) == (redemption, 30, "Cancelled")
    assert allocations(entry) == [(15, -15), (10, -10)]
    assert PointsLot.objects.count() == 2


@pytest.mark.parametrize(
    ("points", "left"),
    [
        (1, [0, 0, 0, 1]),
        (10, [0, 0, 0, 10]),
        (11, [0, 1, 0, 10]),
        (20, [0, 10, 0, 10]),
        (25, [0, 10, 5, 10]),
        (30, [0, 10, 10, 10]),
        (31, [1, 10, 10, 10]),
        (40, [10, 10, 10, 10]),
    ],
)
def test_part_goes_to_the_latest_expiring_first(points: int, left: list[int]) -> None:
    base_points()
    member = MemberFactory.create()
    for expiry in ("40D", "90D", "60D", "never"):
        earn(member, 10, expiry)
    restore_points(redemption=spend(member, 40), points=points, key="undo", now=NOON)
    assert remaining() == left
    assert PointsAccount.objects.get().balance == points


def test_parts_sum_to_the_whole() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    earn(member, 20, "90D")
    redemption = spend(member, 25)
    for number, points in enumerate((7, 10, 8)):
        restore_points(redemption=redemption, points=points, key=f"undo:{number}", now=NOON)
    assert remaining() == [10, 20]
    assert redemption.restores.total() == 25


def test_without_a_number_gives_back_what_is_left() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    restore_points(redemption=redemption, points=10, key="undo:1", now=NOON)
    assert restore_points(redemption=redemption, key="undo:2", now=NOON).points == 15


@pytest.mark.parametrize(("seconds", "is_renewed"), [(-1, False), (0, True), (1, True)])
def test_lot_that_ends_within_30_days_is_renewed(seconds: int, is_renewed: bool) -> None:
    """30 days to the second before its end, a lot has 30 days of life or less."""
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    redemption = spend(member, 10)
    ends = local(2025, 5, 14)
    now = ends - timedelta(days=30) + timedelta(seconds=seconds)
    entry = restore_points(redemption=redemption, key="undo", now=now)
    if not is_renewed:
        assert remaining() == [10]
        assert allocations(entry) == [(10, -10)]
        return
    assert remaining() == [0, 10]
    assert allocations(entry) == [(10, -10), (-10, None)]
    renewed = PointsLot.objects.get(entry=entry)
    assert (renewed.available_at, renewed.expires_at) == (now, local(2025, 5, 15))
    assert (renewed.expiry, renewed.points) == ("30D", 10)


@pytest.mark.parametrize(
    ("seconds", "ends"), [(-1, (2025, 6, 13)), (0, (2025, 6, 14)), (1, (2025, 6, 14))]
)
def test_lot_that_has_ended_is_renewed(seconds: int, ends: tuple[int, ...]) -> None:
    """A second before midnight is another day, so its 30 days end a day sooner."""
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    redemption = spend(member, 10)
    now = local(2025, 5, 14) + timedelta(seconds=seconds)
    entry = restore_points(redemption=redemption, key="undo", now=now)
    assert remaining() == [0, 10]
    assert entry.lot.expires_at == local(*ends)
    assert PointsLot.objects.for_member(member).spendable(now).points_left() == 10


def test_one_new_lot_takes_what_several_cannot_keep() -> None:
    base_points()
    member = MemberFactory.create()
    for expiry in ("10D", "20D", "90D"):
        earn(member, 10, expiry)
    entry = restore_points(redemption=spend(member, 30), key="undo", now=NOON)
    assert remaining() == [0, 0, 10, 20]
    assert allocations(entry) == [(10, -10), (10, -10), (10, -10), (-10, None), (-10, None)]
    assert (entry.lot.expires_at, entry.points) == (IN_30_DAYS, 30)


def test_renewed_points_can_be_spent_and_given_back_again() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "10D")
    restore_points(redemption=spend(member, 10), key="undo", now=NOON)
    again = spend(member, 10, key="again", now=NOON + timedelta(days=29))
    restore_points(redemption=again, key="undo-again", now=NOON + timedelta(days=31))
    assert remaining() == [0, 0, 10]


@pytest.mark.parametrize(
    ("owed", "debt_change", "left", "debt"),
    [
        (9, -9, [0, 10, 11], 0),
        (19, -19, [0, 10, 1], 0),
        (20, -20, [0, 10], 0),
        (21, -21, [0, 9], 0),
        (30, -30, [0, 0], 0),
        (31, -30, [0, 0], 1),
    ],
)
def test_pays_debt_first(owed: int, debt_change: int, left: list[int], debt: int) -> None:
    """What would move to a new lot pays before what goes back to its own."""
    plain_programme()
    member = MemberFactory.create()
    earn(member, 20, "10D")
    earn(member, 10, "90D")
    redemption = spend(member, 30)
    owe(member, owed)
    entry = restore_points(redemption=redemption, key="undo", now=NOON)
    assert (entry.points, entry.debt_change, entry.debt_after) == (30, debt_change, debt)
    assert remaining() == left
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt) == (sum(left), debt)


def test_debt_takes_the_soonest_expiring_of_what_is_kept() -> None:
    plain_programme()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    earn(member, 10, "90D")
    redemption = spend(member, 20)
    owe(member, 15)
    restore_points(redemption=redemption, key="undo", now=NOON)
    assert remaining() == [0, 5]


@pytest.mark.parametrize(("given", "asked"), [(0, 26), (25, 1), (24, 2)])
def test_refuses_more_than_is_left(given: int, asked: int) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    if given:
        restore_points(redemption=redemption, points=given, key="undo", now=NOON)
    before = state()
    with pytest.raises(RestoreExceedsRedemption) as refusal:
        restore_points(redemption=redemption, points=asked, key="more", now=NOON)
    assert refusal.value.details == {"left": 25 - given, "asked": asked}
    assert state() == before


def test_refuses_to_give_all_back_twice() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    restore_points(redemption=redemption, key="undo", now=NOON)
    with pytest.raises(RestoreExceedsRedemption):
        restore_points(redemption=redemption, key="again", now=NOON)
    assert remaining() == [30]


@pytest.mark.parametrize("points", [0, -1])
def test_refuses_what_is_not_positive(points: int) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    before = state()
    with pytest.raises(PointsNotPositive):
        restore_points(redemption=redemption, points=points, key="undo", now=NOON)
    assert state() == before


def test_refuses_what_is_no_redemption() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    taken = adjust_points(member=member, points=-5, key="slip", reason="A slip", now=NOON)
    for entry in (taken, PointsEntry.objects.get(kind="earn")):
        with pytest.raises(NotARedemption):
            restore_points(redemption=entry, key="undo", now=NOON)
    assert remaining() == [25]


@pytest.mark.parametrize("points", [None, 10])
def test_same_key_gives_the_first_entry_back(points: int | None) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    first = restore_points(redemption=redemption, points=points, key="undo", now=NOON)
    before = state()
    again = restore_points(redemption=redemption, points=points, key="undo", now=NOON)
    assert again == first
    assert state() == before


def test_refuses_a_key_with_other_points() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25)
    restore_points(redemption=redemption, points=10, key="undo", now=NOON)
    with pytest.raises(KeyReused):
        restore_points(redemption=redemption, points=11, key="undo", now=NOON)
    assert remaining() == [15]


@pytest.mark.parametrize("points", [None, 10])
def test_refuses_a_key_of_another_redemptions_restore(points: int | None) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    first, second = spend(member, 10, key="one"), spend(member, 10, key="two")
    restore_points(redemption=first, points=points, key="undo", now=NOON)
    before = state()
    with pytest.raises(KeyReused):
        restore_points(redemption=second, points=points, key="undo", now=NOON)
    assert state() == before


@pytest.mark.parametrize("points", [None, 25])
def test_refuses_a_key_of_another_use(points: int | None) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    redemption = spend(member, 25, key="spend")
    with pytest.raises(KeyReused):
        restore_points(redemption=redemption, points=points, key="spend", now=NOON)
    assert remaining() == [5]


def test_judges_lots_at_the_ledgers_own_instant() -> None:
    """The clock is an hour back: the ledger has seen the lot come within its last 30 days."""
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    redemption = spend(member, 10)
    last_30_days = local(2025, 5, 14) - timedelta(days=30)
    earn(member, 1, now=last_30_days)
    entry = restore_points(redemption=redemption, key="undo", now=last_30_days - timedelta(hours=1))
    assert entry.at == last_30_days
    assert remaining() == [0, 1, 10]


@pytest.mark.parametrize("owed", [0, 5, 45])
def test_holds_the_lock_for_few_round_trips(owed: int) -> None:
    plain_programme()
    member = MemberFactory.create()
    for expiry in ("10D", "20D", "90D", "never"):
        earn(member, 10, expiry)
    redemption = spend(member, 40)
    if owed:
        owe(member, owed)
    statements = under_the_lock(
        lambda: restore_points(redemption=redemption, key="undo", reason="Cancelled", now=NOON)
    )
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
