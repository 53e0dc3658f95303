"""The night books lots whose holding period is over; it moves no points."""

from datetime import date, timedelta

import pytest

from loyalty.jobs import activate_points
from loyalty.models import PointsAccount, PointsEntry, PointsLot
from loyalty.services.points import earn_points, redeem_points
from members.models import Member

from .ledgers import lots_of, new_member
from .programmes import base_points, local
from .reviews import EVERYONE
from .tampering import broken

pytestmark = pytest.mark.django_db

EARNED = local(2025, 3, 1, 12)
# Held through 8 March, spendable as 9 March begins.
NIGHT = date(2025, 3, 9)
CUTOFF = local(2025, 3, 9)
SECOND = timedelta(seconds=1)


def holder(*points: int) -> Member:
    """A member with a pending lot for each number."""
    member = new_member()
    for number, count in enumerate(points):
        earn_points(member=member, points=count, key=f"e{number}", now=EARNED)
    return member


def booked(member: Member) -> list[date | None]:
    return [lot.activated_on for lot in lots_of(member)]


def test_books_a_lot_on_the_night_after_the_holding_period() -> None:
    base_points(holding="7D")
    member = holder(100)
    assert lots_of(member)[0].available_at == CUTOFF
    assert activate_points(date(2025, 3, 8), 1, EVERYONE) == {"lots": 0}
    assert booked(member) == [None]
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 1}
    assert booked(member) == [NIGHT]


@pytest.mark.parametrize(("offset", "lots"), [(-SECOND, 1), (0 * SECOND, 1), (SECOND, 0)])
def test_a_lot_is_due_from_its_instant_on(offset: timedelta, lots: int) -> None:
    base_points(holding="7D")
    member = holder(100)
    PointsLot.objects.update(available_at=CUTOFF + offset)
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": lots}
    assert booked(member) == [NIGHT if lots else None]


def test_writes_no_entry_and_moves_nothing_else() -> None:
    base_points(holding="7D")
    holder(100, 50)
    models = PointsEntry, PointsAccount
    before = [list(model.objects.order_by("pk").values()) for model in models]
    lots = list(PointsLot.objects.order_by("pk").values())
    activate_points(NIGHT, 1, EVERYONE)
    assert [list(model.objects.order_by("pk").values()) for model in models] == before
    expected = [{**lot, "activated_on": NIGHT} for lot in lots]
    assert list(PointsLot.objects.order_by("pk").values()) == expected
    assert broken() == {}


def test_points_are_spendable_booked_or_not() -> None:
    base_points(holding="7D")
    member = holder(100)
    redeem_points(member=member, points=60, key="r", now=CUTOFF)
    assert booked(member) == [None]
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 1}
    assert lots_of(member)[0].remaining == 40


def test_books_a_lot_that_was_spent_to_the_last_point() -> None:
    base_points(holding="7D")
    member = holder(100)
    redeem_points(member=member, points=100, key="r", now=CUTOFF)
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 1}


def test_the_same_night_again_finds_nothing() -> None:
    base_points(holding="7D")
    member = holder(100)
    activate_points(NIGHT, 1, EVERYONE)
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 0}
    assert activate_points(date(2025, 3, 10), 1, EVERYONE) == {"lots": 0}
    assert booked(member) == [NIGHT]


def test_a_late_night_books_everything_due() -> None:
    base_points(holding="7D")
    member = holder(100, 50)
    earn_points(member=member, points=7, key="next", now=EARNED + timedelta(days=1))
    earn_points(member=member, points=8, key="last", now=EARNED + timedelta(days=30))
    late = date(2025, 3, 20)
    assert activate_points(late, 1, EVERYONE) == {"lots": 3}
    assert booked(member) == [late, late, late, None]


def test_a_lot_without_a_holding_period_is_booked_at_birth() -> None:
    base_points()
    member = holder(100)
    assert booked(member) == [date(2025, 3, 1)]
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 0}


def test_only_members_of_the_range() -> None:
    base_points(holding="7D")
    first, second, third = (holder(100) for _ in range(3))
    assert activate_points(NIGHT, second.pk, second.pk) == {"lots": 1}
    assert [booked(one)[0] for one in (first, second, third)] == [None, NIGHT, None]
    assert activate_points(NIGHT, 1, EVERYONE) == {"lots": 2}
