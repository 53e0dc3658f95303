"""Both lifetime models fitted together, and held against the weeks that followed."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from analytics.errors import CalibrationEndNotUsable
from analytics.rules.histories import Days, Histories, check_enough, histories_until
from analytics.rules.returning import FittedReturning, fit_returning
from analytics.rules.spending import FittedSpending, fit_spending
from analytics.rules.weeks import Week, weeks_of

UNIT = "weeks"


@dataclass(frozen=True)
class Lifetime:
    """How often customers come back and what they then spend, as fitted at a calibration's end."""

    returning: FittedReturning
    spending: FittedSpending
    customers: int
    returned: int

    def parameters(self) -> dict[str, float]:
        """All seven, by the letters of the papers."""
        return vars(self.returning.model) | vars(self.spending.model)


@dataclass(frozen=True)
class Trial:
    """A model beside what happened, week by week, before and after its calibration's end."""

    lifetime: Lifetime
    calibration_end: date
    weeks: list[Week]


def fit_lifetime(histories: Histories) -> Lifetime:
    """Fit both models to the same histories; a LifetimeRefused says why there is none."""
    check_enough(histories)
    return Lifetime(
        returning=fit_returning(histories),
        spending=fit_spending(histories),
        customers=len(histories),
        returned=histories.returned,
    )


def try_orders(customers: Collection[Days], calibration_end: date | None = None) -> Trial:
    """Fit to what was bought by a day (the last there is unless told) and compare all weeks."""
    first = min(min(days) for days in customers)
    last = max(max(days) for days in customers)
    end = calibration_end or last
    if end < first:
        raise CalibrationEndNotUsable(end=end, first=first)
    lifetime = fit_lifetime(histories_until(customers, end))
    known = [days for days in customers if min(days) <= end]
    firsts = Counter(min(days) for days in known)
    repeats = Counter(day for days in known for day in days if day > min(days))
    weeks = weeks_of(
        lifetime.returning.model,
        firsts=firsts,
        repeats=repeats,
        calibration_end=end,
        end=max(end, last),
    )
    return Trial(lifetime, end, weeks)
