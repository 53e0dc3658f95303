"""A small world with every kind of fact in it, and a recount of it in plain Python."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from analytics.models import BehaviourDay
from common import clock
from loyalty.models import Activity, ProductCategory, Purchase, PurchaseLine, Refund
from members.models import Member, PortalDay
from tests.factories import MemberFactory, StoreFactory
from tests.loyalty.programmes import local

from .shopping import noon

LAST_ID = 2**63 - 1
KINDS = ("check_in", "review", "share", "event_attended", "survey", "birthday")


def lively_world(night: date, *, members: int = 40, seed: int = 11) -> list[Member]:
    """Members with purchases, refunds, visits, activities and portal events, before and after."""
    chance = Random(seed)
    stores = [StoreFactory() for _ in range(3)]
    categories = [
        ProductCategory.objects.create(code=code, name_en=code.title()) for code in ("tea", "cup")
    ]
    people = [MemberFactory.create(joined_at=local(2023, 1, 1)) for _ in range(members)]
    for number, member in enumerate(people):
        _shop(member, chance, night, [None, *stores], [None, *categories], busy=number % 4)
        _come(member, chance, night, busy=number % 3)
    return people


def _days(chance: Random, night: date, count: int) -> list[date]:
    """Days around the bounds of all windows, the night itself and later ones among them."""
    edges = (-1, 0, 1, 29, 30, 31, 89, 90, 91, 364, 365, 366)
    spread = [chance.choice(edges) if chance.random() < 0.4 else chance.randint(-3, 500)
              for _ in range(count)]  # fmt: skip
    return [night - timedelta(days=days) for days in spread]


def _shop(
    member: Member, chance: Random, night: date, stores: Any, categories: Any, *, busy: int
) -> None:
    for place, day in enumerate(_days(chance, night, busy * 3)):
        amount = Decimal(chance.randint(0, 40_000)) / 100
        at = noon(day) + timedelta(hours=chance.randint(-12, 11))
        purchase = Purchase.objects.create(
            source="till", external_id=f"W{member.pk}-{place}", at=at, business_date=day,
            amount=amount, member=member, store=chance.choice(stores),
        )  # fmt: skip
        for number in range(chance.randint(0, 3)):
            PurchaseLine.objects.create(
                purchase=purchase, number=number, category=chance.choice(categories), sku="X",
                quantity=chance.choice((1, 2, -1)), unit_price=1, amount=1,
            )  # fmt: skip
        if chance.random() < 0.3:
            later = day + timedelta(days=chance.randint(0, 3))
            part = amount if chance.random() < 0.5 else amount / 4
            Refund.objects.create(
                source="till", external_id=f"W{member.pk}-{place}", at=noon(later),
                business_date=later, amount=round(part, 2), member=member, purchase=purchase,
            )  # fmt: skip


def _come(member: Member, chance: Random, night: date, *, busy: int) -> None:
    PortalDay.objects.bulk_create(
        PortalDay(member=member, business_date=day, at=noon(day))
        for day in set(_days(chance, night, busy * 8))
    )
    Activity.objects.bulk_create(
        Activity(member=member, kind=chance.choice(KINDS), key=str(place), at=noon(day),
                 business_date=day)
        for place, day in enumerate(_days(chance, night, busy * 5))
    )  # fmt: skip
    BehaviourDay.objects.bulk_create(
        BehaviourDay(member=member, business_date=day, events=chance.randint(0, 30))
        for day in set(_days(chance, night, busy * 4))
    )


def figures_of(member: Member, night: date) -> dict[str, Any]:
    """A member's figures counted one by one, without any SQL of the product."""
    bought = list(counting(member, night))
    days = sorted({row.business_date for row in bought})
    recent = [row for row in bought if row.business_date >= night - timedelta(days=365)]
    lines = PurchaseLine.objects.filter(purchase__in=recent, quantity__gt=0)
    told = {
        "first_purchase_on": days[0] if days else None,
        "last_purchase_on": days[-1] if days else None,
        "orders": len(bought),
        "purchase_days": len(days),
        "orders_365": len(recent),
        "money": _net(member, night, None),
        "money_365": _net(member, night, 365),
        "money_90": _net(member, night, 90),
        "favourite_hour": first_of_most(row.at.astimezone(clock.zone()).hour for row in recent),
        "favourite_weekday": first_of_most(row.business_date.weekday() for row in recent),
        "favourite_store_id": first_of_most(row.store_id for row in recent),
        "favourite_category_id": first_of_most(line.category_id for line in lines),
    }
    return told | _interactions(member, night)


def counting(member: Member, night: date) -> Iterable[Purchase]:
    """Purchases that had a price and were not given back as a whole."""
    for purchase in Purchase.objects.filter(member=member, business_date__lt=night):
        priced = purchase.lines.filter(quantity__gt=0, unit_price__gt=0).exists()
        refunds = list(purchase.refunds.filter(business_date__lt=night))
        back = sum((refund.amount for refund in refunds), Decimal(0))
        if (purchase.amount > 0 or priced) and not (refunds and back >= purchase.amount):
            yield purchase


def first_of_most(values: Iterable[int | None]) -> int | None:
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _net(member: Member, night: date, days: int | None) -> Decimal:
    since = night - timedelta(days=days) if days else date.min
    total = Decimal(0)
    for row in Purchase.objects.filter(member=member):
        total += row.amount if since <= row.business_date < night else 0
    for refund in Refund.objects.filter(member=member):
        total -= refund.amount if since <= refund.business_date < night else 0
    return total


def _interactions(member: Member, night: date) -> dict[str, Any]:
    done = [("visits", day) for day in _dates(PortalDay, member)]
    names = {"check_in": "check_ins", "review": "reviews", "share": "shares",
             "event_attended": "attended", "survey": "other"}  # fmt: skip
    rows = Activity.objects.filter(member=member).exclude(kind="birthday")
    done += [(names[row.kind], row.business_date) for row in rows]
    events = [(row.business_date, row.events) for row in BehaviourDay.objects.filter(member=member)]
    told: dict[str, Any] = {}
    for days in (30, 90):
        since = night - timedelta(days=days)
        inside = [name for name, day in done if since <= day < night]
        for name in ("visits", "check_ins", "reviews", "shares", "attended"):
            told[f"{name}_{days}"] = inside.count(name)
        told[f"interactions_{days}"] = len(inside)
        told[f"events_{days}"] = sum(count for day, count in events if since <= day < night)
    year = night - timedelta(days=365)
    seen = [day for _name, day in done] + [day for day, count in events if count]
    told["last_interaction_on"] = max((day for day in seen if year <= day < night), default=None)
    return told


def _dates(model: type[PortalDay], member: Member) -> list[date]:
    return list(model.objects.filter(member=member).values_list("business_date", flat=True))
