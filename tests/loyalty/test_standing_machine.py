"""A member's facts one by one, upgraded at once and reviewed by nights, against their replay."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from common.proof import configured_checks, prove
from loyalty.jobs import notify_tiers_going_down, review_tiers
from loyalty.models import Ladder, PointType, Standing, Tier, TierChange
from loyalty.services.activities import check_in
from loyalty.services.adjustments import adjust_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from members.services import record_visit
from tests.factories import MemberFactory

from .programmes import base_points, growth_points, local
from .standing_reference import Asked, Fact, Policy, Reference

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

EVERYONE = 10**9
# The turn of a year lies a few weeks ahead.
FIRST = date(2024, 11, 20)

ENTRY = {"spend": 10_000, "orders": 2, "growth": 30, "days": 3}
COLUMNS = {"spend": "spend", "orders": "orders", "growth": "growth", "days": "active_days"}


@st.composite
def asked(draw: st.DrawFn, times: int) -> Asked:
    """One or two bounds to enter, twice as high on the tier above, and perhaps less to stay."""
    names = draw(st.lists(st.sampled_from(list(ENTRY)), min_size=1, max_size=2, unique=True))
    entry = {name: ENTRY[name] * times for name in names}
    stay = {name: bound // 2 for name, bound in entry.items() if draw(st.booleans())}
    return Asked(entry=entry, stay=stay, is_any=draw(st.booleans()))


policies = st.builds(
    Policy,
    tiers=st.tuples(asked(1), asked(2)),
    window=st.sampled_from(["2M", "year", "tier", "never"]),
    validity=st.sampled_from(["20D", "1M/month"]),
    grace=st.sampled_from([0, 5]),
    downgrade=st.sampled_from(["one_step", "matching", "none"]),
    refunds=st.sampled_from(["keep", "reevaluate"]),
    interval=st.sampled_from([0, 40]),
)
# Days and minutes until something happens, what, and how much of it; nights run in between.
happenings = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 2, 6, 15, 30]),
        st.integers(1, 600),
        st.sampled_from(["buy", "buy", "refund", "grow", "visit", "check_in", "night", "nights"]),
        st.integers(1, 3),
    ),
    min_size=4,
    max_size=14,
)


def write_ladder(policy: Policy) -> None:
    Ladder.objects.create(
        window=policy.window,
        validity=policy.validity,
        grace_days=policy.grace,
        downgrade=policy.downgrade,
        refunds=policy.refunds,
        step_interval=f"{policy.interval}D",
    )
    Tier.objects.create(code="t0", name_en="0", rank=0)
    for rank, tier in enumerate(policy.tiers, start=1):
        bounds: dict[str, Any] = {}
        for stage, asks in (("entry", tier.entry), ("retention", tier.stay)):
            for name, bound in asks.items():
                amount = Decimal(bound) / 100 if name == "spend" else bound
                bounds[f"{stage}_{COLUMNS[name]}"] = amount
        join = "any" if tier.is_any else "all"
        Tier.objects.create(code=f"t{rank}", name_en=str(rank), rank=rank, join=join, **bounds)


def happen(member: Member, growth: PointType, fact: Fact, number: int) -> None:
    """The fact, told to the service that takes it."""
    sale = {"source": "till", "external_id": f"{number}", "at": fact.at, "now": fact.at}
    match fact.kind:
        case "buy":
            record_purchase(member=member, amount=Decimal(fact.count) / 100, **sale)
        case "refund":
            record_refund(member=member, amount=Decimal(-fact.count) / 100, **sale)
        case "grow":
            adjust_points(
                member=member,
                points=fact.count,
                key=f"{number}",
                reason="Thanks",
                point_type=growth,
                now=fact.at,
            )
        case "visit":
            record_visit(member=member, now=fact.at)
        case _:
            check_in(member=member, now=fact.at)


def fact_of(kind: str, count: int, at: datetime) -> Fact:
    sizes = {"buy": 5_000, "refund": -4_000, "grow": 15}
    return Fact(kind, sizes.get(kind, 1) * count, at)


def live(member: Member, growth: PointType, policy: Policy, steps: list[Any]) -> Reference:
    """Let it all happen to the member, and to the reference beside it."""
    reference = Reference(policy)
    at = local(FIRST.year, FIRST.month, FIRST.day)
    nights: set[date] = set()
    seen: set[tuple[str, date]] = set()
    for number, (days, minutes, kind, count) in enumerate(steps):
        before = at.date()
        at += timedelta(days=days, minutes=minutes)
        if kind.startswith("night"):
            first = before + timedelta(days=1) if kind == "nights" else at.date()
            for ahead in range((at.date() - first).days + 1):
                run_night(reference, first + timedelta(days=ahead), nights)
            continue
        # A day has one visit and one check-in; a night knows only what came before its day.
        if kind in ("visit", "check_in") and (kind, at.date()) in seen:
            continue
        seen.add((kind, at.date()))
        fact = fact_of(kind, count, at.astimezone(UTC))
        happen(member, growth, fact, number)
        reference.happen(fact)
    run_night(reference, at.date() + timedelta(days=1), nights)
    return reference


def run_night(reference: Reference, night: date, nights: set[date]) -> None:
    if night in nights or (nights and night < max(nights)):
        return
    nights.add(night)
    review_tiers(night, 1, EVERYONE)
    notify_tiers_going_down(night, 1, EVERYONE)
    reference.night(night)


def broken() -> list[str]:
    checks = [check for check in configured_checks() if check.id in ("I24", "I29")]
    return [finding.check.id for finding in prove(checks) if not finding.is_clean]


@settings(derandomize=True, database=None, deadline=None, max_examples=25)
@given(policy=policies, steps=happenings)
def test_one_by_one_is_the_same_as_replayed(policy: Policy, steps: list[Any]) -> None:
    with transaction.atomic(), override_settings(NIGHTLY_WAIVES_FIRST_DOWNGRADE=False):
        base_points()
        growth = growth_points()
        write_ladder(policy)
        member = MemberFactory.create(joined_at=local(2024, 1, 1))
        reference = live(member, growth, policy, steps)
        standing = Standing.objects.select_related("tier").get()
        moves = TierChange.objects.order_by("id").values_list("cause", "to_tier__rank")
        found = (standing.tier.rank, standing.since, standing.valid_until, list(moves))
        left = broken()
        transaction.set_rollback(True)
    assert found == (reference.rank, reference.since, reference.ends, reference.moves)
    assert left == []
