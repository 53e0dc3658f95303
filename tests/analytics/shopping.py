"""Members who shop on days of a programme that earns nothing: facts to measure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from loyalty.models import Purchase, Refund
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local, plain_programme

_numbers = count(1)


def programme() -> None:
    plain_programme()


def shopper(number: str | None = None) -> Member:
    return MemberFactory.create(external_number=number, joined_at=local(2024, 1, 1))


def noon(day: date) -> datetime:
    return local(day.year, day.month, day.day, 12)


def buy(
    member: Member | None, day: date, amount: str = "10.00", *, lines: tuple[Line, ...] = ()
) -> Purchase:
    return record_purchase(
        source="till",
        external_id=f"P{next(_numbers)}",
        at=noon(day),
        amount=Decimal(amount),
        member=member,
        lines=lines,
        now=noon(day),
    )


def give_back(
    purchase: Purchase | None, day: date, amount: str, *, member: Member | None = None
) -> Refund:
    return record_refund(
        source="till",
        external_id=f"R{next(_numbers)}",
        at=noon(day) + timedelta(minutes=1),
        amount=Decimal(amount),
        purchase=purchase,
        member=None if purchase else member,
        now=noon(day) + timedelta(minutes=1),
    )


def free_line(price: str = "0.00") -> Line:
    return Line(sku="GIFT", quantity=Decimal(1), unit_price=Decimal(price), amount=Decimal(0))


def shop_at_random(members: int, *, start: date, weeks: int, seed: int = 7) -> list[Member]:
    """Members who come at random rates of their own and may leave after any purchase."""
    chance = Random(seed)
    people = MemberFactory.build_batch(members, joined_at=local(2024, 1, 1))
    Member.objects.bulk_create(people)
    facts: list[Purchase] = []
    for member in people:
        facts += _visits(member, chance, start, weeks)
    Purchase.objects.bulk_create(facts)
    return people


def _visits(member: Member, chance: Random, start: date, weeks: int) -> Iterator[Purchase]:
    """The rate is gamma distributed, the chance to leave beta, the amount around a mean."""
    rate, leaves = chance.gammavariate(1.2, 0.25), chance.betavariate(0.8, 2.4)
    mean = 1 / chance.gammavariate(4.0, 0.01)
    week = chance.uniform(0, weeks / 3)
    while week < weeks:
        day = start + timedelta(days=int(week * 7))
        amount = Decimal(round(chance.gammavariate(2.0, mean / 2) * 100) + 1) / 100
        yield Purchase(
            source="till",
            external_id=f"P{next(_numbers)}",
            at=noon(day),
            business_date=day,
            amount=amount,
            member=member,
        )
        if chance.random() < leaves:
            return
        week += chance.expovariate(rate)
