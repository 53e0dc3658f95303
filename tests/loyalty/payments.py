"""Purchases that points pay for in part, made by calling the services."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from loyalty.models import PointsEntry, PointsPayment, Purchase, Refund
from loyalty.services.points import earn_points
from loyalty.services.points_money import redeem_for_purchase
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory


def take(member: Member, amount: str, at: datetime, **details: Any) -> PointsPayment:
    """Points for a purchase of this price, as many as may be unless told."""
    key = f"pay:{PointsPayment.objects.count() + 1}"
    given = {"member": member, "amount": Decimal(amount), "key": key, "now": at, **details}
    return redeem_for_purchase(**given)


def buy_with(payment: PointsPayment, at: datetime, **facts: Any) -> Purchase:
    """The purchase that a payment was taken for; the rest of its price is paid with money."""
    details = {
        "source": "till",
        "external_id": f"PP-{Purchase.objects.count() + 1}",
        "at": at,
        "amount": payment.purchase_amount - payment.amount,
        "member": payment.entry.account.member,
        "payment": payment,
        "now": at,
        **facts,
    }
    return record_purchase(**details)


def give_back(purchase: Purchase | None, amount: str, at: datetime, **facts: Any) -> Refund:
    details = {
        "source": "till",
        "external_id": f"PC-{Refund.objects.count() + 1}",
        "at": at,
        "amount": Decimal(amount),
        "purchase": purchase,
        "now": at,
        **facts,
    }
    return record_refund(**details)


def moved(refund: Refund) -> list[tuple[str, int, int]]:
    """What a refund did to base points, in its order: kind, points, change of debt."""
    entries = PointsEntry.objects.of_type("base").filter(refund=refund).order_by("number")
    return list(entries.values_list("kind", "points", "debt_change"))


def holder(*points: int, at: datetime) -> Member:
    """A member with one lot of base points for each number, by the kind's own terms."""
    member = MemberFactory.create(joined_at=at)
    for number, amount in enumerate(points, start=1):
        earn_points(member=member, points=amount, key=f"start:{number}", now=at)
    return member
