"""Days' flows leave nothing out and put nothing in: forfeits, and what members did not do."""

from datetime import date, timedelta

import pytest
from django.db.models import Sum

from analytics.jobs import record_figures
from analytics.models import DailyFigure
from analytics.reports.daily import points_outstanding, sums_of
from analytics.reports.points import points_economy
from analytics.rules.periods import Period
from loyalty.models import Activity, PointsAccount
from loyalty.services.activities import check_in
from loyalty.services.points import earn_points, redeem_points
from members.models import Member
from members.services.erasure import erase_member, request_erasure

from .shopping import buy, give_back, noon, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
BEFORE = date(2025, 6, 14)
JUNE = Period(date(2025, 6, 1), BEFORE)


@pytest.fixture
def member(db: None) -> Member:
    programme()
    return shopper("1")


def erased(member: Member, on: date) -> None:
    asked = request_erasure(member=member, key="k", now=noon(on))
    erase_member(request=asked, now=noon(on))


def held() -> int:
    sums = PointsAccount.objects.filter(point_type__code="base").aggregate(
        held=Sum("balance"), owed=Sum("debt")
    )
    return int(sums["held"] or 0) - int(sums["owed"] or 0)


def test_points_that_an_erasure_forfeits_are_out_no_more(member: Member) -> None:
    earn_points(member=member, points=120, key="e", now=noon(date(2025, 6, 2)))
    earn_points(member=shopper("2"), points=30, key="e", now=noon(date(2025, 6, 2)))
    erased(member, date(2025, 6, 10))
    record_figures(DAY, 0, 0)
    assert points_outstanding(Period(JUNE.first, date(2025, 6, 9))) == 150
    assert points_outstanding(JUNE) == held() == 30
    sums = sums_of(JUNE)
    assert (sums.points_forfeited, sums.points_expired, sums.points_change) == (120, 0, 30)
    economy = points_economy(JUNE, noon(DAY))
    assert (economy.breakage.expired, economy.breakage.rate) == (0, None)


def test_a_debt_that_an_erasure_lets_off_is_owed_no_more(member: Member) -> None:
    purchase = buy(member, date(2025, 6, 2), "100.00")
    redeem_points(member=member, points=100, key="r", now=noon(date(2025, 6, 3)))
    give_back(purchase, date(2025, 6, 4), "100.00")
    assert held() == -100
    erased(member, date(2025, 6, 10))
    record_figures(DAY, 0, 0)
    assert points_outstanding(JUNE) == held() == 0
    assert sums_of(JUNE).points_forfeited == -100


def test_a_birthday_is_nothing_that_a_member_did(member: Member) -> None:
    Activity.objects.create(
        member=member, kind="birthday", key="2025", at=noon(BEFORE), business_date=BEFORE
    )
    other = shopper("2")
    check_in(member=other, now=noon(BEFORE - timedelta(days=1)))
    record_figures(DAY, 0, 0)
    figures = DailyFigure.objects.get(business_date=BEFORE)
    assert (figures.active_members, figures.active_members_30) == (0, 1)
