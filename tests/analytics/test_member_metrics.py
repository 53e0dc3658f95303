"""Every member's figures of the latest night: measured, scored, predicted."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from analytics.jobs import fit_lifetimes, measure_members, predict_lifetimes, score_members
from analytics.models import LifetimeFit, MemberMetrics
from analytics.rules.histories import histories_of
from analytics.rules.returning import Returning
from analytics.rules.spending import Spending
from members.models import Member

from .shopping import buy, give_back, programme, shop_at_random, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
MAY = date(2025, 5, 1)
LAST_ID = 2**63 - 1


def night(day: date = DAY) -> None:
    fit_lifetimes(day, 0, 0)
    measure_members(day, 1, LAST_ID)
    score_members(day, 0, 0)
    predict_lifetimes(day, 1, LAST_ID)


def metrics_of(member: Member) -> MemberMetrics:
    return MemberMetrics.objects.get(member=member)


def scores() -> dict[str, str | None]:
    """The scores of each member, by their number."""
    rows = MemberMetrics.objects.select_related("member")
    return {metrics.member.external_number or "–": metrics.rfm for metrics in rows}


def test_measure_what_a_member_bought() -> None:
    programme()
    member = shopper()
    buy(member, date(2024, 6, 14), "100.00")
    buy(member, date(2024, 6, 15), "10.00")
    purchase = buy(member, date(2025, 3, 16), "5.00")
    buy(member, date(2025, 3, 17), "2.00")
    buy(member, date(2025, 6, 14), "1.00")
    buy(member, date(2025, 6, 14), "1.00")
    buy(member, DAY, "77.00")
    give_back(purchase, date(2025, 3, 20), "4.00")
    night()
    found = metrics_of(member)
    assert (found.business_date, found.recency_days) == (DAY, 1)
    assert (found.first_purchase_on, found.last_purchase_on) == (
        date(2024, 6, 14),
        date(2025, 6, 14),
    )
    assert (found.orders, found.purchase_days) == (6, 5)
    # 365 days before 15 June 2025 begin on 15 June 2024, 90 days before it on 17 March 2025.
    assert (found.money, found.money_365, found.money_90) == (115, 15, 0)
    assert found.later_amount == 15


def test_measure_members_who_never_bought() -> None:
    member = shopper()
    night()
    found = metrics_of(member)
    assert (found.orders, found.money, found.recency_days, found.rfm) == (0, 0, None, None)


def test_later_spend_is_what_refunds_of_it_left() -> None:
    programme()
    member = shopper()
    first = buy(member, MAY, "50.00")
    second = buy(member, date(2025, 5, 8), "30.00")
    night()
    assert metrics_of(member).later_amount == 30
    give_back(first, date(2025, 5, 9), "20.00")
    night()
    assert metrics_of(member).later_amount == 30
    give_back(second, date(2025, 5, 9), "10.00")
    night()
    assert metrics_of(member).later_amount == 20
    give_back(None, date(2025, 5, 9), "200.00", member=member)
    night()
    assert metrics_of(member).later_amount == 0


def test_are_made_anew_by_every_night() -> None:
    programme()
    member = shopper()
    purchase = buy(member, MAY, "50.00")
    night()
    night()
    assert (metrics_of(member).orders, metrics_of(member).rfm) == (1, "111")
    give_back(purchase, DAY, "50.00")
    night(date(2025, 6, 16))
    found = metrics_of(member)
    assert (found.business_date, found.orders, found.money) == (date(2025, 6, 16), 0, 0)
    assert found.rfm is None


def test_measure_only_the_range() -> None:
    members = [shopper() for _ in range(3)]
    assert measure_members(DAY, members[1].pk, members[1].pk) == {"members": 1}
    assert list(MemberMetrics.objects.values_list("member", flat=True)) == [members[1].pk]


def test_ties_go_by_number_then_other_numbers_then_none() -> None:
    long = "9" * 20
    numbers = [None, "A-7", "100", "010", "9", "B", "8", f"1{long}", long]
    programme()
    for number in ["1", *numbers]:
        buy(shopper(number), MAY)
    night()
    assert scores() == {
        "1": "111",
        "8": "111",
        "9": "222",
        "010": "222",
        "100": "333",
        long: "333",
        f"1{long}": "444",
        "A-7": "444",
        "B": "555",
        "–": "555",
    }


@pytest.mark.postgres
def test_ties_go_by_the_same_order_in_every_language_of_a_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collname FROM pg_collation WHERE collname IN ('en-x-icu', 'en_US.utf8')"
        )
        if (found := cursor.fetchone()) is None:
            pytest.skip("This server knows no order but that of bytes.")
        cursor.execute(
            "ALTER TABLE members_member"
            f' ALTER COLUMN external_number TYPE varchar(64) COLLATE "{found[0]}"'
        )
    for number in ("a7", "B1"):
        buy(shopper(number), DAY - timedelta(days=1))
    night()
    assert scores() == {"B1": "111", "a7": "222"}


def test_scores_each_figure_by_itself() -> None:
    programme()
    for number in range(5):
        member = shopper(str(number + 1))
        # The later somebody bought, the less and the seldomer.
        for _ in range(5 - number):
            buy(member, date(2025, 5, 1 + number), f"{10 * (5 - number)}.00")
    night()
    assert scores() == {"1": "155", "2": "244", "3": "333", "4": "422", "5": "511"}


def test_scores_write_only_what_changed() -> None:
    programme()
    for number in range(5):
        buy(shopper(str(number)), date(2025, 5, 1 + number))
    measure_members(DAY, 1, LAST_ID)
    assert score_members(DAY, 0, 0) == {"members": 5}
    assert score_members(DAY, 0, 0) == {"members": 0}


def test_predict_nothing_without_a_fit() -> None:
    programme()
    member = shopper()
    buy(member, MAY)
    night()
    found = metrics_of(member)
    assert (found.fit, found.alive, found.predicted_value) == (None, None, None)


def test_predict_by_the_latest_fit() -> None:
    programme()
    shop_at_random(150, start=date(2024, 1, 1), weeks=60)
    idle = shopper()
    night(date(2025, 1, 1))
    fit = LifetimeFit.objects.get()
    returning = Returning(fit.r, fit.alpha, fit.a, fit.b)
    spending = Spending(fit.p, fit.q, fit.gamma)
    assert MemberMetrics.objects.filter(fit=fit).count() == 150
    assert metrics_of(idle).fit is None
    for found in MemberMetrics.objects.filter(fit=fit)[:40]:
        assert found.first_purchase_on
        assert found.last_purchase_on
        later = found.purchase_days - 1
        spent = float(found.later_amount) / later if later else 0.0
        last_day = date(2024, 12, 31)
        spans = (found.last_purchase_on, last_day)
        recency, age = ((day - found.first_purchase_on).days for day in spans)
        history = histories_of([(later, recency, age, spent)])
        assert found.alive == pytest.approx(returning.alive(history)[0])
        purchases = returning.expected_after(history, 365 / 7)[0]
        assert found.expected_purchases == pytest.approx(purchases)
        value = purchases * spending.expected(history)[0]
        assert float(found.predicted_value or 0) == pytest.approx(value, abs=0.006)


def test_predict_nothing_for_closed_memberships() -> None:
    programme()
    member = shop_at_random(150, start=date(2024, 1, 1), weeks=60)[0]
    night(date(2025, 1, 1))
    assert metrics_of(member).fit is not None
    Member.objects.filter(pk=member.pk).update(status=Member.Status.CLOSED)
    night(date(2025, 1, 2))
    found = metrics_of(member)
    assert (found.fit, found.alive, found.predicted_value) == (None, None, None)
    assert found.orders > 0


@pytest.mark.parametrize(
    "broken",
    [
        {"orders": 1},
        {"recency_score": 6, "frequency_score": 1, "money_score": 1},
        {"recency_score": 1},
        {"alive": 0.5},
    ],
)
def test_the_database_refuses_figures_that_contradict_each_other(broken: dict[str, float]) -> None:
    member = shopper()
    night()
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberMetrics.objects.filter(member=member).update(**broken)
