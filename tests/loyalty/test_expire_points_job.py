"""The night expires what is left in lots whose validity is over: per account one entry, once."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from loyalty.jobs import expire_points
from loyalty.models import LotAllocation, PointsEntry, PointsLot, PointType
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_refund
from members.models import Member

from .ledgers import account_of, lots_of, new_member
from .programmes import base_points, earning_rule, growth_points, local
from .reviews import EVERYONE, grown
from .tampering import broken

pytestmark = pytest.mark.django_db

EARNED = local(2025, 1, 10, 12)
# A month from 10 January: through 10 February, over as the 11th begins.
NIGHT = date(2025, 2, 11)
CUTOFF = local(2025, 2, 11)
SECOND = timedelta(seconds=1)
NOTHING = {"members": 0, "lots": 0, "points": 0}


def holder(*points: int, at: datetime = EARNED) -> Member:
    """A member with a lot, valid for a month, for each number."""
    member = new_member()
    for number, count in enumerate(points):
        earn_points(member=member, points=count, key=f"e{number}", now=at)
    return member


def expiries(member: Member) -> list[tuple[int, date]]:
    entries = PointsEntry.objects.filter(account__member=member, kind="expire").order_by("id")
    return list(entries.values_list("points", "business_date"))


def left(member: Member) -> list[int]:
    return [lot.remaining for lot in lots_of(member)]


def test_one_entry_per_account_says_all() -> None:
    base_points(expiry="1M")
    member = holder(100, 50, 20)
    redeem_points(member=member, points=130, key="r", now=EARNED)
    assert expire_points(date(2025, 2, 10), 1, EVERYONE) == NOTHING
    assert expire_points(NIGHT, 1, EVERYONE) == {"members": 1, "lots": 2, "points": 40}
    entry = PointsEntry.objects.get(kind="expire")
    assert (entry.number, entry.points, entry.key) == (5, -40, "expire:2025-02-11")
    assert (entry.at, entry.business_date) == (CUTOFF, NIGHT)
    assert (entry.balance_after, entry.debt_after, entry.debt_change) == (0, 0, 0)
    assert (entry.breakdown, entry.purchase, entry.refund, entry.reverses) == ({}, None, None, None)
    lots = [lot.pk for lot in lots_of(member)]
    moves = LotAllocation.objects.filter(entry=entry).order_by("lot_id")
    assert list(moves.values_list("lot_id", "points")) == [(lots[1], -20), (lots[2], -20)]
    account = account_of(member)
    assert (account.balance, account.entry_count, account.last_entry_at) == (0, 5, CUTOFF)
    assert left(member) == [0, 0, 0]
    assert broken() == {}


@pytest.mark.parametrize(("offset", "points"), [(-SECOND, 100), (0 * SECOND, 100), (SECOND, 0)])
def test_validity_is_half_open(offset: timedelta, points: int) -> None:
    base_points(expiry="1M")
    member = holder(100)
    PointsLot.objects.update(expires_at=CUTOFF + offset)
    assert expire_points(NIGHT, 1, EVERYONE)["points"] == points
    assert left(member) == [100 - points]


def test_leaves_what_is_valid_still() -> None:
    kind = base_points(expiry="1M")
    member = holder(100)
    PointType.objects.filter(pk=kind.pk).update(expiry="never")
    earn_points(member=member, points=7, key="ever", now=EARNED)
    PointType.objects.filter(pk=kind.pk).update(expiry="2M")
    earn_points(member=member, points=9, key="longer", now=EARNED)
    expire_points(NIGHT, 1, EVERYONE)
    assert left(member) == [0, 7, 9]
    assert account_of(member).balance == 16


def test_each_kind_has_its_own_entry() -> None:
    base_points(expiry="1M")
    gift = PointType.objects.create(code="gift", name_en="Gifts", is_spendable=True, expiry="1M")
    growth = growth_points()
    member = holder(100)
    earn_points(member=member, points=30, key="g", point_type=gift, now=EARNED)
    grown(member, 5, EARNED)
    assert expire_points(NIGHT, 1, EVERYONE) == {"members": 2, "lots": 2, "points": 130}
    assert sorted(expiries(member)) == [(-100, NIGHT), (-30, NIGHT)]
    assert [account_of(member, code).balance for code in ("base", "gift")] == [0, 0]
    assert account_of(member, growth.code).balance == 5
    assert broken() == {}


def test_a_late_night_takes_everything_due_in_one_entry() -> None:
    base_points(expiry="1M")
    member = holder(100)
    for days, points in ((1, 50), (2, 20), (30, 9)):
        at = EARNED + timedelta(days=days)
        earn_points(member=member, points=points, key=f"d{days}", now=at)
    late = date(2025, 2, 13)
    assert expire_points(late, 1, EVERYONE) == {"members": 1, "lots": 3, "points": 170}
    assert expiries(member) == [(-170, late)]
    assert left(member) == [0, 0, 0, 9]


def test_nights_in_order_take_each_their_own() -> None:
    base_points(expiry="1M")
    member = holder(100)
    earn_points(member=member, points=50, key="next", now=EARNED + timedelta(days=1))
    expire_points(NIGHT, 1, EVERYONE)
    expire_points(date(2025, 2, 12), 1, EVERYONE)
    assert expiries(member) == [(-100, NIGHT), (-50, date(2025, 2, 12))]


def test_the_same_night_again_finds_nothing() -> None:
    base_points(expiry="1M")
    member = holder(100)
    expire_points(NIGHT, 1, EVERYONE)
    assert expire_points(NIGHT, 1, EVERYONE) == NOTHING
    assert expiries(member) == [(-100, NIGHT)]


def test_a_lot_told_after_the_night_is_the_next_nights() -> None:
    """One entry per account and date: the same night again does not write a second."""
    base_points(expiry="1M")
    member = holder(100)
    expire_points(NIGHT, 1, EVERYONE)
    earn_points(member=member, points=5, key="late", now=CUTOFF)
    PointsLot.objects.filter(remaining=5).update(expires_at=CUTOFF)
    assert expire_points(NIGHT, 1, EVERYONE) == NOTHING
    assert expire_points(date(2025, 2, 12), 1, EVERYONE)["points"] == 5
    assert expiries(member) == [(-100, NIGHT), (-5, date(2025, 2, 12))]


def test_expires_what_was_pending_all_its_time() -> None:
    base_points(expiry="1M", holding="60D")
    member = holder(100)
    assert expire_points(NIGHT, 1, EVERYONE)["points"] == 100
    assert left(member) == [0]
    assert broken() == {}


def test_debt_stays_as_it_is() -> None:
    """The lot is over and not booked yet: a refund cannot take it any more and leaves a debt."""
    earning_rule(base_points(expiry="1M"))
    member = holder(100)
    record_refund(
        source="till", external_id="R", at=CUTOFF, amount=Decimal(20), member=member, now=CUTOFF
    )
    account = account_of(member)
    assert (account.balance, account.debt) == (100, 20)
    expire_points(NIGHT, 1, EVERYONE)
    account.refresh_from_db()
    assert (account.balance, account.debt) == (0, 20)
    entry = PointsEntry.objects.get(kind="expire")
    assert (entry.points, entry.debt_change, entry.debt_after) == (-100, 0, 20)
    assert broken() == {}


@pytest.mark.parametrize(
    ("last", "at"),
    [(CUTOFF - SECOND, CUTOFF), (CUTOFF, CUTOFF), (CUTOFF + SECOND, CUTOFF + SECOND)],
)
def test_ledger_time_never_goes_back(last: datetime, at: datetime) -> None:
    """A night that is late comes after what the member did since; its date stays its own."""
    base_points(expiry="1M")
    member = holder(100)
    earn_points(member=member, points=5, key="since", now=last)
    expire_points(NIGHT, 1, EVERYONE)
    entry = PointsEntry.objects.get(kind="expire")
    assert (entry.at, entry.business_date) == (at, NIGHT)
    assert account_of(member).last_entry_at == at
    assert broken() == {}


def test_only_members_of_the_range() -> None:
    base_points(expiry="1M")
    first, second, third = (holder(100) for _ in range(3))
    assert expire_points(NIGHT, second.pk, second.pk)["members"] == 1
    assert [left(one) for one in (first, second, third)] == [[100], [0], [100]]
    assert expire_points(NIGHT, first.pk, third.pk) == {"members": 2, "lots": 2, "points": 200}
    assert expiries(second) == [(-100, NIGHT)]


def test_the_end_is_the_programmes_midnight(settings: Settings) -> None:
    """30 March 2025 is 23 hours long in London; points valid through it end at 23:00 UTC."""
    settings.PROGRAMME_TIMEZONE = "Europe/London"
    base_points(expiry="1M")
    holder(100, at=local(2025, 2, 28, 12))
    PointsLot.objects.update(expires_at=local(2025, 3, 31))
    assert expire_points(date(2025, 3, 30), 1, EVERYONE) == NOTHING
    assert expire_points(date(2025, 3, 31), 1, EVERYONE)["points"] == 100
    assert PointsEntry.objects.get(kind="expire").at.isoformat() == "2025-03-30T23:00:00+00:00"
