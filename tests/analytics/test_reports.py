"""Reports count what they say they count."""

from datetime import date
from decimal import Decimal

import pytest

from analytics import reports
from members.models import Member

from .shopping import buy, free_line, give_back, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
MAY = date(2025, 5, 1)
BEFORE = date(2025, 6, 14)


@pytest.fixture
def member(db: None) -> Member:
    programme()
    return shopper("1")


def buyers(day: date = DAY) -> tuple[int, int, int]:
    found = reports.repurchase(day)
    return found.buyers, found.repeated_by_orders, found.repeated_by_days


def test_are_empty_while_nobody_has_bought(member: Member) -> None:
    found = reports.repurchase(DAY)
    assert (found.buyers, found.rate_by_orders, found.rate_by_days) == (0, None, None)
    assert [band.members for band in reports.frequency_bands(DAY)] == [0] * 5
    assert [band.members for band in reports.recency_bands(DAY)] == [0] * 4
    assert reports.rfm_grid(DAY) == []
    assert reports.top_members(DAY) == []
    assert reports.first_purchase_cohorts(DAY) == []


def test_repurchase_counts_orders_and_days(member: Member) -> None:
    buy(member, MAY)
    assert buyers() == (1, 0, 0)
    buy(member, MAY)
    assert buyers() == (1, 1, 0)
    buy(member, BEFORE)
    assert buyers() == (1, 1, 1)
    found = reports.repurchase(DAY)
    assert (found.rate_by_orders, found.rate_by_days) == (1, 1)


def test_leave_out_guests_and_the_day_itself(member: Member) -> None:
    buy(None, MAY)
    buy(member, DAY)
    assert buyers() == (0, 0, 0)
    assert buyers(date(2025, 6, 16)) == (1, 0, 0)


def test_leave_out_purchases_without_any_price(member: Member) -> None:
    buy(member, MAY, "0.00")
    buy(member, MAY, "0.00", lines=(free_line(),))
    assert buyers() == (0, 0, 0)


def test_count_purchases_of_priced_things_that_cost_nothing(member: Member) -> None:
    buy(member, MAY, "0.00", lines=(free_line(), free_line("0.0010")))
    assert buyers() == (1, 0, 0)


def test_leave_out_what_was_given_back_as_a_whole(member: Member) -> None:
    purchase = buy(member, MAY, "10.00")
    give_back(purchase, date(2025, 5, 2), "9.99")
    assert buyers() == (1, 0, 0)
    give_back(purchase, BEFORE, "0.01")
    assert buyers(BEFORE) == (1, 0, 0)
    assert buyers() == (0, 0, 0)


def test_keep_a_purchase_whatever_refunds_that_name_none_give_back(member: Member) -> None:
    buy(member, MAY, "10.00")
    give_back(None, BEFORE, "10.00", member=member)
    assert buyers() == (1, 0, 0)
    assert reports.top_members(DAY)[0].amount == Decimal("0.00")


@pytest.mark.parametrize(("ago", "band"), [(1, 0), (30, 0), (31, 1), (90, 1), (91, 2), (181, 3)])
def test_recency_bands_end_on_their_days(member: Member, ago: int, band: int) -> None:
    buy(member, date.fromordinal(DAY.toordinal() - ago))
    expected = [0, 0, 0, 0]
    expected[band] = 1
    assert [found.members for found in reports.recency_bands(DAY)] == expected


def test_bands_follow_the_bounds_that_are_asked_for(member: Member) -> None:
    for _ in range(3):
        buy(member, MAY)
    bands = reports.frequency_bands(DAY, bounds=(2, 4))
    assert [(band.lowest, band.highest, band.members) for band in bands] == [
        (1, 2, 0),
        (3, 4, 1),
        (5, None, 0),
    ]


def test_rfm_grid_counts_members_with_the_same_scores(member: Member) -> None:
    others = [shopper(str(number)) for number in range(2, 11)]
    for number, other in enumerate([member, *others]):
        # The later somebody bought, the less and the seldomer; two and two score the same.
        for _ in range(5 - number // 2):
            buy(other, date(2025, 5, 1 + number), f"{10 * (5 - number // 2)}.00")
    grid = [(cell.code, cell.members) for cell in reports.rfm_grid(DAY)]
    assert grid == [("511", 2), ("422", 2), ("333", 2), ("244", 2), ("155", 2)]


def test_rfm_money_is_net_of_refunds(member: Member) -> None:
    other = shopper("2")
    buy(other, MAY, "20.00")
    purchase = buy(member, MAY, "30.00")
    assert [cell.code for cell in reports.rfm_grid(DAY)] == ["221", "112"]
    give_back(purchase, BEFORE, "11.00")
    assert [cell.code for cell in reports.rfm_grid(DAY)] == ["222", "111"]


def test_top_members_lists_the_greatest_net_spend_first(member: Member) -> None:
    second, third = shopper("2"), shopper("3")
    buy(member, MAY, "20.00")
    buy(second, MAY, "30.00")
    give_back(buy(third, MAY, "90.00"), BEFORE, "65.00")
    top = reports.top_members(DAY, count=2)
    assert [(row.external_number, row.amount) for row in top] == [
        ("2", Decimal("30.00")),
        ("3", Decimal("25.00")),
    ]
    assert top[0].member_id == second.pk


def test_cohorts_count_months_after_the_first(member: Member) -> None:
    for day in (date(2025, 3, 31), date(2025, 4, 1), date(2025, 6, 14)):
        buy(member, day)
    other = shopper("2")
    buy(other, date(2025, 3, 1))
    buy(other, date(2025, 3, 2))
    buy(shopper("3"), date(2025, 5, 31))
    march, may = reports.first_purchase_cohorts(DAY)
    assert (march.month, march.active) == (date(2025, 3, 1), (2, 1, 0, 1))
    assert march.shares == (1, Decimal("0.5"), 0, Decimal("0.5"))
    assert (may.month, may.active) == (date(2025, 5, 1), (1, 0))


def test_cohorts_end_with_the_month_before_the_first_of_a_month(member: Member) -> None:
    buy(member, date(2025, 4, 30))
    (april,) = reports.first_purchase_cohorts(date(2025, 6, 1))
    assert april.active == (1, 0)
