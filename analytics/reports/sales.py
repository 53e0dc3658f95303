"""Sales sorted by store, channel, category and hour, over the days' rows of each."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from analytics.models import DailySales
from analytics.rules.periods import Period
from common.models import Named
from loyalty.models import Channel, ProductCategory
from members.models import Store

_NAMED: dict[str, type[Named]] = {
    DailySales.By.STORE: Store,
    DailySales.By.CHANNEL: Channel,
    DailySales.By.CATEGORY: ProductCategory,
}


@dataclass(frozen=True)
class SalesRow:
    """Net sales of a period by one store, channel or category; `name` is empty for none of them.

    `share` is of the whole net revenue, None where that is none; `before` is of the period before.
    """

    key: int
    name: str
    orders: int
    amount: Decimal
    member_orders: int
    member_amount: Decimal
    before: Decimal
    share: Decimal | None


def sales_by(by: str, period: Period) -> list[SalesRow]:
    """The most revenue first; three queries, of rows by day rather than of purchases."""
    found = _sums(by, period)
    before = _sums(by, period.previous())
    names = {row.pk: row.name for row in _NAMED[by].objects.all()}  # type: ignore[attr-defined]
    whole = sum((row[1] for row in found.values()), Decimal(0))
    rows = [
        SalesRow(
            key=key,
            name=names.get(key, ""),
            orders=orders,
            amount=amount,
            member_orders=member_orders,
            member_amount=member_amount,
            before=before[key][1] if key in before else Decimal(0),
            share=amount / whole if whole > 0 else None,
        )
        for key, (orders, amount, member_orders, member_amount) in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.amount, row.key))


def sales_by_hour(period: Period) -> dict[tuple[int, int], int]:
    """How many purchases were made by weekday (0 is Monday) and hour of the programme's zone."""
    days = DailySales.objects.between(DailySales.By.HOUR, period.first, period.last)
    found: dict[tuple[int, int], int] = {}
    for day, hour, orders in days.values_list("business_date", "key", "orders"):
        at = (day.weekday(), hour)
        found[at] = found.get(at, 0) + orders
    return found


Row = tuple[int, Decimal, int, Decimal]


def _sums(by: str, period: Period) -> dict[int, Row]:
    rows = DailySales.objects.between(by, period.first, period.last).order_by()
    sums = rows.values_list("key").annotate(
        all_orders=Sum("orders"),
        all_amount=Sum("amount"),
        of_members=Sum("member_orders"),
        from_members=Sum("member_amount"),
    )
    return {key: row for key, *row in sums}  # type: ignore[misc]
