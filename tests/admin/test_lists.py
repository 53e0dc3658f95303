"""Every list costs the same for one row and for ten, and counts no table."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import alerts
from members.models import User

from .rows import programme, rows

# The queries of each list: session and operator, then what the list itself reads.
QUERIES = {
    "members_member": 6,
    "members_store": 3,
    "members_user": 3,
    "members_notice": 3,
    # Session and operator, the wordings that hold, the list.
    "members_consenttext": 4,
    "loyalty_purchase": 3,
    "loyalty_refund": 3,
    "loyalty_pointsentry": 3,
    "loyalty_adjustmentrequest": 4,
    "loyalty_pointslot": 3,
    "loyalty_tierchange": 3,
    "loyalty_standing": 3,
    "loyalty_tieroverride": 3,
    "loyalty_ladderversion": 3,
    "loyalty_pointtype": 3,
    # The rules, and what their sentences name.
    "loyalty_earningrule": 4,
    "loyalty_activity": 3,
    "loyalty_channel": 3,
    "loyalty_partner": 3,
    "loyalty_productcategory": 3,
    "members_segment": 3,
    "members_tag": 3,
    "members_announcement": 3,
    # Whether members stand on the ladder, for each of the three places where one could be added.
    "loyalty_tier": 6,
    "loyalty_tierbenefit": 3,
    "loyalty_purchaseimport": 3,
    "loyalty_redaterun": 3,
    "loyalty_ladderdraft": 3,
    "common_jobrun": 4,
    "common_guardcheck": 3,
    "common_ledgerproof": 3,
    "benefits_coupontemplate": 3,
    "benefits_coupon": 3,
    "benefits_couponbatch": 3,
    "benefits_couponshare": 3,
    "benefits_coupongroup": 3,
    "benefits_birthdayperk": 3,
    "benefits_birthdaygrant": 3,
    "benefits_tiergift": 3,
    "benefits_tiergiftgrant": 3,
    "benefits_holiday": 3,
    "members_birthdaychange": 3,
    "benefits_reward": 3,
    "benefits_rewardorder": 3,
    "benefits_event": 3,
    "benefits_eventsession": 3,
    "benefits_registration": 3,
    "analytics_lifetimefit": 3,
    "analytics_membermetrics": 3,
    "analytics_dailyfigure": 3,
    "analytics_target": 3,
    "analytics_caretask": 3,
    "analytics_warninglevel": 3,
    "analytics_healthversion": 3,
    "analytics_behaviourevent": 3,
    "analytics_memberrun": 3,
}


def queries_of(desk: Client, address: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = desk.get(address)
    assert response.status_code == 200
    return [query["sql"] for query in captured]


def counting(statements: list[str]) -> list[str]:
    """Those that count rows, but for the login's own unread notices: a few rows by their index."""
    return [sql for sql in statements if "COUNT(" in sql and "unread_notices" not in sql]


@pytest.fixture(autouse=True)
def _alerts_that_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, none is asked for anew between two pages that are compared."""
    monkeypatch.setattr(alerts, "SECONDS", 3600)


def queries_of_every_list(desk: Client) -> dict[str, list[str]]:
    """All lists over the same rows: to make those takes longer than to show them."""
    return {name: queries_of(desk, reverse(f"admin:{name}_changelist")) for name in QUERIES}


def test_each_costs_the_same_for_one_row_and_for_ten(desk: Client, operator: User) -> None:
    programme()
    rows(1, operator)
    queries_of_every_list(desk)
    one = queries_of_every_list(desk)
    rows(9, operator, first=1)
    ten = queries_of_every_list(desk)
    assert {name: len(ran) for name, ran in one.items()} == QUERIES
    assert {name: len(ran) for name, ran in ten.items()} == QUERIES
    assert [sql for ran in ten.values() for sql in counting(ran)] == []


def test_each_finds_among_ten_without_counting(desk: Client, operator: User) -> None:
    programme()
    rows(10, operator)
    for name, query in (
        ("members_member", "q=C1"),
        ("loyalty_purchase", "q=P-1"),
        ("loyalty_pointsentry", "q=C1"),
        ("loyalty_pointsentry", "by=operator"),
        ("loyalty_adjustmentrequest", "q=C1"),
        ("loyalty_adjustmentrequest", "status=all"),
        ("loyalty_pointslot", "q=C1"),
        ("loyalty_pointslot", "state=held"),
        ("loyalty_tierchange", "q=C1"),
        ("members_notice", "q=C1"),
    ):
        ran = queries_of(desk, reverse(f"admin:{name}_changelist") + f"?{query}")
        assert counting(ran) == [], (name, query)


def test_each_finds_whose_facts_are_meant(desk: Client, operator: User) -> None:
    programme()
    rows(2, operator)
    for name, text, meant in (
        ("members_member", "C1", 1),
        ("loyalty_purchase", "P-1", 1),
        ("loyalty_purchase", "C1", 1),
        ("loyalty_refund", "R-1", 1),
        ("loyalty_pointsentry", "C0", 7),
        ("loyalty_adjustmentrequest", "C1", 1),
        ("loyalty_pointslot", "C1", 3),
        ("loyalty_tierchange", "C1", 1),
        ("loyalty_tierchange", "C2", 0),
        ("members_notice", "C1", 3),
        ("benefits_registration", "C1", 1),
    ):
        response = desk.get(reverse(f"admin:{name}_changelist"), {"q": text})
        assert len(response.context["cl"].result_list) == meant, (name, text)
