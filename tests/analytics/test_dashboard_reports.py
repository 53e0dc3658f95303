"""The reports under the dashboards say what small worlds can be counted to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics.jobs import count_bands, measure_members, record_figures
from analytics.models import DailyBand, Kpi, Target
from analytics.reports.changes import before_and_after
from analytics.reports.daily import parts_of, points_outstanding, sums_of
from analytics.reports.growth import growth
from analytics.reports.health import band_counts
from analytics.reports.lifecycle import lifecycle
from analytics.reports.overview import KpiFigure, give_back, kpis
from analytics.reports.points import points_economy
from analytics.reports.quadrants import quadrant_bins, quadrant_members, quadrants
from analytics.reports.sales import sales_by, sales_by_hour
from analytics.reports.tiers import tier_moves, tier_pyramid
from analytics.rules.health import DEFAULT_RULES, HealthBand
from analytics.rules.periods import Period, month_period, overlap
from analytics.services.health import apply_health, rejudge_range
from analytics.spans import LAST_ID
from loyalty.models import PointsMoney, Tier
from loyalty.services.activities import check_in
from loyalty.services.points import redeem_points
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import OperatorFactory, StoreFactory
from tests.loyalty.programmes import local

from .shopping import buy, noon, programme, shopper
from .shopping import give_back as send_back

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 15)
JUNE = Period(date(2025, 6, 1), date(2025, 6, 14))


@pytest.fixture
def member(db: None) -> Member:
    programme()
    return shopper("1")


def night(day: date = NIGHT) -> None:
    measure_members(day, 1, 2**62)
    record_figures(day, 0, 0)


def kpi(name: Kpi, period: Period = JUNE) -> KpiFigure:
    return next(figure for figure in kpis(period) if figure.kpi == name)


@pytest.mark.parametrize(
    ("days", "step", "parts"), [(1, "day", 1), (45, "day", 45), (46, "week", 7), (201, "month", 7)]
)
def test_a_period_is_told_by_parts_that_fit_its_length(days: int, step: str, parts: int) -> None:
    period = Period(date(2025, 6, 2), date(2025, 6, 2) + timedelta(days=days - 1))
    found = list(period.parts())
    assert (period.step, len(found)) == (step, parts)
    assert (found[0].first, found[-1].last) == (period.first, period.last)
    assert sum(part.days for part in found) == days


def test_periods_know_the_one_before_and_what_they_share() -> None:
    assert JUNE.previous() == Period(date(2025, 5, 18), date(2025, 5, 31))
    assert month_period(2024, 2).last == date(2024, 2, 29)
    assert month_period(2024, 12).last == date(2024, 12, 31)
    assert overlap(month_period(2025, 6), JUNE) == 14
    assert overlap(month_period(2025, 5), JUNE) == 0


def test_sums_are_net_of_what_came_back_in_the_period(member: Member) -> None:
    early = buy(member, date(2025, 5, 31), "100.00")
    buy(member, date(2025, 6, 1), "30.00")
    buy(member, date(2025, 6, 14), "20.00")
    buy(None, date(2025, 6, 2), "10.00")
    send_back(early, date(2025, 6, 3), "25.00")
    night()
    sums = sums_of(JUNE)
    assert (sums.orders, sums.net_revenue, sums.guest_revenue) == (2, 25, 10)
    assert (sums.order_value, sums.guest_order_value) == (Decimal("12.5"), 10)
    assert sums.member_share == Decimal(25) / 35
    assert sum((part.sums.net_revenue for part in parts_of(JUNE)), Decimal(0)) == 25


def test_nothing_in_a_period_is_nothing_to_divide(member: Member) -> None:
    night()
    sums = sums_of(JUNE)
    assert (sums.order_value, sums.member_share, sums.redemption) == (None, None, None)
    assert give_back(sums) is None


def test_kpis_stand_beside_the_period_before_and_their_target(member: Member) -> None:
    buy(member, date(2025, 5, 20), "40.00")
    buy(member, date(2025, 6, 1), "30.00")
    buy(shopper("2"), date(2025, 6, 2), "20.00")
    Target.objects.create(kpi=Kpi.NET_REVENUE, year=2025, month=6, goal=Decimal(300))
    Target.objects.create(kpi=Kpi.REPURCHASE, year=2025, month=6, goal=Decimal(40))
    night()
    revenue = kpi(Kpi.NET_REVENUE)
    assert (revenue.now, revenue.before, revenue.change) == (50, 40, Decimal("0.25"))
    # 14 of June's 30 days.
    assert (revenue.goal, revenue.reached) == (140, Decimal(50) / 140)
    again = kpi(Kpi.REPURCHASE)
    assert (again.now, again.before, again.goal) == (Decimal("0.5"), 0, Decimal("0.4"))
    assert again.reached == Decimal("1.25")
    assert kpi(Kpi.ORDERS).goal is None


def test_a_sum_has_a_target_only_where_every_month_has_one(member: Member) -> None:
    spring = Period(date(2025, 5, 25), date(2025, 6, 14))
    Target.objects.create(kpi=Kpi.ORDERS, year=2025, month=6, goal=Decimal(30))
    assert kpi(Kpi.ORDERS, spring).goal is None
    Target.objects.create(kpi=Kpi.ORDERS, year=2025, month=5, goal=Decimal(31))
    assert kpi(Kpi.ORDERS, spring).goal == 7 + 14


def test_give_back_is_points_spent_and_coupons_of_net_revenue(member: Member) -> None:
    PointsMoney.objects.update_or_create(pk=1, defaults={"points_per_money": 100})
    buy(member, date(2025, 6, 1), "1000.00")
    redeem_points(member=member, points=500, key="r", now=noon(date(2025, 6, 2)))
    night()
    sums = sums_of(JUNE)
    assert give_back(sums) == Decimal("0.005")
    assert sums.redemption == Decimal("0.5")


def test_growth_counts_members_as_of_each_end(member: Member) -> None:
    buy(member, date(2025, 6, 2))
    buy(member, date(2025, 6, 2))
    night()
    parts = growth(Period(date(2025, 6, 1), date(2025, 6, 3)))
    assert [part.members for part in parts] == [1, 1, 1]
    assert [part.joined for part in parts] == [0, 0, 0]
    assert [part.first_buyers for part in parts] == [0, 1, 0]
    assert [part.active_30 for part in parts] == [0, 1, 1]


def test_points_outstanding_are_all_moves_up_to_the_day(member: Member) -> None:
    buy(member, date(2025, 5, 1), "300.00")
    redeem_points(member=member, points=100, key="r", now=noon(date(2025, 6, 10)))
    night()
    assert points_outstanding(Period(date(2025, 6, 1), date(2025, 6, 9))) == 300
    assert points_outstanding(JUNE) == 200
    found = points_economy(JUNE, noon(NIGHT))
    assert (found.outstanding, found.owed.points, found.sums.points_spent) == (200, 200, 100)
    assert (found.breakage.rate, found.breakage.points) == (0, 0)


def test_lifecycle_counts_stages_and_the_days_between_them(member: Member) -> None:
    # Everyone joined on 1 January 2024.
    second, third, fourth = (shopper(str(number)) for number in (2, 3, 4))
    buy(member, date(2024, 1, 1))
    buy(member, date(2024, 1, 1))
    buy(second, date(2024, 1, 8))
    buy(second, date(2025, 3, 17))
    buy(third, date(2024, 2, 1))
    found = lifecycle(NIGHT)
    assert (found.joined, found.first, found.second) == (4, 3, 2)
    assert (found.active, found.at_risk, found.lost) == (1, 0, 1)
    assert found.to_first.median_days == 7
    moved = {band.lowest: band.moved for band in found.to_first.bands}
    assert moved == {0: 1, 1: 1, 8: 0, 31: 1, 61: 0, 91: 0, 181: 0, 366: 0}
    assert found.to_first.bands[-1].waiting == 1
    assert found.to_second.share == Decimal(2) / 3
    assert fourth.pk


@pytest.mark.parametrize(("ago", "stage"), [(90, "active"), (91, "at_risk"), (180, "at_risk")])
def test_lifecycle_draws_its_lines_between_days(member: Member, ago: int, stage: str) -> None:
    day = NIGHT - timedelta(days=ago)
    buy(member, day - timedelta(days=1))
    buy(member, day)
    found = lifecycle(NIGHT)
    assert getattr(found, stage) == 1
    assert lifecycle(NIGHT + timedelta(days=91)).lost == (1 if ago > 89 else 0)


def test_lifecycle_of_the_past_knows_no_later_purchase(member: Member) -> None:
    buy(member, date(2025, 6, 1))
    buy(member, date(2025, 6, 10))
    found = lifecycle(date(2025, 6, 10))
    assert (found.first, found.second) == (1, 0)


def test_quadrants_by_spending_and_interaction(member: Member) -> None:
    spends, checks, silent = shopper("2"), shopper("3"), shopper("4")
    # High begins at 300.00 and at two interactions.
    buy(member, date(2025, 6, 1), "300.00")
    buy(spends, date(2025, 6, 1), "700.00")
    buy(checks, date(2025, 6, 1), "299.99")
    for day in (date(2025, 6, 1), date(2025, 6, 2)):
        check_in(member=member, now=noon(day))
    for day in (date(2025, 5, 16), date(2025, 6, 2), date(2025, 6, 3)):
        check_in(member=checks, now=noon(day))
    check_in(member=spends, now=noon(date(2025, 6, 2)))
    # Too long ago for either.
    buy(silent, NIGHT - timedelta(days=91))
    check_in(member=silent, now=noon(date(2025, 5, 15)))
    night()
    bins = quadrant_bins()
    assert [(one.interactions, one.step, one.members) for one in bins] == [
        (0, 0, 1),
        (1, 3, 1),
        (2, 2, 1),
        (3, 2, 1),
    ]
    counts = {one.name: (one.members, one.amount) for one in quadrants(bins)}
    assert counts == {
        "active": (1, 300),
        "low_active": (1, Decimal("299.99")),
        "churn_risk": (1, 700),
        "silent": (1, 0),
    }
    for name, expected in (("active", member), ("low_active", checks), ("silent", silent)):
        (found,) = quadrant_members(name)
        assert found.member == expected
    assert quadrant_members("churn_risk", offset=1) == []


def test_quadrants_are_those_of_the_version_in_force(member: Member) -> None:
    buy(member, date(2025, 6, 1), "50.00")
    night()
    assert [one.quadrant for one in quadrant_bins()] == ["silent"]
    version = apply_health(
        rules=replace(DEFAULT_RULES, quadrant_money=Decimal(50)),
        reason="Small amounts count",
        operator=OperatorFactory.create(),
        key="v",
    )
    rejudge_range(version, 1, LAST_ID)
    assert [(one.quadrant, one.members) for one in quadrant_bins()] == [("churn_risk", 1)]
    (found,) = quadrant_members("churn_risk")
    assert (found.member, found.interactions, found.amount) == (member, 0, 50)


def test_health_bands_are_written_whole_for_their_night(member: Member) -> None:
    shopper("2")
    buy(member, date(2025, 6, 13), "9000.00")
    for _again in range(2):
        night()
        assert count_bands(NIGHT, 0, 0) == {"members": 2}
    assert DailyBand.objects.count() == 4
    names = [(one.band.name_en, one.members, one.share) for one in band_counts(JUNE)]
    # (988 + 83 + 1000) / 3 thousandths of recency, orders and money, by half.
    assert names == [
        ("Weak", 1, Decimal("0.5")),
        ("Fair", 1, Decimal("0.5")),
        ("Good", 0, 0),
        ("Excellent", 0, 0),
    ]
    # What a later night measured says nothing of this one.
    night(NIGHT + timedelta(days=1))
    assert count_bands(NIGHT, 0, 0) == {"members": 0}


def test_health_bands_of_the_past_keep_their_version(member: Member) -> None:
    night()
    count_bands(NIGHT, 0, 0)
    bands = (HealthBand(0, "Low", "低", "", ""), HealthBand(60, "High", "高", "", ""))
    version = apply_health(
        rules=replace(DEFAULT_RULES, bands=bands),
        reason="Two are enough",
        operator=OperatorFactory.create(),
        key="v",
    )
    for number in (1, 2):
        night(NIGHT + timedelta(days=number))
        count_bands(NIGHT + timedelta(days=number), 0, 0)
    week = Period(date(2025, 6, 14), date(2025, 6, 16))
    found = [(one.day.day, one.version, one.band.name_en, one.members) for one in band_counts(week)]
    assert found == [
        (14, None, "Weak", 1),
        (14, None, "Fair", 0),
        (14, None, "Good", 0),
        (14, None, "Excellent", 0),
        (15, version.pk, "Low", 1),
        (15, version.pk, "High", 0),
        (16, version.pk, "Low", 1),
        (16, version.pk, "High", 0),
    ]
    # By months, the last day of each that a night told.
    year = Period(date(2025, 1, 1), date(2025, 12, 31))
    assert [(one.day.day, one.band.name_en) for one in band_counts(year)] == [
        (16, "Low"),
        (16, "High"),
    ]


def test_sales_stand_beside_the_period_before(member: Member) -> None:
    first, second = StoreFactory.create(), StoreFactory.create()
    sold = (("a", 20, first, 1), ("b", 30, second, 2), ("c", 10, second, 15), ("d", 5, None, 3))
    for number, amount, store, day in sold:
        record_purchase(
            source="till",
            external_id=number,
            at=local(2025, 6, day, 10),
            amount=Decimal(amount),
            member=member if number != "d" else None,
            store=store,
            now=local(2025, 6, day, 10),
        )
    night(date(2025, 6, 30))
    rows = sales_by("store", Period(date(2025, 6, 2), date(2025, 6, 2)))
    assert [(row.key, row.amount, row.before, row.share) for row in rows] == [(second.pk, 30, 0, 1)]
    rows = sales_by("store", JUNE)
    assert [(row.name, row.amount, row.member_amount) for row in rows] == [
        (second.name, 30, 30),
        (first.name, 20, 20),
        ("", 5, 0),
    ]
    # 1 June 2025 was a Sunday.
    assert sales_by_hour(JUNE) == {(6, 10): 1, (0, 10): 1, (1, 10): 1}


def test_tiers_and_moves_between_them(member: Member) -> None:
    buy(member, date(2025, 6, 1), "600.00")
    other = shopper("2")
    buy(other, date(2025, 6, 1), "10.00")
    buy(other, date(2025, 6, 10), "2500.00")
    pyramid = {rung.tier.code: rung.members for rung in tier_pyramid()}
    assert pyramid == {"black": 0, "gold": 1, "silver": 1, "member": 0}
    names = [
        (move.from_tier.code if move.from_tier else None, move.to_tier.code, move.moves)
        for move in tier_moves(Period(date(2025, 6, 2), date(2025, 6, 14)))
    ]
    assert names == [("member", "gold", 1)]
    assert tier_moves(Period(date(2025, 6, 11), date(2025, 6, 14))) == []
    assert Tier.objects.count() == 4


def test_before_and_after_are_spans_of_the_same_length(member: Member) -> None:
    buy(member, date(2025, 6, 5), "10.00")
    buy(member, date(2025, 6, 10), "15.00")
    buy(member, date(2025, 6, 14), "15.00")
    night()
    found = before_and_after(date(2025, 6, 10), 30, yesterday=JUNE.last)
    assert found.is_cut
    assert (found.before, found.after) == (
        Period(date(2025, 6, 5), date(2025, 6, 9)),
        Period(date(2025, 6, 10), JUNE.last),
    )
    revenue = found.figures[0]
    assert (revenue.before, revenue.after, revenue.change) == (10, 30, 2)
    whole = before_and_after(date(2025, 6, 10), 5, yesterday=JUNE.last)
    assert not whole.is_cut
