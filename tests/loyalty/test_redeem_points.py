"""Spending points: the soonest to expire first, never more than can be spent now."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from loyalty.errors import (
    DebtOutstanding,
    InsufficientPoints,
    KeyReused,
    NotSpendable,
    PointsNotPositive,
)
from loyalty.models import LotAllocation, PointsAccount, PointsEntry, PointsLot, PointType
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, local, plain_programme
from .roundtrips import under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


def earn(member: Member, points: int, expiry: str = "never", now: datetime = NOON) -> None:
    """A lot of its own with this validity, spendable at once."""
    PointType.objects.update(expiry=expiry)
    key = f"earn:{PointsEntry.objects.count()}"
    earn_points(member=member, points=points, key=key, now=now)


def remaining() -> list[int]:
    return list(PointsLot.objects.order_by("id").values_list("remaining", flat=True))


def state() -> tuple[object, ...]:
    accounts = PointsAccount.objects.order_by("id")
    return (
        list(accounts.values_list("balance", "debt", "entry_count", "last_entry_at")),
        remaining(),
        PointsEntry.objects.count(),
        LotAllocation.objects.count(),
    )


@pytest.mark.parametrize(
    ("points", "left"),
    [
        (1, [10, 10, 9, 10]),
        (10, [10, 10, 0, 10]),
        (11, [9, 10, 0, 10]),
        (20, [0, 10, 0, 10]),
        (25, [0, 10, 0, 5]),
        (30, [0, 10, 0, 0]),
        (31, [0, 9, 0, 0]),
        (40, [0, 0, 0, 0]),
    ],
)
def test_takes_soonest_expiring_then_oldest_and_never_last(points: int, left: list[int]) -> None:
    base_points()
    member = MemberFactory.create()
    for expiry in ("60D", "never", "30D", "60D"):
        earn(member, 10, expiry)
    entry = redeem_points(member=member, points=points, key="spend", now=NOON)
    assert remaining() == left
    assert (entry.points, entry.balance_after) == (-points, 40 - points)
    assert PointsAccount.objects.get().balance == 40 - points


def test_says_what_it_took_from_where() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 10, "60D")
    earn(member, 10, "30D")
    entry = redeem_points(member=member, points=15, key="spend", reason="Tea", now=NOON)
    first, second = PointsLot.objects.order_by("id")
    taken = LotAllocation.objects.of_entry(entry).values_list("lot", "points", "reverses")
    assert list(taken) == [(second.pk, -10, None), (first.pk, -5, None)]
    assert (entry.kind, entry.number, entry.note.text) == ("redeem", 3, "Tea")


@pytest.mark.parametrize(("asked", "is_refused"), [(29, False), (30, False), (31, True)])
def test_refuses_more_than_can_be_spent(asked: int, is_refused: bool) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    before = state()
    if not is_refused:
        redeem_points(member=member, points=asked, key="spend", now=NOON)
        assert remaining() == [30 - asked]
        return
    with pytest.raises(InsufficientPoints) as refusal:
        redeem_points(member=member, points=asked, key="spend", now=NOON)
    assert refusal.value.details == {"spendable": 30, "asked": 31}
    assert str(refusal.value) == "Only 30 points can be spent now; 31 were asked for."
    assert state() == before


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, True), (0, False), (1, False)])
def test_pending_points_wait_for_their_day(seconds: int, is_refused: bool) -> None:
    base_points(holding="7D")
    member = MemberFactory.create()
    earn(member, 30)
    now = local(2025, 3, 22) + timedelta(seconds=seconds)
    if not is_refused:
        redeem_points(member=member, points=30, key="spend", now=now)
        assert remaining() == [0]
        return
    with pytest.raises(InsufficientPoints) as refusal:
        redeem_points(member=member, points=1, key="spend", now=now)
    assert refusal.value.details == {"spendable": 0, "asked": 1}
    assert remaining() == [30]


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, False), (0, True), (1, True)])
def test_points_are_gone_at_midnight_booked_or_not(seconds: int, is_refused: bool) -> None:
    """Valid through 15 January + 1 month: gone at 00:00 on 16 February, in the programme's zone."""
    base_points()
    member = MemberFactory.create()
    earn(member, 30, "1M", now=local(2025, 1, 15, 23, 59))
    now = local(2025, 2, 16) + timedelta(seconds=seconds)
    if is_refused:
        with pytest.raises(InsufficientPoints):
            redeem_points(member=member, points=1, key="spend", now=now)
        assert (remaining(), PointsAccount.objects.get().balance) == ([30], 30)
        return
    redeem_points(member=member, points=30, key="spend", now=now)
    assert remaining() == [0]


def test_clock_set_back_does_not_bring_points_back() -> None:
    """Judged at the ledger's own instant, which never goes back."""
    base_points()
    member = MemberFactory.create()
    earn(member, 30, "1M", now=local(2025, 1, 15, 12))
    earn(member, 5, now=local(2025, 2, 16, 0, 30))
    with pytest.raises(InsufficientPoints) as refusal:
        redeem_points(member=member, points=6, key="spend", now=local(2025, 2, 15, 23, 30))
    assert refusal.value.details == {"spendable": 5, "asked": 6}


@pytest.mark.parametrize("debt", [1, 30])
def test_refuses_while_there_is_debt(debt: int) -> None:
    """Whatever is live besides: the debt of a refund is paid first."""
    plain_programme(clawback="debt")
    member = MemberFactory.create()
    amount = Decimal(debt)
    record_refund(source="t", external_id="C", at=NOON, amount=amount, member=member, now=NOON)
    before = state()
    with pytest.raises(DebtOutstanding) as refusal:
        redeem_points(member=member, points=1, key="spend", now=NOON)
    assert refusal.value.details == {"debt": debt}
    assert state() == before


def test_may_spend_again_once_the_debt_is_paid() -> None:
    plain_programme()
    member = MemberFactory.create()
    amount = Decimal(30)
    record_refund(source="t", external_id="C", at=NOON, amount=amount, member=member, now=NOON)
    earn(member, 31)
    redeem_points(member=member, points=1, key="spend", now=NOON)
    assert remaining() == [0]


@pytest.mark.parametrize("points", [0, -1])
def test_refuses_what_is_not_positive(points: int) -> None:
    base_points()
    with pytest.raises(PointsNotPositive):
        redeem_points(member=MemberFactory.create(), points=points, key="spend", now=NOON)
    assert not PointsAccount.objects.exists()


def test_refuses_points_that_are_not_spent() -> None:
    base_points(is_spendable=False)
    member = MemberFactory.create()
    earn(member, 30)
    with pytest.raises(NotSpendable):
        redeem_points(member=member, points=1, key="spend", now=NOON)
    assert PointsAccount.objects.get().balance == 30


def test_refuses_one_who_never_had_any() -> None:
    base_points()
    with pytest.raises(InsufficientPoints) as refusal:
        redeem_points(member=MemberFactory.create(), points=1, key="spend", now=NOON)
    assert refusal.value.details == {"spendable": 0, "asked": 1}
    assert not PointsEntry.objects.exists()


def test_takes_nothing_of_another_member() -> None:
    base_points()
    anna, berta = MemberFactory.create(), MemberFactory.create()
    earn(anna, 30)
    earn(berta, 30)
    redeem_points(member=berta, points=30, key="spend", now=NOON)
    assert remaining() == [30, 0]


def test_retry_of_a_spend_succeeds_though_the_points_are_gone() -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 30)
    first = redeem_points(member=member, points=30, key="spend", now=NOON)
    before = state()
    again = redeem_points(member=member, points=30, key="spend", now=NOON + timedelta(days=1))
    assert again == first
    assert state() == before


def test_retry_of_a_spend_succeeds_in_debt() -> None:
    plain_programme()
    member = MemberFactory.create()
    earn(member, 30)
    first = redeem_points(member=member, points=30, key="spend", now=NOON)
    amount = Decimal(9)
    record_refund(source="t", external_id="C", at=NOON, amount=amount, member=member, now=NOON)
    assert redeem_points(member=member, points=30, key="spend", now=NOON) == first


@pytest.mark.parametrize("points", [29, 31])
def test_refuses_a_key_with_other_points(points: int) -> None:
    base_points()
    member = MemberFactory.create()
    earn(member, 100)
    redeem_points(member=member, points=30, key="spend", now=NOON)
    with pytest.raises(KeyReused):
        redeem_points(member=member, points=points, key="spend", now=NOON)
    assert remaining() == [70]


def test_refused_key_may_be_used_later() -> None:
    """The ledger keeps effects, not refusals."""
    base_points()
    member = MemberFactory.create()
    with pytest.raises(InsufficientPoints):
        redeem_points(member=member, points=30, key="spend", now=NOON)
    earn(member, 30)
    redeem_points(member=member, points=30, key="spend", now=NOON)
    assert remaining() == [0]


def test_holds_the_lock_for_few_round_trips() -> None:
    """From five lots at once."""
    base_points()
    member = MemberFactory.create()
    for _lot in range(5):
        earn(member, 10)
    statements = under_the_lock(
        lambda: redeem_points(member=member, points=45, key="spend", reason="Tea", now=NOON)
    )
    # The key, the lots, and one statement for all that is written.
    assert len(statements) == 3, "\n".join(statements)
