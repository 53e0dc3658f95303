"""The real year of Online Retail (UCI, CC BY 4.0) comes out to the last point."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Sum

from loyalty.models import PointsAccount, PointsEntry, Purchase, Refund, Standing
from members.models import Member
from tests.analytics.retail_figures import (
    check_companions,
    check_days,
    check_metrics,
    check_pages,
    check_reports,
)

FILE = Path(settings.BASE_DIR).parent / "shared" / "data" / "online_retail.csv.gz"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not FILE.exists(), reason="../shared/data/online_retail.csv.gz is absent"),
]

# Net spend of the twelve months before the night, counted straight from the tables.
NET_SPEND = """
    SELECT m.id,
        COALESCE((SELECT SUM(p.amount) FROM loyalty_purchase p
            WHERE p.member_id = m.id AND p.at >= %(start)s AND p.at < %(end)s), 0)
        - COALESCE((SELECT SUM(r.amount) FROM loyalty_refund r
            WHERE r.member_id = m.id AND r.at >= %(start)s AND r.at < %(end)s), 0)
    FROM members_member m
"""
WINDOW = (datetime(2010, 12, 10, tzinfo=UTC), datetime(2011, 12, 10, tzinfo=UTC))


def command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def tiers_counted_apart() -> dict[str, int]:
    """How many members the spend of the window puts on each rung, without the product's code."""
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        params = {"start": adapt(WINDOW[0]), "end": adapt(WINDOW[1])}
        cursor.execute(NET_SPEND, params)
        spends = [int(spend) for _member, spend in cursor.fetchall()]
    bounds = [("diamond", 1_000_000), ("gold", 200_000), ("silver", 50_000), ("standard", None)]
    counts: dict[str, int] = {}
    for spend in spends:
        code = next(code for code, bound in bounds if bound is None or spend >= bound)
        counts[code] = counts.get(code, 0) + 1
    return counts


def net_points(number: str) -> int:
    entries = PointsEntry.objects.filter(account__member__external_number=number)
    return entries.total()


def test_a_year_becomes_members_points_and_tiers(settings: Any) -> None:
    settings.PROGRAMME_TIMEZONE = "Europe/London"
    command("load_preset", "plain")
    output = command("import_purchases", str(FILE), "--format", "online-retail")
    assert json.loads(output.strip().splitlines()[-1]) == {
        "purchases": 22_061,
        "refunds": 3_836,
        "guests": 3_525 + 182,
        "skipped": 3,
        "members_created": 4_372,
        "points_earned": 8_902_670,
        "points_clawed_back": 609_431,
        "errors": 0,
    }
    assert Purchase.objects.filter(member__isnull=False).count() == 18_536
    assert Refund.objects.filter(member__isnull=False).count() == 3_654
    assert Member.objects.count() == 4_372
    assert (net_points("14646"), net_points("18102"), net_points("17450")) == (
        279_459,
        256_411,
        187_466,
    )
    owing = PointsAccount.objects.filter(debt__gt=0)
    assert (owing.count(), owing.filter(balance=0).count()) == (41, 41)
    assert PointsAccount.objects.aggregate(net=Sum(F("balance") - F("debt"))) == {
        "net": 8_902_670 - 609_431
    }
    assert not Standing.objects.exists()
    command("run_nightly", "--date", "2011-12-10")
    counted = Standing.objects.values_list("tier__code").annotate(Count("id"))
    assert dict(counted) == tiers_counted_apart()
    assert "clean" in command("verify_ledger")
    # One import for both floors: it is the slowest thing that tests do.
    check_reports()
    check_metrics()
    check_days()
    check_companions()
    check_pages()
