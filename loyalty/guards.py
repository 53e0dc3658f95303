"""What must look right before a night takes points from members."""

from datetime import date

from common.jobs.steps import Verdict
from common.sql import fetch_sql
from loyalty import rules
from loyalty.jobs import expiry_terms
from loyalty.models import ExpiryForecast

# The forecast that counts is at least this many nights old, where there is one: what went wrong
# within the last days (lots given other dates, an import) is not in it yet.
FORECAST_LEAD_DAYS = 7


def expiry_volume(business_date: date) -> Verdict:
    """Hold an expiry far above what an earlier night foresaw for its date.

    Compared are the points that the night would take, without those that an operator let go lot
    by lot. Where no earlier night has looked ahead to the date (the first nights of all) there is
    nothing to compare with: the expiry goes on and the figures are kept.
    """
    ((points, lots),) = fetch_sql("loyalty", "expiry_volume", expiry_terms(business_date))
    forecast = ExpiryForecast.objects.for_night(business_date, lead_days=FORECAST_LEAD_DAYS)
    foreseen = forecast.points if forecast else None
    return Verdict(
        holds=rules.is_beyond_forecast(points, foreseen),
        figures={
            "due": int(points),
            "lots": int(lots),
            "forecast": foreseen,
            "forecast_of": forecast.made_on.isoformat() if forecast else None,
        },
    )
