"""A tier for a while lifts what holds, never lowers it, and says who gave it and why."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.errors import DomainError
from loyalty import rules
from loyalty.errors import (
    KeyReused,
    OverrideAimsNowhere,
    OverrideOver,
    OverrideReasonMissing,
    OverrideWithoutTime,
)
from loyalty.models import Standing, Tier, TierChange, TierOverride
from loyalty.outlook import place_of
from loyalty.services.dry_run import dry_run
from loyalty.services.overrides import effective_at, grant_override, revoke_override
from members.models import Member
from tests.factories import OperatorFactory

from .ledgers import buy, new_member
from .programmes import local, plain_programme

pytestmark = pytest.mark.django_db

NOW = local(2025, 3, 10, 12)
FROM, UNTIL = local(2025, 4, 1), local(2025, 5, 1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def member() -> Member:
    """On silver, which doubles nothing; gold points count 1.5, black ones twice."""
    plain_programme()
    Tier.objects.filter(code="gold").update(multiplier=Decimal("1.5"))
    Tier.objects.filter(code="black").update(multiplier=Decimal(2))
    member = new_member()
    buy(member, "600.00", local(2025, 3, 1, 12))
    return member


def lift(member: Member, **details: Any) -> TierOverride:
    details = {
        "kind": "operator",
        "tier": Tier.objects.get(code="gold"),
        "starts_at": FROM,
        "ends_at": UNTIL,
        "reason": "A long wait",
        "key": "k",
        "now": NOW,
        **details,
    }
    return grant_override(member=member, **details)


def holds(member: Member, at: datetime) -> str:
    tier = effective_at(member, at, list(Tier.objects.by_rank()))
    assert tier is not None
    return tier.code


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (FROM - TICK, "silver"),
        (FROM, "gold"),
        (UNTIL - TICK, "gold"),
        (UNTIL, "silver"),
    ],
)
def test_holds_from_its_first_instant_to_before_its_last(
    member: Member, at: datetime, code: str
) -> None:
    lift(member)
    assert holds(member, at) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [("member", "silver"), ("silver", "silver"), ("gold", "gold"), ("black", "black")],
)
def test_never_lowers(member: Member, code: str, expected: str) -> None:
    lift(member, tier=Tier.objects.get(code=code))
    assert holds(member, FROM) == expected


@pytest.mark.parametrize(("steps", "expected"), [(1, "gold"), (2, "black"), (9, "black")])
def test_steps_count_from_the_earned_tier(member: Member, steps: int, expected: str) -> None:
    lift(member, tier=None, steps=steps)
    assert holds(member, FROM) == expected


def test_the_best_of_several_holds(member: Member) -> None:
    lift(member, tier=Tier.objects.get(code="black"), ends_at=FROM + TICK)
    lift(member, key="other")
    assert (holds(member, FROM), holds(member, FROM + TICK)) == ("black", "gold")


def test_lifts_a_member_who_has_no_standing_yet(member: Member) -> None:
    newcomer = new_member()
    lift(newcomer, tier=None, steps=1)
    assert holds(newcomer, FROM) == "silver"
    assert effective_at(newcomer, UNTIL, list(Tier.objects.by_rank())) is None


def test_leaves_the_earned_tier_as_it_is(member: Member) -> None:
    before = list(Standing.objects.values()), TierChange.objects.count()
    lift(member)
    assert (list(Standing.objects.values()), TierChange.objects.count()) == before


def test_an_upgrade_above_it_holds_at_once(member: Member) -> None:
    lift(member)
    buy(member, "9400.00", FROM + timedelta(days=1))
    assert holds(member, FROM + timedelta(days=2)) == "black"
    assert holds(member, FROM) == "gold"


@pytest.mark.parametrize(
    ("at", "points"),
    [(FROM - TICK, 100), (FROM, 150), (UNTIL - TICK, 150), (UNTIL, 100)],
)
def test_multiplies_what_is_earned_while_it_holds(
    member: Member, at: datetime, points: int
) -> None:
    """Now, and asked for again about the past."""
    lift(member)
    assert buy(member, "100.00", at).entries.get().points == points
    (again,) = dry_run(amount=Decimal(100), at=at, member=member)
    assert again.earning.points == points


def test_is_what_the_portal_shows(member: Member) -> None:
    lift(member)
    place = place_of(member, FROM)
    shown = [tier.code for tier in (place.tier, place.earned, place.next_tier) if tier]
    assert shown == ["gold", "silver", "gold"]
    assert place.valid_through() == local(2025, 4, 30).date()
    assert place_of(member, UNTIL).valid_through() == local(2026, 3, 31).date()


def test_never_begins_before_it_is_given(member: Member) -> None:
    assert lift(member, starts_at=local(2025, 1, 1)).starts_at == NOW
    assert holds(member, NOW - TICK) == "silver"


def test_the_same_key_is_one_override(member: Member) -> None:
    assert lift(member) == lift(member, now=NOW + timedelta(days=90))
    assert TierOverride.objects.count() == 1


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"ends_at": UNTIL + TICK}, KeyReused),
        ({"key": "new", "tier": None}, OverrideAimsNowhere),
        ({"key": "new", "steps": 1}, OverrideAimsNowhere),
        ({"key": "new", "tier": None, "steps": 0}, OverrideAimsNowhere),
        ({"key": "new", "reason": "  "}, OverrideReasonMissing),
        ({"key": "new", "ends_at": FROM}, OverrideWithoutTime),
        ({"key": "new", "ends_at": NOW}, OverrideWithoutTime),
    ],
)
def test_refuses(member: Member, details: dict[str, Any], refusal: type[DomainError]) -> None:
    lift(member)
    with pytest.raises(refusal):
        lift(member, **details)
    assert TierOverride.objects.count() == 1


@pytest.mark.parametrize(("offset", "code"), [(-TICK, "gold"), (TICK * 0, "silver")])
def test_revoked_it_held_until_then(member: Member, offset: timedelta, code: str) -> None:
    override = lift(member)
    operator = OperatorFactory.create()
    at = FROM + timedelta(days=3)
    revoke_override(override=override, reason="A mistake", operator=operator, now=at)
    assert holds(member, at + offset) == code
    override.refresh_from_db()
    assert (override.revoked_by, override.revoke_reason) == (operator, "A mistake")


def test_revoked_again_it_stays_as_it_was(member: Member) -> None:
    override = lift(member)
    first = revoke_override(override=override, reason="A mistake", now=NOW)
    again = revoke_override(override=override, reason="Other", now=NOW + TICK)
    assert (again.revoked_at, again.revoke_reason) == (first.revoked_at, "A mistake")
    assert holds(member, FROM) == "silver"


@pytest.mark.parametrize(
    ("reason", "now", "refusal"),
    [(" ", FROM, OverrideReasonMissing), ("Late", UNTIL, OverrideOver)],
)
def test_refuses_to_revoke(
    member: Member, reason: str, now: datetime, refusal: type[DomainError]
) -> None:
    override = lift(member)
    with pytest.raises(refusal):
        revoke_override(override=override, reason=reason, now=now)
    override.refresh_from_db()
    assert override.revoked_at is None


def test_nothing_holds_off_the_ladder() -> None:
    assert rules.effective_tier([], None, [rules.Lift(steps=1)]) is None
