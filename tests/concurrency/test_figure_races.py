"""Two runs over the same days at once, on PostgreSQL, with their lock and without it."""

import threading
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from analytics.models import DailyFigure, DailySales
from analytics.models.daily import DailyFigureQuerySet
from analytics.services import figures
from analytics.services.figures import record_days
from common.sql import execute_sql
from tests.analytics.shopping import buy, programme, shopper

from .threads import DEADLINE, all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FIRST, LAST = date(2025, 6, 1), date(2025, 6, 14)
RUNS = 4
record = partial(record_days, first=FIRST, last=LAST, night=LAST + timedelta(days=1))


@pytest.fixture
def sold(db: None) -> None:
    """A purchase on each of the days, told once."""
    programme()
    member = shopper("1")
    for number in range(14):
        buy(member, FIRST + timedelta(days=number))
    record()


def sales() -> list[tuple[str, int]]:
    rows = DailySales.objects.order_by("by", "business_date", "key")
    return [(row.by, row.orders) for row in rows]


def test_runs_over_the_same_days_write_one_after_the_other(sold: None) -> None:
    before = sales()
    told = all_at_once([outcome(record, IntegrityError)] * RUNS)
    assert told == ["done"] * RUNS
    assert sales() == before
    assert list(DailyFigure.objects.values_list("orders", flat=True)) == [1] * 14


def test_control_without_the_lock_they_write_the_same_rows(
    sold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = threading.Barrier(2)

    def together(app_label: str, name: str, params: Mapping[str, object]) -> list[int]:
        """Only the sales, and both runs at once: nothing that locks comes before."""
        if name == "record_days":
            return []
        barrier.wait(timeout=DEADLINE)
        return execute_sql(app_label, name, params)

    def leave(rows: DailyFigureQuerySet, **columns: object) -> int:
        return 0

    monkeypatch.setattr(figures, "execute_sql", together)
    monkeypatch.setattr(DailyFigureQuerySet, "update", leave)
    told = all_at_once([outcome(record, IntegrityError)] * 2)
    assert sorted(told) == ["IntegrityError", "done"]
