"""The proof of a ledger of half a million entries, half of them redemptions; and re-dated."""

import statistics
import time
from datetime import timedelta

import pytest

from common import clock
from common.proof import configured_checks, prove
from loyalty.models import LotChange, PointsEntry, PointsLot
from tests.loyalty.redatings import redate

from . import books, sizes
from .report import Figure, Report

pytestmark = pytest.mark.bench

ENTRIES = 500_000
SECONDS_AT_MOST = 10
# Each earns and redeems as many times as a member has lots.
MEMBERS = ENTRIES // (2 * books.LOTS)


@pytest.fixture(name="spent", scope="module")
def spent_fixture(report: Report) -> None:
    books.build(MEMBERS, first_end=clock.today() + timedelta(days=100))
    books.spend(books.LOTS)


@pytest.mark.usefixtures("spent")
def test_proves_half_a_million_entries_in_seconds(report: Report) -> None:
    report.add(figure(f"proof of the ledger, {ENTRIES:,} entries"))


@pytest.mark.usefixtures("spent")
def test_and_as_fast_when_every_lot_has_another_end(report: Report) -> None:
    redate("24M", key="bench")
    books.settle()
    assert LotChange.objects.count() == PointsLot.objects.filter(remaining__gt=0).count()
    report.add(figure("the same after all lots were re-dated"))


def figure(name: str) -> Figure:
    assert PointsEntry.objects.count() == ENTRIES
    seconds = []
    for _round in range(sizes.ROUNDS):
        started = time.perf_counter()
        findings = list(prove(configured_checks()))
        seconds.append(time.perf_counter() - started)
        assert [finding.check.id for finding in findings if not finding.is_clean] == []
    return Figure(
        name=name,
        median=statistics.median(seconds),
        unit="s",
        at_most=SECONDS_AT_MOST,
        note=f"{len(findings)} checks, {LotChange.objects.count():,} changes of lots",
    )
