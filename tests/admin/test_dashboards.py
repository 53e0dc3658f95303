"""The dashboards on the operators' side: figures, charts, files, periods and rights."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.admin.dashboards import DASHBOARDS
from analytics.jobs import count_bands, measure_members, record_figures
from analytics.models import DailyFigure, Kpi, Target
from members.models import Member, Segment
from tests.analytics.shopping import buy, give_back, programme, shopper
from tests.benefits.offers import coupon_for, offer
from tests.factories import OperatorFactory
from tests.loyalty.programmes import local

NIGHT = date(2025, 6, 15)


@pytest.fixture(autouse=True)
def _in_june(time_machine: Any) -> None:
    time_machine.move_to(local(2025, 6, 15, 12))


@pytest.fixture
def sold(db: None) -> None:
    """Two members and a guest in June, and a little in May."""
    programme()
    first, second = shopper("=1+1"), shopper("2")
    buy(first, date(2025, 5, 10), "40.00")
    kept = buy(first, date(2025, 6, 2), "60.00")
    buy(second, date(2025, 6, 3), "30.00")
    buy(None, date(2025, 6, 3), "10.00")
    give_back(kept, date(2025, 6, 4), "20.00")
    night()


def night() -> None:
    measure_members(NIGHT, 1, 2**62)
    count_bands(NIGHT, 0, 0)
    record_figures(NIGHT, 0, 0)


def address(name: str, query: str = "") -> str:
    return reverse("admin:analytics_dailyfigure_dashboard", args=[name]) + query


def text_of(desk: Client, name: str, query: str = "") -> str:
    response = desk.get(address(name, query))
    assert response.status_code == 200
    return response.getvalue().decode("utf-8-sig")


def lines_of(desk: Client, name: str, key: str, query: str = "") -> list[str]:
    return text_of(desk, name, f"?csv={key}{query}").splitlines()


def chart_of(page: str, key: str) -> dict[str, Any]:
    found = re.search(rf'<script id="chart-{key}" type="application/json">(.*?)</script>', page)
    assert found
    chart: dict[str, Any] = json.loads(found[1])
    return chart


JUNE = "&first=2025-06-01&last=2025-06-14"


def test_the_overview_tells_figures_targets_and_the_period_before(desk: Client, sold: None) -> None:
    Target.objects.create(kpi=Kpi.NET_REVENUE, year=2025, month=6, goal=Decimal(300))
    assert lines_of(desk, "overview", "figures", JUNE)[:4] == [
        "Figure,Now,Before,Change,Target,Reached",
        "Net revenue of members,70.00,0.00,,140.00,0.5",
        "Orders of members,2,0,,,",
        "Average order value,35.00,,,,",
    ]
    page = text_of(desk, "overview", f"?x=1{JUNE}")
    for text in ("CN¥70.00", "50.0% of the target of CN¥140.00", "CN¥35.00"):
        assert text in page, text
    chart = chart_of(page, "revenue")
    assert (chart["unit"], chart["currency"]) == ("money", "CNY")
    members, guests = chart["option"]["series"]
    assert members["data"][:5] == [0, 60, 30, -20, 0]
    assert guests["data"][:3] == [0, 0, 10]


def test_a_period_is_kept_in_the_address(desk: Client, sold: None) -> None:
    page = text_of(desk, "sales", "?period=90d")
    assert 'aria-current="true">90 days' in page
    assert "?period=90d&amp;csv=who" in page
    assert lines_of(desk, "sales", "who", "&period=90d")[1].startswith("Members,3,110.00")
    assert "Nothing was sold in these days" in text_of(desk, "sales", "?period=7d")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?first=2025-06-14&last=2025-06-01", "The first day comes after the last one."),
        ("?first=2025-06-01&last=2025-06-15", "Choose a day that is over, yesterday at the latest"),
        ("?first=1950-01-01&last=2025-06-01", "Choose ten years at most."),
        ("?first=&last=2025-06-01", "This field is required."),
        ("?first=now&last=2025-06-01", "Enter a valid date."),
    ],
)
def test_a_period_that_is_none_is_refused(query: str, error: str, desk: Client, sold: None) -> None:
    page = text_of(desk, "overview", query)
    assert error in page
    assert "CN¥" not in page


def test_every_dashboard_says_so_where_there_is_nothing(desk: Client, db: None) -> None:
    programme()
    nothing = {
        "overview": "There is nothing to show for these days.",
        "growth": "There is nothing to show for these days.",
        "lifecycle": "Nobody had joined by then.",
        "quadrants": "No night has measured members yet.",
        "health": "No night has counted health bands",
        "tiers": "No member has been reviewed yet",
        "points": "Members hold no points.",
        "coupons": "No coupons were given out in these days.",
        "events": "No session of an event began in these days.",
        "sales": "Nothing was sold in these days",
        "change": "Before and after",
        "returns": "Choose a coupon offer, a reward, a campaign",
    }
    assert set(nothing) == set(DASHBOARDS)
    for name, text in nothing.items():
        assert text in text_of(desk, name), name


def test_sales_by_hour_are_a_heat_map_and_a_table(desk: Client, sold: None) -> None:
    page = text_of(desk, "sales", f"?x=1{JUNE}")
    cells = chart_of(page, "hours")["option"]["series"][0]["data"]
    # Monday and twice on Tuesday at noon.
    assert [cell for cell in cells if cell[2]] == [[12, 0, 1], [12, 1, 2]]
    tuesday = lines_of(desk, "sales", "hours", JUNE)[2].split(",")
    assert (tuesday[0], tuesday[13], len(tuesday)) == ("Tue", "2", 25)


def test_the_lifecycle_is_a_funnel(desk: Client, sold: None) -> None:
    page = text_of(desk, "lifecycle", "?on=2025-06-15")
    steps = chart_of(page, "stages")["option"]["series"][0]["data"]
    assert [(step["name"], step["value"]) for step in steps] == [
        ("Joined", 2),
        ("First purchase", 2),
        ("Second purchase", 1),
        ("Active", 1),
    ]


def test_a_quadrant_leads_to_its_members(desk: Client, sold: None) -> None:
    buy(Member.objects.get(external_number="=1+1"), date(2025, 6, 5), "500.00")
    buy(Member.objects.get(external_number="2"), date(2025, 6, 5), "270.00")
    night()
    page = text_of(desk, "quadrants")
    # Both amounts are much: the page says where that begins, by the version in force.
    assert "from CN¥300.00 on" in page
    assert "from 2 interactions in 30 days on" in page
    members = reverse("admin:analytics_dailyfigure_quadrant", args=["churn_risk"])
    assert f'href="{members}"' in page
    shown = desk.get(members).content.decode()
    assert ("CN¥580.00" in shown, "CN¥300.00" in shown) == (True, True)
    # What looks like a formula is a text.
    lines = desk.get(f"{members}?csv=members").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "Customer number,Card,Interactions of 30 days,Net spend"
    assert lines[1].startswith("'=1+1,")
    nobody = reverse("admin:analytics_dailyfigure_quadrant", args=["active"])
    assert "There are no such members." in desk.get(nobody).content.decode()
    lost = reverse("admin:analytics_dailyfigure_quadrant", args=["lost"])
    assert desk.get(lost).status_code == 404


def test_health_bands_are_told_day_by_day(desk: Client, sold: None) -> None:
    assert lines_of(desk, "health", "bands", JUNE) == [
        "At the end of,Version,Band,From score,Members,Of all",
        "2025-06-14,the product’s own,Weak,0,2,1",
        "2025-06-14,the product’s own,Fair,25,0,0",
        "2025-06-14,the product’s own,Good,50,0,0",
        "2025-06-14,the product’s own,Excellent,75,0,0",
    ]
    chart = chart_of(text_of(desk, "health", f"?x=1{JUNE}"), "bands")["option"]
    assert chart["xAxis"]["data"] == ["06-14"]
    first = chart["series"][0]
    assert (first["name"], first["data"]) == ("Weak", [2])
    assert {one["stack"] for one in chart["series"]} == {"bands"}


def test_members_of_a_quadrant_come_fifty_at_a_time(desk: Client, db: None) -> None:
    programme()
    for number in range(52):
        shopper(str(number))
    night()
    silent = reverse("admin:analytics_dailyfigure_quadrant", args=["silent"])
    first = desk.get(silent).content.decode()
    assert first.count('scope="row"') == 50
    assert 'href="?from=50"' in first
    second = desk.get(f"{silent}?from=50").content.decode()
    assert second.count('scope="row"') == 2
    assert 'href="?from=0"' in second


def test_points_are_told_by_what_moved_them(desk: Client, sold: None) -> None:
    page = text_of(desk, "points", f"?x=1{JUNE}")
    assert "Liability now" in page
    fourth = lines_of(desk, "points", "flows", JUNE)[4]
    assert fourth == "2025-06-04,0,20,0,0,0,0,0,-20"


def test_coupons_are_followed_to_their_use(desk: Client, sold: None) -> None:
    template = offer("=ten", name_en="=Ten")
    coupon_for(shopper("7"), template, now=local(2025, 6, 5, 9))
    assert lines_of(desk, "coupons", "offers", JUNE) == [
        "Offer,Given out,Held by members,Used,Used of those held,Expired,Withdrawn,Discount,"
        "Paid with them",
        "'=Ten,1,1,0,0,0,0,0,0",
    ]


def test_before_and_after_compare_the_same_span(desk: Client, sold: None) -> None:
    page = text_of(desk, "change", "?on=2025-06-02&days=30")
    assert "Only 13 days are over since" in page
    lines = lines_of(desk, "change", "compared", "&on=2025-06-02&days=5")
    assert lines[1] == "Net revenue of members,0.00,70.00,"
    assert "at the latest" in text_of(desk, "change", "?on=2025-06-15&days=5")


def test_returns_ask_for_one_benefit(desk: Client, sold: None) -> None:
    template = offer()
    assert "Choose one benefit:" in text_of(desk, "returns", "?days=30")
    assert "There is nothing to measure yet" in text_of(
        desk, "returns", f"?days=30&coupon={template.pk}"
    )
    segment = Segment.objects.create(code="held", name_en="Held")
    page = text_of(desk, "returns", f"?days=30&coupon={template.pk}&hold_out={segment.pk}")
    assert "There is nothing to measure yet" in page


def test_an_address_that_is_no_dashboard_is_none(desk: Client, db: None) -> None:
    assert desk.get(address("nonsense")).status_code == 404


def operator_with(*codes: str) -> Client:
    user = OperatorFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", DASHBOARDS)
def test_only_who_may_see_days_figures_sees_them(name: str, sold: None) -> None:
    assert operator_with("view_membermetrics").get(address(name)).status_code == 403
    analyst = operator_with("view_dailyfigure")
    page = analyst.get(address(name))
    assert page.status_code == 200
    # No way to a page that they may not see.
    assert "Repurchase, RFM, cohorts" not in page.content.decode()


def test_days_figures_alone_name_no_member(sold: None) -> None:
    silent = reverse("admin:analytics_dailyfigure_quadrant", args=["silent"])
    for query in ("", "?csv=members"):
        assert operator_with("view_dailyfigure").get(silent + query).status_code == 403
    measure_members(date(2025, 6, 15), 0, 2**62)
    assert operator_with("view_membermetrics").get(silent).status_code == 200


def test_targets_are_edited_by_who_may(sold: None) -> None:
    add = reverse("admin:analytics_target_add")
    assert operator_with("view_target").get(add).status_code == 403
    manager = operator_with("add_target", "view_target")
    sent = {"kpi": "orders", "year": "2025", "month": "6", "goal": "120"}
    assert manager.post(add, sent).status_code == 302
    assert Target.objects.get().history.count() == 1
    refused = manager.post(add, sent | {"month": "13"})
    assert refused.status_code == 200
    assert Target.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["overview", "growth", "sales", "points", "tiers", "quadrants", "health"]
)
def test_costs_the_same_however_much_there_is(name: str, desk: Client, sold: None) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(desk, name, f"?x=1{JUNE}")
        return len(captured)

    text_of(desk, name)
    one = cost()
    for number in range(10):
        buy(shopper(f"9{number}"), date(2025, 6, 5), "5.00")
    night()
    assert cost() == one
    assert DailyFigure.objects.get(business_date=date(2025, 6, 5)).orders == 10
