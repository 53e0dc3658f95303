"""One person is one member in every figure: two merged cards come to what one does."""

from datetime import date

import pytest

from analytics.jobs import measure_members, record_figures, score_members
from analytics.models import CareTask, DailyFigure, MemberMetrics, WarningLevel
from loyalty.services.activities import check_in
from members.models import Member
from members.services import record_visit
from tests.analytics.shopping import buy, give_back, noon, programme, shopper

from .worlds import merge, undo

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
LAST_ID = 2**63 - 1
OWN = {"member", "favourite_store", "favourite_category", "fit", "health_version", "warning"}


@pytest.fixture(autouse=True)
def _programme() -> None:
    programme()


def lived(first: Member, second: Member) -> None:
    """A year of somebody who shows one card or the other; visits on both are one day."""
    buy(first, date(2024, 9, 1), "100.00")
    sent_back = buy(second, date(2025, 3, 20), "30.00")
    buy(second, date(2025, 5, 30), "20.00")
    whole = buy(second, date(2025, 6, 1), "7.00")
    buy(first, date(2025, 6, 10), "5.00")
    give_back(sent_back, date(2025, 4, 1), "10.00")
    give_back(whole, date(2025, 6, 2), "7.00")
    for member in {first, second}:
        record_visit(member=member, now=noon(date(2025, 6, 3)))
    check_in(member=second, now=noon(date(2025, 6, 4)))


def measured(member: Member) -> dict[str, object]:
    row = MemberMetrics.objects.get(member=member)
    return {
        field.name: getattr(row, field.name)
        for field in MemberMetrics._meta.fields
        if field.name not in OWN
    }


def night() -> None:
    measure_members(DAY, 1, LAST_ID)
    score_members(DAY, 0, 0)


def test_metrics_are_those_of_one_person() -> None:
    kept, merged, twin = shopper(), shopper(), shopper()
    lived(kept, merged)
    lived(twin, twin)
    merge(kept, merged, now=noon(date(2025, 6, 14)))
    measure_members(DAY, 1, LAST_ID)
    assert measured(kept) == measured(twin)
    assert measured(kept)["orders"] == 4
    assert not MemberMetrics.objects.filter(member=merged).exists()


def test_whoever_is_merged_is_in_one_fifth_only() -> None:
    people = [shopper() for _number in range(6)]
    for number, member in enumerate(people):
        buy(member, date(2025, 6, 1 + number))
    merge(people[0], people[5], now=noon(date(2025, 6, 14)))
    night()
    scores = MemberMetrics.objects.exclude(recency_score=None).order_by("recency_score")
    assert [row.member for row in scores] == [*people[1:5], people[0]]


def test_undone_both_are_measured_by_themselves() -> None:
    kept, merged, first_twin, second_twin = (shopper() for _number in range(4))
    lived(kept, merged)
    lived(first_twin, second_twin)
    done = merge(kept, merged, now=noon(date(2025, 6, 13)))
    measure_members(DAY, 1, LAST_ID)
    undo(done, now=noon(date(2025, 6, 14)))
    measure_members(DAY, 1, LAST_ID)
    assert measured(kept)["orders"] == measured(first_twin)["orders"] == 2
    assert measured(merged) == measured(second_twin)


def test_is_active_once_a_day_and_in_thirty_days() -> None:
    kept, merged = shopper(), shopper()
    for member in (kept, merged):
        buy(member, date(2025, 6, 14))
    record_figures(DAY, 0, 0)
    before = DailyFigure.objects.get(business_date=date(2025, 6, 14))
    assert (before.active_members, before.active_members_30) == (2, 2)
    merge(kept, merged, now=noon(DAY))
    DailyFigure.objects.all().delete()
    record_figures(DAY, 0, 0)
    after = DailyFigure.objects.get(business_date=date(2025, 6, 14))
    assert (after.active_members, after.active_members_30) == (1, 1)


def test_nobody_cares_for_a_merged_member() -> None:
    kept, merged = shopper(), shopper()
    level = WarningLevel.objects.create(kind="no_purchase", threshold=30, rank=1, name_en="Away")
    for member in (kept, merged):
        figures = {"threshold": 30, "money_365": 0, "suggested_en": "Call"}
        CareTask.objects.create(member=member, level=level, opened_on=DAY, due_on=DAY, **figures)
    merge(kept, merged, now=noon(DAY))
    ends = dict(CareTask.objects.values_list("member", "status"))
    assert ends == {kept.pk: "open", merged.pk: "dismissed"}
