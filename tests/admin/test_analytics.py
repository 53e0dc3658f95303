"""The figures and the lifetime models on the operators' side."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from analytics.charts import weeks_chart
from analytics.errors import TooFewCustomers
from analytics.jobs import fit_lifetimes, measure_members, predict_lifetimes
from analytics.models import LifetimeFit, LifetimeRefusal, MemberMetrics
from analytics.services.lifetime import refuse_fit
from members.models import Member
from tests.analytics.shopping import buy, programme, shop_at_random, shopper
from tests.factories import OperatorFactory

from .rows import lifetime_fit

FIGURES = "admin:analytics_membermetrics_figures"
VALUE = "admin:analytics_lifetimefit_value"
MAY = date(2025, 5, 1)


def text_of(desk: Client, name: str, query: str = "") -> str:
    response = desk.get(reverse(name) + query)
    assert response.status_code == 200
    return response.getvalue().decode("utf-8-sig")


def lines_of(desk: Client, name: str) -> list[str]:
    return text_of(desk, FIGURES, f"?on=2025-06-15&csv={name}").splitlines()


def chart_of(page: str, chart_id: str) -> dict[str, Any]:
    """The chart that a page hands over for drawing."""
    found = re.search(rf'<script id="{chart_id}" type="application/json">(.*?)</script>', page)
    assert found
    option: dict[str, Any] = json.loads(found[1])["option"]
    return option


@pytest.fixture
def shoppers(db: None) -> None:
    """Two members: one bought twice in two months, one once."""
    programme()
    first, second = shopper("=14646"), shopper("18102")
    buy(first, MAY, "1279.02")
    buy(first, date(2025, 6, 1), "10.00")
    buy(second, MAY, "20.00")


def test_figures_are_of_the_day_that_is_asked_for(desk: Client, shoppers: None) -> None:
    page = text_of(desk, FIGURES, "?on=2025-06-15&cohorts=shares")
    for text in ("50.0%", "CN¥1,289.02", "2025-05", "+1", "=14646"):
        assert text in page, text
    assert "2025-06</th>" not in page
    before = text_of(desk, FIGURES, "?on=2025-05-01")
    assert "No member had bought anything by then." in before


def test_figures_are_as_of_today_unless_told(desk: Client, shoppers: None) -> None:
    assert "CN¥1,289.02" in text_of(desk, FIGURES)


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "1899-12-31", ""])
def test_figures_refuse_a_day_that_is_none(day: str, desk: Client, shoppers: None) -> None:
    page = text_of(desk, FIGURES, f"?on={day}&csv=top")
    assert "CN¥" not in page
    assert "Repurchase rate" not in page


def test_every_figure_is_a_file_too(desk: Client, shoppers: None) -> None:
    assert lines_of(desk, "repurchase") == [
        "Counted by,Members who bought,Bought again,Repurchase rate",
        "orders,2,1,0.500000",
        "days,2,1,0.500000",
    ]
    assert lines_of(desk, "frequency") == [
        "Orders from,to,Members",
        "1,1,1",
        "2,2,1",
        "3,5,0",
        "6,10,0",
        "11,,0",
    ]
    assert lines_of(desk, "recency")[:3] == ["Days ago from,to,Members", "0,30,1", "31,90,1"]
    assert lines_of(desk, "rfm") == ["Recency,Frequency,Money,Members", "2,2,2,1", "1,1,1,1"]
    assert lines_of(desk, "cohorts") == ["First purchase,0,1", "2025-05,2,1"]
    shares = ["First purchase,0,1", "2025-05,1.000000,0.500000"]
    assert lines_of(desk, "cohort_shares") == shares
    asked = text_of(desk, FIGURES, "?on=2025-06-15&cohorts=shares")
    assert "csv=cohort_shares" in asked


def test_a_file_holds_no_formula(desk: Client, shoppers: None) -> None:
    cards = dict(Member.objects.values_list("external_number", "card_number"))
    assert lines_of(desk, "top") == [
        "Customer number,Card number,Net spend",
        f"'=14646,{cards['=14646']},1289.02",
        f"18102,{cards['18102']},20.00",
    ]


def test_who_has_no_number_of_the_shop_s_is_called_by_name(desk: Client, shoppers: None) -> None:
    Member.objects.filter(external_number="18102").update(external_number=None)
    assert lines_of(desk, "top")[2].startswith(",")
    page = text_of(desk, FIGURES, "")
    assert page.count(">王小明</a>") == 1


def test_figures_cost_six_queries_however_many_members(desk: Client, shoppers: None) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(desk, FIGURES)
        return len([query for query in captured if "WITH" in query["sql"]])

    assert cost() == 6
    for number in range(10):
        buy(shopper(str(number)), MAY)
    assert cost() == 6


def test_value_says_that_nothing_was_fitted_yet(desk: Client) -> None:
    assert "No model has been fitted yet." in text_of(desk, VALUE)


def test_value_tells_why_the_last_night_fitted_nothing(desk: Client) -> None:
    lifetime_fit(0)
    refusal = TooFewCustomers(customers=1_234, fewest=5_000)
    refuse_fit(night=date(2025, 2, 1), refusal=refusal)
    page = text_of(desk, VALUE)
    assert "No fit on Feb. 1, 2025: A lifetime model takes the purchases" in page
    assert "at least 5,000 customers; these are of 1,234." in page
    lifetime_fit(9)
    assert "No fit on" not in text_of(desk, VALUE)


def test_value_shows_the_latest_fit_and_its_sums(desk: Client, db: None) -> None:
    programme()
    shop_at_random(150, start=date(2024, 1, 1), weeks=60)
    night = date(2025, 1, 1)
    fit_lifetimes(night, 0, 0)
    measure_members(night, 1, 2**62)
    predict_lifetimes(night, 1, 2**62)
    fit = LifetimeFit.objects.get()
    page = text_of(desk, VALUE)
    assert f"{fit.alpha:.4f}" in page
    total = sum(metrics.predicted_value or Decimal(0) for metrics in MemberMetrics.objects.all())
    assert f"CN¥{total:,.2f}" in page
    assert "of 150 members" in page
    chart = chart_of(page, "chart-weeks")
    actual, expected = chart["series"]
    assert len(chart["xAxis"]["data"]) == len(fit.weeks) == len(expected["data"])
    # The weeks that the model has not seen are paler.
    pale = [bar for bar in actual["data"] if isinstance(bar, dict)]
    assert len(pale) == sum(week["is_held_out"] for week in fit.weeks) > 0


def test_value_gives_its_weeks_as_a_file(desk: Client, db: None) -> None:
    lifetime_fit(0)
    assert text_of(desk, VALUE, "?csv=weeks").splitlines() == [
        "Week,Last day,Actual,Expected,Held out",
        "1,2024-12-24,1200,1234.56,0",
        "2,2024-12-31,2400,1234.56,1",
    ]


def test_an_operator_without_permission_sees_neither(client: Client, db: None) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    for name in (FIGURES, VALUE):
        assert client.get(reverse(name)).status_code == 403


def test_a_refusal_is_told_in_the_readers_language(desk: Client) -> None:
    refuse_fit(night=date(2025, 2, 1), refusal=TooFewCustomers(customers=3, fewest=50))
    assert LifetimeRefusal.objects.count() == 1
    with translation.override("en"):
        response = desk.get(reverse(VALUE), headers={"accept-language": "zh-hans"})
    assert "拟合生命周期模型至少需要 50 位顾客的消费，目前只有 3 位。" in response.content.decode()


def test_there_is_no_chart_of_no_weeks() -> None:
    assert weeks_chart([], actual="", expected="") is None
