"""A ledger in which everything has happened, made by calling the services."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.jobs.nights import run_nights
from loyalty.models import PointsAccount, PointsEntry, PointsLot, PointType, Purchase, Refund
from loyalty.services.adjustments import (
    adjust_points,
    approve_adjustment,
    request_adjustment,
)
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory, OperatorFactory

from .programmes import full_programme, local

NIGHT = date(2025, 5, 10)
JOINED = local(2024, 1, 1)


def programme() -> tuple[PointType, PointType]:
    """Base points held for 7 days and valid for 12 months, growth points, tiers by spend."""
    return full_programme()


def new_member() -> Member:
    """A member who joined before anything in these ledgers happened."""
    return MemberFactory(joined_at=JOINED)


def member_with_points(*points: int, at: datetime | None = JOINED) -> Member:
    """A new member with one lot of base points for each number, spendable at once."""
    member = new_member()
    for number, amount in enumerate(points, start=1):
        adjust_points(member=member, points=amount, key=f"start:{number}", reason="A start", now=at)
    return member


def buy(member: Member | None, amount: str, at: datetime) -> Purchase:
    number = f"P-{Purchase.objects.count() + 1}"
    return record_purchase(
        source="till", external_id=number, at=at, amount=Decimal(amount), member=member, now=at
    )


def give_back(purchase: Purchase, amount: str, at: datetime) -> Refund:
    number = f"C-{Refund.objects.count() + 1}"
    return record_refund(
        source="till", external_id=number, at=at, amount=Decimal(amount), purchase=purchase, now=at
    )


def account_of(member: Member, code: str = PointType.BASE) -> PointsAccount:
    return PointsAccount.objects.get(member=member, point_type__code=code)


def lots_of(member: Member) -> list[PointsLot]:
    return list(PointsLot.objects.for_member(member).order_by("id"))


@dataclass(frozen=True)
class Story:
    """Where to find what happened. `anna` has done everything, `berta` was forgiven a clawback,
    `clara` redeemed, was given all back and adjusted, `dora` has two lots and redeemed of one.
    """

    base: PointType
    growth: PointType
    anna: Member
    berta: Member
    clara: Member
    dora: Member
    first: Purchase
    third: Purchase
    forgiven: Purchase
    redemption: PointsEntry

    def entry(self, member: Member, number: int, code: str = PointType.BASE) -> PointsEntry:
        return PointsEntry.objects.get(
            account__member=member, account__point_type__code=code, number=number
        )


def healthy_ledger() -> Story:
    """Earn, redeem, restore into old and renewed lots, refund with and without debt, adjust,
    forgive, expire by a night, and earn after it.
    """
    base, growth = programme()
    anna = new_member()
    first = buy(anna, "300.00", local(2024, 1, 10, 12))
    buy(anna, "200.00", local(2024, 2, 10, 12))
    redemption = redeem_points(member=anna, points=350, key="a", now=local(2024, 3, 1))
    restore_points(redemption=redemption, points=100, key="b", now=local(2024, 3, 5))
    redeem_points(member=anna, points=250, key="c", now=local(2024, 3, 6))
    give_back(first, "150.00", local(2024, 3, 10))
    third = buy(anna, "500.00", local(2024, 4, 1, 12))
    give_back(third, "100.00", local(2024, 5, 1))
    adjust_points(member=anna, points=40, key="d", reason="Kindness", now=local(2024, 5, 2))
    adjust_points(member=anna, points=-50, key="e", reason="A slip", now=local(2024, 5, 3))
    restore_points(redemption=redemption, points=30, key="f", now=local(2025, 2, 1))
    forgiven, berta = _forgiven(base)
    clara, dora = _clara(), _dora()
    run_nights(NIGHT)
    buy(anna, "100.00", local(2025, 6, 1, 12))
    return Story(
        base, growth, anna, berta, clara, dora, first, third, forgiven, redemption=redemption
    )


def _forgiven(base: PointType) -> tuple[Purchase, Member]:
    """A refund of points that were spent, under the policy that forgives what is missing."""
    berta = member_with_points(50)
    forgiven = buy(berta, "100.00", local(2024, 6, 1, 12))
    redeem_points(member=berta, points=150, key="r", now=local(2024, 7, 1))
    PointType.objects.filter(pk=base.pk).update(clawback=PointType.Clawback.FORGIVE)
    give_back(forgiven, "60.00", local(2024, 7, 2))
    PointType.objects.filter(pk=base.pk).update(clawback=PointType.Clawback.DEBT)
    return forgiven, berta


def _clara() -> Member:
    clara = member_with_points(100, at=local(2025, 1, 10))
    spent = redeem_points(member=clara, points=100, key="r", now=local(2025, 1, 11))
    restore_points(redemption=spent, key="s", now=local(2025, 1, 12))
    adjust_points(member=clara, points=-50, key="slip", reason="A slip", now=local(2025, 1, 13))
    _approved(clara, 600, at=local(2025, 1, 14))
    _approved(clara, -600, at=local(2025, 1, 15))
    return clara


def _approved(member: Member, points: int, *, at: datetime) -> None:
    """An adjustment above the limit, asked for by one operator and approved by another."""
    maker, checker = OperatorFactory(), OperatorFactory()
    request = request_adjustment(
        member=member, points=points, key=f"big:{points}", reason="Big", maker=maker, now=at
    )
    approve_adjustment(request=request, checker=checker, now=at)


def _dora() -> Member:
    """Two lots of base points, the sooner redeemed in part; one pending and one never live."""
    dora = member_with_points(100, at=local(2025, 3, 1))
    adjust_points(member=dora, points=80, key="more", reason="More", now=local(2025, 4, 1))
    redeem_points(member=dora, points=60, key="r", now=local(2025, 4, 2))
    earn_points(member=dora, points=5, key="late", now=local(2025, 5, 9))
    return dora
