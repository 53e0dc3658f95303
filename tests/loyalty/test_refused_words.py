"""Keys, reasons and amounts that the ledger's services refuse before anything is locked."""

from decimal import Decimal
from typing import Any

import pytest

from common.errors import DomainError
from common.money import AmountNotExact, AmountTooLarge
from loyalty.errors import (
    KeyNotUsable,
    KeyReused,
    PointsNotPositive,
    ProgrammeMissing,
    ReasonTooLong,
    RefundBeforePurchase,
)
from loyalty.models import PointsEntry, PointType, Purchase, Refund, Standing, Tier
from loyalty.services.activities import record_activity
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import earning_rule, full_programme, local

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 1, 12)


@pytest.fixture
def growth() -> PointType:
    _base, growth = full_programme(holding="0D")
    return growth


@pytest.fixture
def member(growth: PointType) -> Member:
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def buy(member: Member, amount: str = "100.00", **facts: Any) -> Purchase:
    details = {"source": "till", "external_id": "P-1", "at": NOON, "now": NOON, **facts}
    return record_purchase(amount=Decimal(amount), member=member, **details)


@pytest.mark.parametrize("key", ["", "purchase:1", "expire:2025-03-01", "k" * 301, "a\x00b"])
def test_refuses_a_key_that_the_ledger_cannot_use(member: Member, key: str) -> None:
    for service in (earn_points, redeem_points):
        with pytest.raises(KeyNotUsable):
            service(member=member, points=1, key=key)
    with pytest.raises(KeyNotUsable):
        adjust_points(member=member, points=1, key=key, reason="Kindness")
    assert not PointsEntry.objects.exists()


def test_takes_a_key_of_300_characters(member: Member) -> None:
    assert earn_points(member=member, points=1, key="k" * 300, now=NOON).points == 1


@pytest.mark.parametrize("reason", ["r" * 501, "a\x00b"])
def test_refuses_a_reason_that_cannot_be_kept(member: Member, reason: str) -> None:
    with pytest.raises(ReasonTooLong):
        earn_points(member=member, points=1, key="k", reason=reason)
    assert not PointsEntry.objects.exists()


@pytest.mark.parametrize("points", [0, -1, 10**12 + 1, 2**63])
def test_refuses_points_out_of_range(member: Member, points: int) -> None:
    with pytest.raises(PointsNotPositive):
        earn_points(member=member, points=points, key="k")
    assert not PointsEntry.objects.exists()


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("9.999", AmountNotExact),
        ("NaN", AmountNotExact),
        ("Infinity", AmountNotExact),
        ("1e30", AmountTooLarge),
    ],
)
def test_refuses_an_amount_that_is_none(
    member: Member, amount: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        buy(member, amount)
    assert not Purchase.objects.exists()


def test_refuses_a_refund_before_its_purchase(member: Member) -> None:
    purchase = buy(member)
    with pytest.raises(RefundBeforePurchase):
        record_refund(
            source="till",
            external_id="C-1",
            at=local(2025, 3, 1, 11),
            amount=Decimal(1),
            purchase=purchase,
            now=NOON,
        )
    assert not Refund.objects.exists()


def test_refuses_to_earn_where_no_programme_is_loaded() -> None:
    member = MemberFactory.create()
    for attempt in (
        lambda: buy(member),
        lambda: redeem_points(member=member, points=1, key="k"),
        lambda: adjust_points(member=member, points=1, key="k", reason="Kindness"),
    ):
        with pytest.raises(ProgrammeMissing):
            attempt()
    assert not Purchase.objects.exists()


def test_a_whole_restore_does_not_replay_a_part(member: Member) -> None:
    buy(member)
    redemption = redeem_points(member=member, points=50, key="r", now=NOON)
    restore_points(redemption=redemption, points=10, key="k", now=NOON)
    with pytest.raises(KeyReused):
        restore_points(redemption=redemption, key="k", now=NOON)
    rest = restore_points(redemption=redemption, key="rest", now=NOON)
    again = restore_points(redemption=redemption, key="rest", now=NOON)
    assert (rest.points, again.pk) == (40, rest.pk)


def test_growth_points_raise_the_tier_at_once(member: Member, growth: PointType) -> None:
    Tier.objects.filter(code="silver").update(entry_spend=None, entry_growth=500)
    earn_points(member=member, points=499, key="a", point_type=growth, now=NOON)
    assert Standing.objects.get().tier.code == "member"
    adjust_points(member=member, points=1, key="b", reason="A slip", point_type=growth, now=NOON)
    assert Standing.objects.get().tier.code == "silver"


def test_an_activity_that_gives_growth_raises_the_tier_at_once(
    member: Member, growth: PointType
) -> None:
    Tier.objects.filter(code="silver").update(entry_spend=None, entry_growth=500)
    earning_rule(growth, code="review", trigger="review", points=500, per_amount=None)
    record_activity(member=member, kind="review", key="r", now=NOON)
    assert Standing.objects.get().tier.code == "silver"
