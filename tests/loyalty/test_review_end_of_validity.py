"""The night's review at the end of a tier's validity: kept, or down by the ladder's policy."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.models import Ladder, Standing, Tier, TierChange
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member

from .ledgers import new_member
from .programmes import (
    base_points,
    earning_rule,
    growth_points,
    local,
    plain_programme,
    spend_tiers,
)
from .reviews import bought, changes_of, grown, place, refunded, review, tier_of

pytestmark = pytest.mark.django_db

END = local(2025, 7, 1)
NIGHT = (2025, 7, 1)
MAY = local(2025, 5, 1, 12)
WON = local(2024, 6, 10, 12)


def on(code: str, spend: str = "0.00", *, valid_until: datetime = END) -> Member:
    """A member on a tier whose validity ends, with spend in the window."""
    member = new_member()
    place(member, code, valid_until=valid_until, since=WON)
    if Decimal(spend):
        bought(member, spend, MAY)
        Standing.objects.filter(member=member).update(reviewed_at=MAY + timedelta(hours=1))
    return member


# To stay


@pytest.mark.parametrize(
    ("spend", "cause", "code"),
    [
        ("1499.99", "downgrade", "silver"),
        ("1500.00", "retained", "gold"),
        ("1500.01", "retained", "gold"),
        ("2000.00", "retained", "gold"),
        ("9999.99", "retained", "gold"),
        ("10000.00", "upgrade", "black"),
    ],
)
def test_kept_by_the_retention_bound(spend: str, cause: str, code: str) -> None:
    spend_tiers()
    Tier.objects.filter(code="gold").update(retention_spend=Decimal(1500))
    member = on("gold", spend)
    assert review(*NIGHT) == {cause: 1}
    assert changes_of(member) == [(cause, code, "gold")]


@pytest.mark.parametrize(
    ("spend", "cause"),
    [("1999.99", "downgrade"), ("2000.00", "retained"), ("2000.01", "retained")],
)
def test_an_empty_retention_bound_is_the_entry_bound(spend: str, cause: str) -> None:
    spend_tiers()
    on("gold", spend)
    assert review(*NIGHT) == {cause: 1}


@pytest.mark.parametrize(
    ("join", "orders", "growth", "cause"),
    [
        ("all", 2, 10, "retained"),
        ("all", 1, 10, "downgrade"),
        ("all", 2, 9, "downgrade"),
        ("any", 1, 10, "retained"),
        ("any", 2, 9, "retained"),
        ("any", 1, 9, "downgrade"),
    ],
)
def test_retention_bounds_are_joined_like_those_to_enter(
    join: str, orders: int, growth: int, cause: str
) -> None:
    """To enter 5 orders and 10 growth points; to stay 2 orders, and growth as to enter."""
    base_points()
    growth_points()
    Ladder.objects.create(grace_days=0)
    Tier.objects.create(code="member", name_en="Member", rank=0)
    bounds: dict[str, Any] = {"entry_orders": 5, "entry_growth": 10, "retention_orders": 2}
    Tier.objects.create(code="star", name_en="Star", rank=1, join="all", **bounds)
    member = on("star")
    for _ in range(orders):
        bought(member, "1.00", MAY)
    grown(member, growth, MAY)
    Tier.objects.filter(code="star").update(join=join)
    # By any, ten growth points would enter as well: that is a retention, no upgrade.
    assert review(*NIGHT) == {cause: 1}


def test_a_retention_says_why_and_until_when() -> None:
    spend_tiers()
    member = on("gold", "2500.00")
    refunded(member, "0.50", MAY)
    assert review(*NIGHT) == {"retained": 1}
    change = TierChange.objects.get()
    assert changes_of(member) == [("retained", "gold", "gold")]
    assert (change.at, change.business_date) == (END, date(*NIGHT))
    assert (change.spend, change.orders, change.growth) == (Decimal("2499.50"), 1, 0)
    assert (change.window_from, change.valid_until) == (local(2024, 7, 1), local(2026, 7, 1))
    standing = Standing.objects.get()
    assert (standing.since, standing.valid_until) == (WON, local(2026, 7, 1))
    assert review(2025, 7, 2) == {}


@pytest.mark.parametrize(("back", "cause"), [("0.00", "retained"), ("0.01", "downgrade")])
def test_a_refund_may_cost_the_tier(back: str, cause: str) -> None:
    spend_tiers()
    refunded(on("gold", "2000.00"), back, MAY + timedelta(days=9))
    assert review(*NIGHT) == {cause: 1}


def test_a_refund_told_late_counts_on_its_own_date() -> None:
    plain_programme()
    member = on("gold")
    paid = record_purchase(
        source="till", external_id="P", at=MAY, amount=Decimal(2000), member=member, now=MAY
    )
    assert review(2025, 6, 1) == {"unchanged": 1}
    record_refund(
        source="till",
        external_id="R",
        at=MAY + timedelta(days=1),
        amount=Decimal("0.01"),
        purchase=paid,
        now=local(2025, 6, 2),
    )
    assert review(2025, 6, 3) == {"unchanged": 1}
    assert review(*NIGHT) == {"downgrade": 1}
    change = TierChange.objects.get()
    assert (change.spend, change.orders) == (Decimal("1999.99"), 1)


@pytest.mark.parametrize(
    ("at", "cause"),
    [(local(2024, 6, 30, 23, 59, 59), "downgrade"), (local(2024, 7, 1), "retained")],
)
def test_what_fell_out_of_the_window_counts_no_more(at: datetime, cause: str) -> None:
    spend_tiers()
    bought(on("gold"), "2000.00", at)
    assert review(*NIGHT) == {cause: 1}


# When


@pytest.mark.parametrize(
    ("night", "counts"),
    [
        ((2025, 6, 30), {}),
        ((2025, 7, 1), {"downgrade": 1}),
        ((2025, 7, 2), {"downgrade": 1}),
    ],
)
def test_comes_down_when_the_validity_is_over(
    night: tuple[int, ...], counts: dict[str, int]
) -> None:
    spend_tiers()
    on("gold")
    assert review(*night) == counts


@pytest.mark.parametrize(("seconds", "counts"), [(-1, 1), (0, 1), (1, 0)])
def test_validity_is_half_open(seconds: int, counts: int) -> None:
    spend_tiers()
    on("gold", valid_until=END + timedelta(seconds=seconds))
    assert review(*NIGHT) == ({"downgrade": 1} if counts else {})


@pytest.mark.parametrize(
    ("night", "cause"),
    [
        ((2025, 7, 1), "unchanged"),
        ((2025, 7, 30), "unchanged"),
        ((2025, 7, 31), "downgrade"),
        ((2025, 8, 1), "downgrade"),
    ],
)
def test_comes_down_after_thirty_days_of_grace(night: tuple[int, ...], cause: str) -> None:
    spend_tiers(grace_days=30)
    member = on("gold")
    assert review(*night) == {cause: 1}
    assert tier_of(member) == ("gold" if cause == "unchanged" else "silver")


def test_is_kept_when_the_bounds_hold_within_the_grace() -> None:
    spend_tiers(grace_days=30)
    member = on("gold")
    assert review(*NIGHT) == {"unchanged": 1}
    bought(member, "2000.00", local(2025, 7, 10, 12))
    assert review(2025, 7, 10) == {"unchanged": 1}
    assert review(2025, 7, 11) == {"retained": 1}
    assert Standing.objects.get().valid_until == local(2026, 8, 1)
    assert review(2025, 7, 31) == {}


def test_grace_neither_delays_an_upgrade_nor_a_retention() -> None:
    spend_tiers(grace_days=30)
    kept, risen = on("gold", "2000.00"), on("gold", "10000.00")
    assert review(*NIGHT) == {"retained": 1, "upgrade": 1}
    assert (tier_of(kept), tier_of(risen)) == ("gold", "black")


# Down to where


@pytest.mark.parametrize(
    ("policy", "spend", "cause", "code"),
    [
        ("one_step", "0.00", "downgrade", "gold"),
        ("one_step", "600.00", "downgrade", "gold"),
        ("one_step", "10000.00", "retained", "black"),
        ("matching", "0.00", "downgrade", "member"),
        ("matching", "499.99", "downgrade", "member"),
        ("matching", "500.00", "downgrade", "silver"),
        ("matching", "2000.00", "downgrade", "gold"),
        ("matching", "10000.00", "retained", "black"),
        ("none", "0.00", "retained", "black"),
        ("none", "10000.00", "retained", "black"),
    ],
)
def test_comes_down_by_the_ladders_policy(policy: str, spend: str, cause: str, code: str) -> None:
    spend_tiers(downgrade=policy)
    member = on("black", spend)
    assert review(*NIGHT) == {cause: 1}
    assert changes_of(member) == [(cause, code, "black")]
    standing, change = Standing.objects.get(), TierChange.objects.get()
    ends = None if code == "member" else local(2026, 7, 1)
    assert (standing.valid_until, change.valid_until) == (ends, ends)
    assert standing.since == (WON if cause == "retained" else END)


def test_matching_stays_where_the_retention_bound_holds() -> None:
    spend_tiers(downgrade="matching")
    Tier.objects.filter(code="gold").update(retention_spend=Decimal(1500))
    member = on("black", "1500.00")
    review(*NIGHT)
    assert tier_of(member) == "gold"


def test_one_step_is_the_next_rung_there_is() -> None:
    spend_tiers()
    Tier.objects.filter(code__in=["gold", "silver"]).delete()
    member = on("black")
    review(*NIGHT)
    assert changes_of(member) == [("downgrade", "member", "black")]


def test_one_step_at_each_end_of_a_validity() -> None:
    spend_tiers()
    member = on("black")
    assert review(*NIGHT) == {"downgrade": 1}
    assert review(2025, 7, 2) == {}
    assert review(2026, 6, 30) == {}
    assert review(2026, 7, 1) == {"downgrade": 1}
    assert review(2027, 7, 1) == {"downgrade": 1}
    assert [code for _, code, _ in changes_of(member)] == ["gold", "silver", "member"]
    assert Standing.objects.get().valid_until is None
    assert review(2030, 1, 1) == {}


def test_a_validity_without_end_never_comes_down() -> None:
    spend_tiers(validity="never")
    member = new_member()
    bought(member, "500.00", MAY)
    review(*NIGHT)
    assert Standing.objects.get().valid_until is None
    assert review(2035, 1, 1) == {}
    assert tier_of(member) == "silver"


def test_a_rule_that_still_earns_does_not_hold_a_tier() -> None:
    """Points that can be spent never count: only spend, orders and growth do."""
    earning_rule(base_points(), points=100)
    spend_tiers()
    member = on("silver")
    paid = record_purchase(
        source="till", external_id="P", at=MAY, amount=Decimal(499), member=member, now=MAY
    )
    assert paid.entries.get().points == 49_900
    assert review(*NIGHT) == {"downgrade": 1}
