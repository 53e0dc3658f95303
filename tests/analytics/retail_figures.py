"""What the reports must say of Online Retail, net and of members only, as of 10 December 2011."""

from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import translation

from analytics import reports
from analytics.models import Companion, DailyFigure, LifetimeFit, MemberMetrics
from analytics.reports.companions import recommended_articles
from analytics.reports.daily import points_outstanding, sums_of
from analytics.reports.lifecycle import lifecycle
from analytics.reports.sales import sales_by_hour
from analytics.rules.periods import Period
from members.models import Member
from tests.factories import OperatorFactory

from .retail_health import check_health

AS_OF = date(2011, 12, 10)
YEAR = Period(date(2010, 12, 1), date(2011, 12, 9))


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


def check_days() -> None:
    """Assert that the days' figures add up to the file: net 8,300,065.81 of 18,532 orders."""
    assert DailyFigure.objects.count() == YEAR.days == 374
    sums = sums_of(YEAR)
    assert (sums.orders, sums.net_revenue) == (18_532, Decimal("8300065.81"))
    assert (sums.guest_orders, sums.guest_revenue) == (1_427, Decimal("1458744.18"))
    assert (sums.points_earned, sums.points_clawed_back) == (8_902_670, 609_431)
    assert points_outstanding(YEAR) == 8_902_670 - 609_431
    assert sum(sales_by_hour(YEAR).values()) == 22_061
    # Wednesday at noon.
    assert max(sales_by_hour(YEAR).items(), key=lambda found: found[1]) == ((2, 12), 668)
    stages = lifecycle(AS_OF)
    assert (stages.joined, stages.first, stages.second) == (4_372, 4_338, 2_845)
    assert (stages.active, stages.at_risk, stages.lost) == (2_243, 360, 242)


def check_companions() -> None:
    """Assert what goes with the green Regency teacup: the roses and the pink one."""
    of_green = Companion.objects.of("22697").values_list("other", "together")
    assert list(of_green[:2]) == [("22698", 186), ("22699", 194)]
    best = Member.objects.get(external_number="14646")
    found = recommended_articles(best, AS_OF)
    assert len(found) == 6
    bought = set(best.purchases.values_list("lines__sku", flat=True))
    assert not bought & {article.sku for article in found}
    assert bought >= {article.because_sku for article in found}


def check_pages() -> None:
    """Assert that operators' pages show the same numbers."""
    client = Client()
    client.force_login(OperatorFactory())
    figures = reverse("admin:analytics_membermetrics_figures")
    days = "first=2010-12-01&last=2011-12-09"
    shown = {
        f"{figures}?on=2011-12-10": ("65.6%", "2,845", "4,338", "1,493", "1,628", "279,489.02"),
        f"{figures}?on=2011-12-10&csv=repurchase": ("orders,4338,2845,0.655832",),
        f"{figures}?on=2011-12-10&csv=rfm": ("5,5,5,347", "1,1,1,192"),
        f"{figures}?on=2011-12-10&csv=cohorts": (
            "2010-12,885,324,286,340,321,352,321,309,313,350,331,445,235",
        ),
        f"{_dashboard('lifecycle')}?on=2011-12-10": ("4,338 of 4,372", "2,845 of 4,338", "2,243"),
        f"{_dashboard('overview')}?{days}": ("8,300,065.81", "18,532", "65.6%", "4,372"),
        f"{_dashboard('sales')}?{days}&csv=who": ("Members,18532,8300065.81",),
        f"{_dashboard('sales')}?{days}&csv=hours": ("Wed,",),
        f"{_dashboard('points')}?{days}": ("8,293,239",),
    }
    with translation.override("en"):
        for address, texts in shown.items():
            response = client.get(address, headers={"accept-language": "en"})
            page = response.getvalue().decode("utf-8-sig")
            for text in texts:
                assert text in page, (address, text)


def _dashboard(name: str) -> str:
    return reverse("admin:analytics_dailyfigure_dashboard", args=[name])
