"""The health of every member of Online Retail, counted again in plain Python from their rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from analytics.models import MemberMetrics
from analytics.rules.health import DEFAULT_RULES, HealthFigures, judge, loyalty_index
from common import clock
from loyalty.models import Purchase, PurchaseLine, Refund

from .worlds import first_of_most


def check_health(night: date) -> None:
    """Assert each member's figures, health and index; nobody has done anything but buy."""
    counted, money = purchases_that_count(night), net_money(night)
    for found in MemberMetrics.objects.select_related("member"):
        rows = counted.get(found.member_id, [])
        year = night - timedelta(days=365)
        recent = [at for at, day in rows if day >= year]
        assert (found.orders, found.orders_365) == (len(rows), len(recent))
        hours = first_of_most(at.astimezone(clock.zone()).hour for at in recent)
        days = first_of_most(at.astimezone(clock.zone()).weekday() for at in recent)
        assert (found.favourite_hour, found.favourite_weekday) == (hours, days)
        spent = money.get(found.member_id, [])
        net = {span: net_of(spent, night, span) for span in (90, 365)}
        assert (found.money_90, found.money_365) == (net[90], net[365])
        last = max((day for _at, day in rows), default=None)
        figures = HealthFigures(
            gone_days=(night - last).days if last else None,
            orders_365=len(recent), money_365=net[365], money_90=net[90],
            interactions_30=0, interactions_90=0, events_30=0, events_90=0,
        )  # fmt: skip
        health = judge(figures, DEFAULT_RULES)
        told = (found.health_score, found.spending_score, found.band, found.quadrant)
        assert told == (health.score, health.spending, health.band, health.quadrant)
        check_index(found, night)


def check_index(found: MemberMetrics, night: date) -> None:
    """The index of who has a prediction follows from it."""
    if found.predicted_value is None or found.first_purchase_on is None:
        assert found.loyalty_index is None
        return
    index = loyalty_index(
        value=float(found.predicted_value),
        later_days=found.purchase_days - 1,
        age_days=(night - found.first_purchase_on).days,
        order_amount=float(found.money) / found.orders,
        rules=DEFAULT_RULES,
    )
    assert found.loyalty_index is not None
    assert abs(found.loyalty_index - index) < 1e-6


def purchases_that_count(night: date) -> dict[int, list[tuple[Any, date]]]:
    """Instants and days of each member's purchases with a price, not given back as a whole."""
    back: dict[int, Decimal] = defaultdict(Decimal)
    refunds = Refund.objects.filter(purchase__isnull=False, business_date__lt=night)
    for purchase_id, amount in refunds.values_list("purchase", "amount"):
        back[purchase_id] += amount
    lines = PurchaseLine.objects.filter(quantity__gt=0, unit_price__gt=0)
    priced = set(lines.values_list("purchase", flat=True))
    found: dict[int, list[tuple[Any, date]]] = defaultdict(list)
    rows = Purchase.objects.filter(member__isnull=False, business_date__lt=night)
    for pk, member_id, at, day, amount in rows.values_list(
        "pk", "member", "at", "business_date", "amount"
    ):
        has_price = amount > 0 or pk in priced
        if has_price and not (pk in back and back[pk] >= amount):
            found[member_id].append((at, day))
    return found


def net_money(night: date) -> dict[int, list[tuple[date, Decimal]]]:
    """What each member paid and, less than nothing, got back, by day."""
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    for model, sign in ((Purchase, 1), (Refund, -1)):
        rows: Any = model.objects.filter(member__isnull=False, business_date__lt=night)
        for member_id, day, amount in rows.values_list("member", "business_date", "amount"):
            found[member_id].append((day, sign * amount))
    return found


def net_of(moved: Iterable[tuple[date, Decimal]], night: date, days: int) -> Decimal:
    since = night - timedelta(days=days)
    return sum((amount for day, amount in moved if day >= since), Decimal(0))
