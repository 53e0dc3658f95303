"""Currencies without decimals and with three: the same rules, nothing lost between them."""

from decimal import Decimal

import pytest
from django.conf import LazySettings

from common import clock
from common.proof import configured_checks, prove
from loyalty.models import PointsPayment, Tier
from loyalty.services.adjustments import adjust_points
from loyalty.services.points_money import redeem_for_purchase
from loyalty.services.presets import load_preset
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import account_of

pytestmark = pytest.mark.django_db

# Currency, price, what 500 points at 150 for 1.00 take off it (rounded down to the smallest unit).
CURRENCIES = [
    ("JPY", "251", "3"),
    ("CNY", "250.01", "3.33"),
    ("KWD", "250.001", "3.333"),
]
THIRDS = 3


@pytest.fixture
def member(db: None) -> Member:
    member: Member = MemberFactory.create()
    return member


def pay(member: Member, price: Decimal) -> PointsPayment:
    """The super-member programme, 150 points for 1.00, and a price paid with all 500 points."""
    load_preset(name="super")
    Tier.objects.update(points_per_money=150)
    adjust_points(member=member, points=500, key="start", reason="A start")
    return redeem_for_purchase(member=member, amount=price, key="pay", points=500)


@pytest.mark.parametrize(("currency", "price", "worth"), CURRENCIES)
def test_points_pay_and_come_back_to_the_smallest_unit(
    member: Member, settings: LazySettings, currency: str, price: str, worth: str
) -> None:
    settings.PROGRAMME_CURRENCY = currency
    payment = pay(member, Decimal(price))
    assert payment.amount == Decimal(worth)
    paid = Decimal(price) - payment.amount
    purchase = record_purchase(
        source="till",
        external_id="1",
        at=clock.now(),
        amount=paid,
        gross=Decimal(price),
        member=member,
        payment=payment,
    )
    assert account_of(member).balance == int(paid) == account_of(member, "growth").balance
    part = Decimal(int(paid) // THIRDS)
    for number, amount in enumerate([part, part, paid - 2 * part]):
        record_refund(
            source="till",
            external_id=f"back-{number}",
            at=clock.now(),
            amount=amount,
            purchase=purchase,
        )
    # What was earned is gone to the last point, what was spent is back to the last point.
    assert account_of(member).balance == 500
    assert account_of(member, "growth").balance == 0
    assert [finding for finding in prove(configured_checks()) if not finding.is_clean] == []
