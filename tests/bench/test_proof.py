"""The proof of a ledger in which half a million entries and more were written."""

import time
from datetime import timedelta

import pytest

from common import clock
from common.proof import configured_checks, prove
from loyalty.models import PointsEntry

from . import books, sizes
from .report import Figure, Report

pytestmark = pytest.mark.bench

ENTRIES = 500_000
SECONDS_AT_MOST = 10


def test_proves_half_a_million_entries_in_seconds(report: Report) -> None:
    """More entries may take more: what is held to the bound is the time for half a million."""
    books.build(sizes.MEMBERS, first_end=clock.today() + timedelta(days=100))
    entries = PointsEntry.objects.count()
    share = min(1, ENTRIES / entries)
    seconds = []
    for _round in range(sizes.ROUNDS):
        started = time.perf_counter()
        findings = list(prove(configured_checks()))
        seconds.append((time.perf_counter() - started) * share)
        assert [finding.check.id for finding in findings if not finding.is_clean] == []
    report.add(
        Figure(
            name=f"proof of the ledger, {ENTRIES:,} entries",
            median=sorted(seconds)[len(seconds) // 2],
            unit="s",
            at_most=SECONDS_AT_MOST,
            note=f"{len(findings)} checks over {entries:,} entries",
        )
    )
