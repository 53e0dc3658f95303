"""What members do besides buying, each rewarded once."""

from datetime import timedelta

import pytest

from loyalty.errors import HappensInFuture, NotAnActivity
from loyalty.models import Activity, PointsAccount, PointsEntry, PointType
from loyalty.services.activities import check_in, record_activity
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, earning_rule, local

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 1, 12)


@pytest.fixture
def base() -> PointType:
    kind = base_points(holding="7D", expiry="12M")
    earning_rule(kind, code="visit", trigger="check_in", points=5, per_amount=None)
    earning_rule(kind, code="week", trigger="check_in", points=20, per_amount=None, streak_every=7)
    earning_rule(kind, code="review", trigger="review", points=20, per_amount=None)
    return kind


@pytest.fixture
def member(base: PointType) -> Member:
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def test_a_check_in_earns_once_on_a_business_date(member: Member) -> None:
    first = check_in(member=member, now=local(2025, 3, 1, 0))
    again = check_in(member=member, now=local(2025, 3, 1, 23, 59))
    assert again.pk == first.pk
    assert PointsEntry.objects.total() == 5
    check_in(member=member, now=local(2025, 3, 2, 0))
    assert PointsEntry.objects.total() == 10


def test_a_streak_counts_days_in_a_row_and_every_seventh_gives_more(member: Member) -> None:
    streaks = [check_in(member=member, now=NOON + timedelta(days=day)).streak for day in range(8)]
    assert streaks == [1, 2, 3, 4, 5, 6, 7, 8]
    assert PointsEntry.objects.total() == 8 * 5 + 20


def test_a_missed_day_begins_the_streak_again(member: Member) -> None:
    check_in(member=member, now=NOON)
    assert check_in(member=member, now=NOON + timedelta(days=2)).streak == 1


def test_points_of_an_activity_are_spendable_at_once(member: Member) -> None:
    check_in(member=member, now=NOON)
    lot = PointsAccount.objects.get().lots.get()
    assert lot.available_at == NOON
    assert lot.expires_at == local(2026, 3, 2)


def test_an_activity_earns_once_for_its_key(member: Member) -> None:
    first = record_activity(member=member, kind="review", key="r-1", now=NOON)
    again = record_activity(member=member, kind="review", key="r-1", now=NOON)
    record_activity(member=member, kind="review", key="r-2", now=NOON)
    assert again.pk == first.pk
    assert PointsEntry.objects.total() == 40


def test_an_activity_without_a_rule_is_kept_and_earns_nothing(member: Member) -> None:
    record_activity(member=member, kind="share", key="s-1", now=NOON)
    assert Activity.objects.get().kind == "share"
    assert not PointsEntry.objects.exists()


@pytest.mark.parametrize("kind", ["purchase", "check_in", "nonsense"])
def test_refuses_what_is_no_activity(member: Member, kind: str) -> None:
    with pytest.raises(NotAnActivity):
        record_activity(member=member, kind=kind, key="x", now=NOON)
    assert not Activity.objects.exists()


def test_refuses_an_activity_from_the_future(member: Member) -> None:
    later = NOON + timedelta(minutes=11)
    with pytest.raises(HappensInFuture):
        record_activity(member=member, kind="review", key="x", at=later, now=NOON)
    assert not Activity.objects.exists()
