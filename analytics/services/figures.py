"""Write the figures of business dates, each whole and anew."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, TruncDate

from analytics.models import DailyFigure, DailySales
from analytics.models.daily import COUNTS
from analytics.spans import ACTIVE_DAYS, days_between, fetched_date, of_days
from benefits.models import Coupon, CouponUse
from common import clock
from common.sql import execute_sql, fetch_sql
from loyalty.models import Purchase, Refund

# A transaction that recorded a fact may have been open for so long when the figures were made.
OPEN_FOR = timedelta(hours=1)
# As many days at a time: memory does not grow with the history.
DAYS_AT_A_TIME = 366

_MONEY = (
    "amount",
    "refunded",
    "guest_amount",
    "guest_refunded",
    "discount",
    "paid_by_points",
)
# Who joined is told of all days together: `record_joined`.
_NOTHING: dict[str, int | Decimal] = {
    **dict.fromkeys((name for name in COUNTS if name != "joined"), 0),
    **dict.fromkeys(("points_adjusted", "points_forfeited"), 0),
    **dict.fromkeys(_MONEY, Decimal(0)),
}


def earliest_date(night: date) -> date | None:
    """The day of the programme's first fact; None where nothing happened before the night."""
    ((found,),) = fetch_sql("analytics", "earliest_date", {"before": night})
    return None if found is None else fetched_date(found)


def stale_spans(night: date) -> list[tuple[date, date]]:
    """The days whose figures are missing or older than their facts, as stretches of days.

    A fact counts towards who is active for so many days: those are told anew with it. From the
    first fact on no day is left out, for what stands at a day's end is the sum of all before.
    """
    earliest = earliest_date(night)
    if earliest is None:
        return []
    told = set(DailyFigure.objects.values_list("business_date", flat=True))
    yesterday = night - timedelta(days=1)
    stale = {day for day in days_between(earliest, yesterday) if day not in told}
    for (found,) in fetch_sql("analytics", "late_dates", {"before": night}):
        day = fetched_date(found)
        stale.update(days_between(day, min(yesterday, day + timedelta(days=ACTIVE_DAYS - 1))))
    return list(_stretches(sorted(stale)))


def whole_span(first: date, last: date) -> list[tuple[date, date]]:
    """A stretch of days cut into what is written at a time."""
    return list(_stretches(days_between(first, last)))


@transaction.atomic
def record_days(*, first: date, last: date, night: date) -> int:
    """Write the figures of these days, by what happened before the night; says how many days.

    The rows are locked first, so that two runs over the same days write one after the other.
    """
    days, facts_until = days_between(first, last), clock.now() - OPEN_FOR
    DailyFigure.objects.bulk_create(
        [DailyFigure(business_date=day, facts_until=facts_until) for day in days],
        ignore_conflicts=True,
    )
    rows = DailyFigure.objects.between(first, last)
    rows.update(**_NOTHING, computed_at=clock.now(), facts_until=facts_until)
    params = of_days(first, last, night=night)
    execute_sql("analytics", "record_days", params)
    execute_sql("analytics", "record_sales", params)
    _record_hours(params)
    _record_coupons(first, last)
    return len(days)


@transaction.atomic
def record_joined() -> int:
    """Write how many members joined on each day that has figures; says how many days changed."""
    (changed,) = execute_sql("analytics", "record_joined", {})
    return changed


def _stretches(days: list[date]) -> Iterator[tuple[date, date]]:
    """Runs of days one after the other, none longer than is written at a time."""
    first = last = None
    for day in days:
        if first is None or last is None:
            first = last = day
        elif day == last + timedelta(days=1) and (day - first).days < DAYS_AT_A_TIME:
            last = day
        else:
            yield first, last
            first = last = day
    if first is not None and last is not None:
        yield first, last


def _record_hours(params: dict[str, object]) -> None:
    """By the hour of the programme's zone, which only Django knows on both databases."""
    found: dict[tuple[date, int], DailySales] = {}
    for day, hour, orders, amount, member_orders, member_amount in _hours(Purchase, params):
        row = _hour_of(found, day, hour)
        row.orders, row.member_orders = orders, member_orders
        row.amount, row.member_amount = amount, member_amount or Decimal(0)
    for day, hour, _count, amount, _member_count, member_amount in _hours(Refund, params):
        row = _hour_of(found, day, hour)
        row.amount -= amount
        row.member_amount -= member_amount or Decimal(0)
    DailySales.objects.bulk_create(found.values(), batch_size=1000)


def _hour_of(found: dict[tuple[date, int], DailySales], day: date, hour: int) -> DailySales:
    empty = DailySales(
        business_date=day,
        by=DailySales.By.HOUR,
        key=hour,
        amount=Decimal(0),
        member_amount=Decimal(0),
    )
    return found.setdefault((day, hour), empty)


def _hours(
    model: type[Purchase] | type[Refund], params: dict[str, object]
) -> Iterable[tuple[date, int, int, Decimal, int, Decimal | None]]:
    """Day, hour, count and amount of all, count and amount of members."""
    facts = model._default_manager.filter(
        at__gte=params["since"],
        at__lt=params["until"],
        business_date__range=(params["first_on"], params["last_on"]),
    )
    hours = facts.annotate(hour=ExtractHour("at", tzinfo=clock.zone())).order_by()
    return hours.values_list("business_date", "hour").annotate(
        count=Count("pk"),
        total=Sum("amount"),
        member_count=Count("member"),
        member_total=Sum("amount", filter=Q(member__isnull=False)),
    )


def _record_coupons(first: date, last: date) -> None:
    """Coupons have instants only: their days are of the programme's zone."""
    start, end = clock.start_of(first), clock.start_of(last + timedelta(days=1))
    issued = _by_day(Coupon.objects.filter(issued_at__gte=start, issued_at__lt=end), "issued_at")
    used = _by_day(CouponUse.objects.standing().filter(at__gte=start, at__lt=end), "at")
    days = DailyFigure.objects.filter(business_date__in=issued.keys() | used.keys())
    for row in days:
        row.coupons_issued = issued.get(row.business_date, 0)
        row.coupons_used = used.get(row.business_date, 0)
        row.save(update_fields=["coupons_issued", "coupons_used"])


def _by_day(rows: QuerySet[Any], name: str) -> dict[date, int]:
    days = rows.annotate(day=TruncDate(name, tzinfo=clock.zone())).order_by()
    return dict(days.values_list("day").annotate(count=Count("pk")))
