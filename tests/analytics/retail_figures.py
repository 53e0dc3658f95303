"""What the reports must say of Online Retail, net and of members only, as of 10 December 2011."""

from datetime import date
from decimal import Decimal

from django.db.models import Count

from analytics import reports
from analytics.models import LifetimeFit, MemberMetrics

from .retail_health import check_health

AS_OF = date(2011, 12, 10)


def check_reports() -> None:
    """Assert every published figure; the file has been imported."""
    _check_buyers()
    _check_rfm()
    _check_spend()
    _check_cohorts()


def _check_buyers() -> None:
    found = reports.repurchase(AS_OF)
    assert (found.repeated_by_orders, found.buyers) == (2_845, 4_338)
    assert found.rate_by_orders is not None
    assert round(found.rate_by_orders, 6) == Decimal("0.655832")
    bands = reports.frequency_bands(AS_OF)
    assert [(band.lowest, band.highest, band.members) for band in bands] == [
        (1, 1, 1_493),
        (2, 2, 835),
        (3, 5, 1_138),
        (6, 10, 535),
        (11, None, 337),
    ]
    bands = reports.recency_bands(AS_OF)
    assert [(band.lowest, band.highest, band.members) for band in bands] == [
        (0, 30, 1_628),
        (31, 90, 1_261),
        (91, 180, 588),
        (181, None, 861),
    ]


def _check_rfm() -> None:
    grid = {cell.code: cell.members for cell in reports.rfm_grid(AS_OF)}
    assert (grid["555"], grid["111"]) == (347, 192)
    assert sum(grid.values()) == 4_338


def _check_spend() -> None:
    top = reports.top_members(AS_OF)
    assert [(member.external_number, member.amount) for member in top] == [
        ("14646", Decimal("279489.02")),
        ("18102", Decimal("256438.49")),
        ("17450", Decimal("187482.17")),
        ("14911", Decimal("132572.62")),
        ("12415", Decimal("123725.45")),
        ("14156", Decimal("113384.14")),
        ("17511", Decimal("88125.38")),
        ("16684", Decimal("65892.08")),
        ("13694", Decimal("62653.10")),
        ("15311", Decimal("59419.34")),
    ]


def _check_cohorts() -> None:
    cohorts = reports.first_purchase_cohorts(AS_OF)
    assert cohorts[0].month == date(2010, 12, 1)
    assert cohorts[0].active == (885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235)
    assert [len(cohort.active) for cohort in cohorts] == list(range(13, 0, -1))
    assert sum(cohort.active[0] for cohort in cohorts) == 4_338


def check_metrics() -> None:
    """Assert that the night of 10 December 2011 told the same of each member."""
    scored = MemberMetrics.objects.filter(recency_score__isnull=False).values_list(
        "recency_score", "frequency_score", "money_score"
    )
    grid = {(cell.recency, cell.frequency, cell.money): cell for cell in reports.rfm_grid(AS_OF)}
    counted = scored.annotate(members=Count("pk"))
    assert {row[:3]: row[3] for row in counted} == {at: grid[at].members for at in grid}
    best = MemberMetrics.objects.get(member__external_number="14646")
    assert (best.money, best.orders, best.rfm) == (Decimal("279489.02"), 73, "555")
    fit = LifetimeFit.objects.get()
    assert (fit.customers, fit.returned, fit.calibration_end) == (4_338, 2_773, date(2011, 12, 9))
    assert (fit.trial_end, len(fit.weeks)) == (date(2011, 9, 6), 53)
    assert MemberMetrics.objects.filter(fit=fit).count() == 4_338
    check_health(AS_OF)
