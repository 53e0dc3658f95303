"""What was given back, clawed back, redeemed and expired: planted violations and their checks."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db.models import F

from common import clock
from common.models import JobRun
from loyalty.models import ExpiryEvidence, LotAllocation, PointsEntry, PointsLot, UncollectedPoints
from loyalty.services.points import redeem_points, restore_points
from tests.sharing import shared

from .ledgers import (
    NIGHT,
    Story,
    account_of,
    buy,
    healthy_ledger,
    lots_of,
    member_with_points,
)
from .programmes import local
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

ledger = shared(healthy_ledger)


@pytest.fixture
def story(ledger: Story) -> Story:
    return deepcopy(ledger)


# I10: restores


def plant_restore(redemption: PointsEntry, points: int) -> LotAllocation:
    """Give back once more what was given back already, with every cache in step."""
    account = redemption.account
    source = redemption.allocations.get()
    entry = PointsEntry.objects.create(
        account=account,
        number=account.entry_count + 1,
        kind="restore",
        points=points,
        balance_after=account.balance + points,
        debt_after=0,
        at=account.last_entry_at,
        business_date=NIGHT,
        key="planted",
        reverses=redemption,
    )
    LotAllocation.objects.create(entry=entry, lot=source.lot, points=points, reverses=source)
    overwrite(source.lot, remaining=F("remaining") + points)
    overwrite(account, balance=account.balance + points, entry_count=entry.number)
    return source


def test_finds_more_given_back_than_was_redeemed(story: Story) -> None:
    redemption = story.entry(story.clara, 2)
    source = plant_restore(redemption, 20)
    rows = [
        ("allocation", source.pk, "put back at most", 100, 120),
        ("entry", redemption.pk, "given back at most", 100, 120),
    ]
    assert broken() == {"I10": rows}


def test_finds_a_restore_into_a_lot_that_another_redemption_took(story: Story) -> None:
    other = story.entry(story.anna, 5).allocations.order_by("lot_id")[0]
    restored = LotAllocation.objects.filter(reverses__entry=story.redemption, lot=other.lot)
    allocation = restored.order_by("id")[0]
    overwrite(allocation, reverses=other)
    row = ("allocation", allocation.pk, "redemption that it reverses", story.redemption.pk)
    assert broken() == {"I10": [(*row, other.entry_id)]}


# I11: clawbacks


def test_finds_more_forgiven_than_was_earned(story: Story) -> None:
    overwrite(UncollectedPoints.objects.get(), points=101)
    row = ("purchase", story.forgiven.pk, "clawed back at most", 100, 101)
    assert broken() == {"I11": [row]}


def test_finds_more_clawed_back_than_was_earned(story: Story) -> None:
    refund = story.third.refunds.get()
    small = buy(story.anna, "20.00", local(2025, 6, 2))
    overwrite(refund, purchase=small)
    row = ("purchase", small.pk, "clawed back at most", 20, 100)
    assert broken() == {"I11": [row, row]}  # of base and of growth points


# I13: the soonest expiring points first


def move_redemption(redemption: PointsEntry, lot: PointsLot) -> None:
    """Have a redemption taken from another lot, with what remains in both in step."""
    allocation = redemption.allocations.get()
    overwrite(allocation.lot, remaining=F("remaining") - allocation.points)
    overwrite(lot, remaining=F("remaining") + allocation.points)
    overwrite(allocation, lot=lot)


def test_finds_points_taken_while_a_sooner_lot_had_some(story: Story) -> None:
    redemption = story.entry(story.dora, 3)
    move_redemption(redemption, lots_of(story.dora)[1])
    row = ("entry", redemption.pk, "left in lots that expire sooner", 0, 100)
    assert broken() == {"I13": [row]}


@pytest.mark.parametrize(
    ("sooner", "later", "is_found"),
    [
        ({"available_at": local(2025, 4, 2)}, {}, True),
        ({"available_at": local(2025, 4, 2) + timedelta(microseconds=1)}, {}, False),
        ({"expires_at": local(2025, 4, 2)}, {}, False),
        ({"expires_at": local(2025, 4, 2) + timedelta(microseconds=1)}, {}, True),
        ({"expires_at": local(2026, 6, 1)}, {"expires_at": local(2026, 6, 1)}, True),
        ({"expires_at": local(2026, 6, 2)}, {"expires_at": local(2026, 6, 1)}, False),
        ({"expires_at": None}, {"expires_at": None}, True),
        ({"expires_at": None}, {}, False),
        ({}, {"expires_at": None}, True),
    ],
)
def test_only_live_lots_that_expire_sooner_count(story, sooner, later, is_found) -> None:
    member = member_with_points(100, 80, at=local(2025, 3, 1))
    redemption = redeem_points(member=member, points=60, key="r", now=local(2025, 4, 2))
    lots = lots_of(member)
    move_redemption(redemption, lots[1])
    for lot, dates in zip(lots, (sooner, later), strict=True):
        if dates:
            overwrite(lot, **dates)
    assert set(broken()) == ({"I13"} if is_found else set())


def test_a_lot_that_was_empty_then_and_is_full_again_was_not_passed_over(story: Story) -> None:
    member = member_with_points(100, 80, at=local(2025, 3, 1))
    redemption = redeem_points(member=member, points=150, key="r", now=local(2025, 4, 2))
    restore_points(redemption=redemption, key="s", now=local(2025, 4, 3))
    assert [lot.remaining for lot in lots_of(member)] == [100, 80]
    assert broken() == {}
    later = redeem_points(member=member, points=60, key="t", now=local(2025, 4, 4))
    move_redemption(later, lots_of(member)[1])
    row = ("entry", later.pk, "left in lots that expire sooner", 0, 100)
    assert broken() == {"I13": [row]}


# I14: validity


def test_finds_a_redemption_before_its_points_were_available(story: Story) -> None:
    redemption = story.entry(story.dora, 3)
    allocation = redemption.allocations.get()
    available_at = redemption.at + timedelta(microseconds=1)
    overwrite(allocation.lot, available_at=available_at)
    ((subject, pk, what, _expected, _found),) = broken()["I14"]
    assert (subject, pk, what) == ("allocation", allocation.pk, "redeemed not before")
    assert set(broken()) == {"I14"}


def test_finds_a_redemption_at_the_end_of_the_validity(story: Story) -> None:
    redemption = story.entry(story.clara, 2)
    allocation = redemption.allocations.get()
    overwrite(allocation.lot, expires_at=redemption.at + timedelta(microseconds=1))
    assert "I14" not in broken()
    overwrite(allocation.lot, expires_at=redemption.at)
    ((subject, pk, what, _expected, _found),) = broken()["I14"]
    assert (subject, pk, what) == ("allocation", allocation.pk, "redeemed before")


@pytest.mark.parametrize("days", [1, None])
def test_finds_points_expired_before_their_end(story: Story, days: int | None) -> None:
    allocation = LotAllocation.objects.filter(entry__kind="expire").order_by("id")[0]
    later = allocation.entry.at + timedelta(days=days) if days else None
    overwrite(allocation.lot, expires_at=allocation.entry.at)
    overwrite(ExpiryEvidence.objects.get(lot=allocation.lot), expires_at=allocation.entry.at)
    assert broken() == {}
    overwrite(allocation.lot, expires_at=later)
    found = broken()
    assert [row[:3] for row in found["I14"]] == [
        ("allocation", allocation.pk, "expired not before")
    ]
    # Nor was anybody told of that end.
    assert set(found) == {"I14", "I26"}


# I15: nothing is left that had expired


@pytest.mark.parametrize(("microseconds", "is_found"), [(-1, True), (0, True), (1, False)])
def test_finds_points_left_after_they_expired(
    story: Story, microseconds: int, is_found: bool
) -> None:
    lot = lots_of(story.dora)[1]
    end = clock.cutoff(NIGHT) + timedelta(microseconds=microseconds)
    overwrite(lot, expires_at=end)
    ExpiryEvidence.objects.create(
        lot=lot,
        expires_at=end,
        business_date=NIGHT,
        waiver="first_night",
        recorded_at=JobRun.objects.get(step="expire_points").started_at,
    )
    found = broken().get("I15", [])
    assert found == ([("lot", lot.pk, "remaining", 0, 80)] if is_found else [])


def test_a_lot_recorded_after_the_night_is_the_next_nights(story: Story) -> None:
    buy(story.dora, "10.00", local(2024, 5, 1))
    lot = lots_of(story.dora)[-1]
    assert lot.expires_at is not None
    assert lot.expires_at < clock.cutoff(NIGHT)
    assert broken() == {}


# I19: numbers and instants


def test_finds_a_gap_in_the_numbers(story: Story) -> None:
    account = account_of(story.anna)
    last = story.entry(story.anna, account.entry_count)
    overwrite(last, number=F("number") + 1)
    row = ("entry", last.pk, "number", str(last.number), str(last.number + 1))
    assert broken() == {"I19": [row]}


def test_finds_an_entry_before_the_one_before_it(story: Story) -> None:
    before, entry = story.entry(story.anna, 9), story.entry(story.anna, 10)
    overwrite(entry, at=before.at)
    assert broken() == {}
    overwrite(entry, at=before.at - timedelta(microseconds=1))
    assert [row[:3] for row in broken()["I19"]] == [("entry", entry.pk, "at not before")]
    assert set(broken()) == {"I19"}


def test_finds_an_account_that_does_not_know_its_last_entry(story: Story) -> None:
    account = account_of(story.clara)
    overwrite(account, entry_count=5, last_entry_at=account.last_entry_at + timedelta(seconds=1))
    rows = broken()["I19"]
    assert [row[:3] for row in rows] == [
        ("account", account.pk, "entry_count"),
        ("account", account.pk, "last_entry_at"),
    ]
    assert set(broken()) == {"I19"}
