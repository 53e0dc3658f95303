"""What a member holds at an instant: to spend, on its way, ending soon, and owed."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from loyalty.models import PointsLot, PointType
from loyalty.services.points import earn_points
from loyalty.summary import PointsSummary, points_summary
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

NOW = local(2025, 6, 10, 12)
SOON = local(2025, 7, 11)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def member() -> Member:
    PointType.objects.create(code="base", name_en="Points", is_spendable=True)
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def lot(
    member: Member, points: int, *, available_at: datetime = NOW, expires_at: datetime | None = None
) -> None:
    """Points earned in May, whose lot was given these dates."""
    key = str(PointsLot.objects.count())
    entry = earn_points(member=member, points=points, key=key, now=local(2025, 5, 1))
    dates = {"available_at": available_at, "expires_at": expires_at}
    PointsLot.objects.filter(entry=entry).update(**dates)


def told(summary: PointsSummary) -> tuple[int, list[tuple[int, str]], list[tuple[int, str]]]:
    pending = [(dated.points, dated.on.isoformat()) for dated in summary.pending]
    expiring = [(dated.points, dated.on.isoformat()) for dated in summary.expiring]
    return summary.spendable, pending, expiring


def test_is_empty_before_the_first_entry(member: Member) -> None:
    assert points_summary(member, NOW) == PointsSummary()


@pytest.mark.parametrize(
    ("available_at", "expires_at", "expected"),
    [
        (NOW, None, (7, [], [])),
        (NOW + INSTANT, None, (0, [(7, "2025-06-10")], [])),
        (local(2025, 6, 17), None, (0, [(7, "2025-06-17")], [])),
        (NOW, NOW, (0, [], [])),
        (NOW, NOW + INSTANT, (7, [], [(7, "2025-06-10")])),
        (NOW, local(2025, 6, 11), (7, [], [(7, "2025-06-10")])),
        (NOW, SOON, (7, [], [(7, "2025-07-10")])),
        (NOW, SOON + INSTANT, (7, [], [])),
        (local(2025, 6, 12), SOON, (0, [(7, "2025-06-12")], [(7, "2025-07-10")])),
    ],
)
def test_knows_each_boundary(
    member: Member,
    available_at: datetime,
    expires_at: datetime | None,
    expected: tuple[int, list[tuple[int, str]], list[tuple[int, str]]],
) -> None:
    lot(member, 7, available_at=available_at, expires_at=expires_at)
    assert told(points_summary(member, NOW)) == expected


def test_sums_by_day_in_one_query(
    member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lot(member, 1)
    lot(member, 20, expires_at=local(2025, 6, 21))
    lot(member, 300, expires_at=local(2025, 6, 21))
    lot(member, 4_000, expires_at=local(2025, 6, 15))
    lot(member, 50_000, available_at=local(2025, 6, 14, 9))
    lot(member, 600_000, available_at=local(2025, 6, 14, 18), expires_at=local(2025, 6, 30))
    with django_assert_num_queries(1):
        summary = points_summary(member, NOW)
    assert told(summary) == (
        4_321,
        [(650_000, "2025-06-14")],
        [(4_000, "2025-06-14"), (320, "2025-06-20"), (600_000, "2025-06-29")],
    )
    assert (summary.pending_points, summary.expiring_points) == (650_000, 604_320)


def test_leaves_other_members_and_other_kinds_out(member: Member) -> None:
    growth = PointType.objects.create(code="growth", name_en="Growth")
    earn_points(member=member, points=9, key="g", point_type=growth, now=local(2025, 5, 1))
    lot(MemberFactory.create(joined_at=local(2025, 1, 1)), 5)
    lot(member, 3)
    assert told(points_summary(member, NOW)) == (3, [], [])
