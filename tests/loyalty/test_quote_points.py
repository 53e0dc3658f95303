"""A quote: what points would pay for a purchase, what they are worth, and why not more."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import AmountNotExact, minor_digits
from loyalty import rules
from loyalty.errors import AmountNegative, PointsNotPositive, ProgrammeMissing
from loyalty.models import PointsEntry, PointsMoney, Standing, Tier
from loyalty.rules import MoneyTerms, QuoteLimit
from loyalty.services.overrides import grant_override
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.points_money import quote_points, redeem_for_purchase
from loyalty.services.purchases import record_refund
from tests.factories import MemberFactory

from .payments import holder
from .programmes import local, plain_programme

NOON = local(2025, 3, 14, 12)
TERMS = MoneyTerms(
    points_per_money=100,
    minimum_purchase=Decimal(100),
    maximum_share=Decimal(50),
    multiple=100,
)


def quoted(amount: str, spendable: int, **details: Any) -> tuple[int, str, str]:
    asked, debt = details.pop("asked", None), details.pop("debt", 0)
    terms = replace(TERMS, **details)
    found = rules.quote(Decimal(amount), spendable=spendable, debt=debt, terms=terms, asked=asked)
    assert found.left_to_pay == Decimal(amount) - found.amount
    return found.points, str(found.amount), found.limit


@pytest.mark.parametrize(
    ("amount", "spendable", "details", "expected"),
    [
        ("250", 30_000, {}, (12_500, "125.00", "share")),
        ("250", 12_501, {}, (12_500, "125.00", "share")),
        ("250", 12_500, {}, (12_500, "125.00", "share")),
        ("250", 12_499, {}, (12_400, "124.00", "multiple")),
        ("250", 12_400, {}, (12_400, "124.00", "points")),
        ("250", 99, {}, (0, "0.00", "multiple")),
        ("250", 0, {}, (0, "0.00", "points")),
        ("99.99", 30_000, {}, (0, "0.00", "minimum")),
        ("100.00", 30_000, {}, (5_000, "50.00", "share")),
        ("100.01", 30_000, {}, (5_000, "50.00", "share")),
        ("101.99", 30_000, {}, (5_000, "50.00", "share")),
        ("102.00", 30_000, {}, (5_100, "51.00", "share")),
        ("250", 30_000, {"debt": 1}, (0, "0.00", "debt")),
        ("250", 30_000, {"maximum_share": Decimal(100)}, (25_000, "250.00", "share")),
        ("250", 30_000, {"maximum_share": Decimal("0.01")}, (0, "0.00", "multiple")),
        ("250", 30_000, {"points_per_money": 200}, (25_000, "125.00", "share")),
        ("250", 30_000, {"multiple": 1}, (12_500, "125.00", "share")),
        ("250", 30_000, {"multiple": 20_000}, (0, "0.00", "multiple")),
        ("250", 30_000, {"asked": 5_000}, (5_000, "50.00", "asked")),
        ("250", 30_000, {"asked": 5_050}, (5_000, "50.00", "asked")),
        ("250", 30_000, {"asked": 12_500}, (12_500, "125.00", "share")),
        ("250", 30_000, {"asked": 12_600}, (12_500, "125.00", "share")),
    ],
)
def test_takes_whole_multiples_within_every_bound(
    amount: str, spendable: int, details: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert quoted(amount, spendable, **details) == expected


@pytest.mark.parametrize(
    ("currency", "amount", "details", "expected"),
    [
        ("JPY", "25001", {"multiple": 1}, (1_250_000, "12500", "share")),
        ("JPY", "25001", {"multiple": 1, "asked": 199}, (100, "1", "asked")),
        ("JPY", "25001", {"multiple": 1, "asked": 99}, (0, "0", "asked")),
        ("KWD", "100.001", {"multiple": 1}, (5_000, "50.000", "share")),
        ("KWD", "100.001", {"points_per_money": 3000, "multiple": 1}, (150_000, "50.000", "share")),
        ("CNY", "250", {"points_per_money": 300, "multiple": 1}, (37_500, "125.00", "share")),
        ("CNY", "250", {"points_per_money": 300, "asked": 100}, (100, "0.33", "asked")),
    ],
)
def test_rounds_down_to_the_currencys_smallest_unit(
    currency: str,
    amount: str,
    details: dict[str, Any],
    expected: tuple[int, str, str],
    settings: Any,
) -> None:
    settings.PROGRAMME_CURRENCY = currency
    assert quoted(amount, 2_000_000, **details) == expected


@given(
    minor=st.integers(0, 10_000_000),
    spendable=st.integers(0, 3_000_000),
    rate=st.integers(1, 5_000),
    share=st.decimals("0.01", 100, places=2),
    multiple=st.sampled_from([1, 7, 50, 100, 1_000]),
    asked=st.none() | st.integers(1, 3_000_000),
)
def test_never_breaks_a_bound_and_never_takes_a_multiple_for_nothing(
    minor: int, spendable: int, rate: int, share: Decimal, multiple: int, asked: int | None
) -> None:
    amount = Decimal(minor).scaleb(-minor_digits())
    terms = MoneyTerms(rate, Decimal(0), share, multiple)
    found = rules.quote(amount, spendable=spendable, debt=0, terms=terms, asked=asked)
    assert 0 <= found.points <= spendable
    assert found.points % multiple == 0
    assert asked is None or found.points <= asked
    assert found.amount * 100 <= amount * share
    assert found.amount == rules.worth(found.points, rate)
    if found.points:
        assert rules.worth(found.points - multiple, rate) < found.amount


@pytest.mark.django_db
def test_reads_what_the_member_can_spend_and_takes_nothing() -> None:
    plain_programme()
    member = holder(30_000, at=NOON)
    found = quote_points(member=member, amount=Decimal(250), now=NOON)
    assert (found.points, found.amount, found.limit) == (12_500, Decimal(125), QuoteLimit.SHARE)
    assert (found.spendable, found.debt, found.left_to_pay) == (30_000, 0, Decimal(125))
    assert PointsEntry.objects.count() == 1


@pytest.mark.django_db
def test_counts_live_lots_only() -> None:
    kind = plain_programme(expiry="1M", holding="7D")
    member = MemberFactory.create(joined_at=NOON)
    earn_points(member=member, points=700, key="held", now=NOON)
    assert kind.holding == "7D"
    for at, points in (
        (local(2025, 3, 21, 23, 59), 0),
        (local(2025, 3, 22), 700),
        (local(2025, 4, 14, 23, 59), 700),
        (local(2025, 4, 15), 0),
    ):
        assert quote_points(member=member, amount=Decimal(250), now=at).points == points


@pytest.mark.django_db
def test_owes_points_from_a_refund() -> None:
    plain_programme()
    member = holder(500, at=NOON)
    redeem_points(member=member, points=500, key="r", now=NOON)
    record_refund(source="t", external_id="C", at=NOON, amount=Decimal(30), member=member, now=NOON)
    found = quote_points(member=member, amount=Decimal(250), now=NOON)
    assert (found.points, found.limit, found.debt) == (0, "debt", 30)


@pytest.mark.django_db
def test_nobody_without_points_is_quoted_any() -> None:
    plain_programme()
    found = quote_points(member=MemberFactory.create(), amount=Decimal(250))
    assert (found.points, found.amount, found.limit) == (0, Decimal(0), "points")


@pytest.mark.django_db
def test_follows_what_operators_have_set() -> None:
    plain_programme()
    PointsMoney.objects.create(
        points_per_money=50,
        minimum_purchase=Decimal("80.00"),
        maximum_share=Decimal("12.50"),
        multiple=10,
    )
    member = holder(30_000, at=NOON)
    found = quote_points(member=member, amount=Decimal("80.00"), now=NOON)
    assert (found.points, found.amount) == (500, Decimal("10.00"))
    found = quote_points(member=member, amount=Decimal("79.99"), now=NOON)
    assert found.limit == "minimum"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("standing", "code", "rate", "points"),
    [
        ("gold", "gold", 50, 6_200),
        ("gold", "gold", None, 12_500),
        ("gold", "member", 50, 12_500),
        (None, "member", 200, 25_000),
        (None, "gold", 50, 12_500),
    ],
)
def test_a_tier_may_have_a_rate_of_its_own(
    standing: str | None, code: str, rate: int | None, points: int
) -> None:
    """A member who has no standing yet is of the lowest tier. At 50, half of 250 is 6,250 points,
    in whole hundreds 6,200."""
    plain_programme()
    Tier.objects.filter(code=code).update(points_per_money=rate)
    member = holder(30_000, at=NOON)
    if standing:
        tier = Tier.objects.get(code=standing)
        Standing.objects.create(member=member, tier=tier, since=NOON, reviewed_at=NOON)
    assert quote_points(member=member, amount=Decimal(250), now=NOON).points == points


@pytest.mark.django_db
def test_a_tier_for_a_while_brings_its_rate_while_it_holds() -> None:
    """At 50 for gold, half of 250 is 6,250 points, in whole hundreds 6,200."""
    plain_programme()
    gold = Tier.objects.get(code="gold")
    Tier.objects.filter(pk=gold.pk).update(points_per_money=50)
    member = holder(30_000, at=NOON)
    until = NOON + timedelta(days=1)
    grant_override(
        member=member, kind="trial", tier=gold, ends_at=until, reason="Try", key="k", now=NOON
    )
    for at, points in ((NOON, 6_200), (until, 12_500)):
        assert quote_points(member=member, amount=Decimal(250), now=at).points == points
        taken = redeem_for_purchase(member=member, amount=Decimal(250), key=f"{at}", now=at)
        assert taken.points == points


@pytest.mark.django_db
def test_refuses_what_is_no_question() -> None:
    with pytest.raises(ProgrammeMissing):
        quote_points(member=MemberFactory.create(), amount=Decimal(250))
    plain_programme()
    member = MemberFactory.create()
    with pytest.raises(AmountNegative):
        quote_points(member=member, amount=Decimal("-0.01"))
    with pytest.raises(AmountNotExact):
        quote_points(member=member, amount=Decimal("0.001"))
    for points in (0, -100):
        with pytest.raises(PointsNotPositive):
            quote_points(member=member, amount=Decimal(250), points=points)
