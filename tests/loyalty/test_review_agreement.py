"""The review in SQL against the same rules in plain Python, over members drawn at random."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty import rules
from loyalty.models import (
    Ladder,
    PointsAccount,
    PointsEntry,
    PointType,
    Purchase,
    Refund,
    Standing,
    Tier,
    TierChange,
)
from members.models import Member
from tests.factories import MemberFactory

from .ledgers import JOINED
from .programmes import growth_points, local
from .reviews import review

pytestmark = pytest.mark.django_db

CUTOFF = local(2025, 6, 15)
FROM = local(2024, 6, 15)
TICK = timedelta(microseconds=1)
INSTANTS = [FROM - TICK, FROM, FROM + TICK, local(2025, 1, 1), CUTOFF - TICK, CUTOFF, CUTOFF + TICK]
GRACE = 10
ENDS = [None, *(CUTOFF - timedelta(days=GRACE) * n + TICK * m for n in (0, 1) for m in (-1, 0, 1))]

amounts = st.integers(0, 6)
facts = st.lists(st.tuples(amounts, st.sampled_from(INSTANTS)), max_size=3)


@dataclass(frozen=True)
class Drawn:
    """A member's facts as (count of cents or points, instant), and the standing, if any."""

    purchases: list[tuple[int, datetime]]
    refunds: list[tuple[int, datetime]]
    growth: list[tuple[int, datetime]]
    rank: int | None
    valid_until: datetime | None


bounds = st.none() | st.integers(0, 6)
people = st.builds(
    Drawn,
    purchases=facts,
    refunds=facts,
    growth=st.lists(st.tuples(st.integers(-3, 6), st.sampled_from(INSTANTS)), max_size=3),
    rank=st.sampled_from([None, 0, 1, 2, 3]),
    valid_until=st.sampled_from(ENDS),
)


@st.composite
def rungs(draw: st.DrawFn) -> list[Tier]:
    """A lowest tier and three that ask for something to enter, in whatever order of bounds."""
    tiers = [Tier(code="t0", name_en="0", rank=0)]
    for rank in (1, 2, 3):
        asks = draw(st.tuples(bounds, bounds, bounds).filter(lambda found: any_asked(found)))
        stays = draw(st.tuples(bounds, bounds, bounds))
        tiers.append(
            Tier(
                code=f"t{rank}",
                name_en=str(rank),
                rank=rank,
                join=draw(st.sampled_from(["all", "any"])),
                entry_spend=cents(asks[0]),
                entry_orders=asks[1],
                entry_growth=asks[2],
                retention_spend=cents(stays[0]),
                retention_orders=stays[1],
                retention_growth=stays[2],
            )
        )
    return tiers


def any_asked(found: tuple[int | None, ...]) -> bool:
    return any(bound is not None for bound in found)


def cents(count: int | None) -> Decimal | None:
    return None if count is None else Decimal(count) / 100


def counted(found: list[tuple[int, datetime]]) -> list[int]:
    return [count for count, at in found if FROM <= at < CUTOFF]


def figures_of(drawn: Drawn) -> rules.TierFigures:
    spend = sum(counted(drawn.purchases)) - sum(counted(drawn.refunds))
    return rules.TierFigures(
        spend=Decimal(spend) / 100,
        orders=len(counted(drawn.purchases)),
        growth=sum(counted(drawn.growth)),
    )


def keeps(tier: Tier, figures: rules.TierFigures) -> bool:
    """Whether the retention bounds hold, an empty one being the entry bound."""
    stay = Tier(rank=tier.rank, join=tier.join)
    for measure in ("spend", "orders", "growth"):
        kept = getattr(tier, f"retention_{measure}")
        bound = getattr(tier, f"entry_{measure}") if kept is None else kept
        setattr(stay, f"entry_{measure}", bound)
    return tier.rank == 0 or rules.satisfies_entry(stay, figures)


def outcome(tiers: list[Tier], drawn: Drawn, policy: str) -> tuple[str, int] | None:
    """The cause and the rank that the rules ask for; None when nothing changes."""
    figures = figures_of(drawn)
    earned = rules.earned_tier(tiers, figures)
    assert earned is not None
    if drawn.rank is None:
        return "entry", earned.rank
    if earned.rank > drawn.rank:
        return "upgrade", earned.rank
    if drawn.valid_until is None or drawn.valid_until > CUTOFF:
        return None
    if policy == "none" or keeps(tiers[drawn.rank], figures):
        return "retained", drawn.rank
    if drawn.valid_until > CUTOFF - timedelta(days=GRACE):
        return None
    if policy == "one_step":
        return "downgrade", drawn.rank - 1
    return "downgrade", max(tier.rank for tier in tiers[: drawn.rank] if keeps(tier, figures))


def write(drawn: list[Drawn], tiers: list[Tier], growth: PointType) -> list[Member]:
    members = Member.objects.bulk_create(MemberFactory.build_batch(len(drawn), joined_at=JOINED))
    accounts = PointsAccount.objects.bulk_create(
        PointsAccount(member=member, point_type=growth, is_spendable=False) for member in members
    )
    purchases, refunds, entries, standings = [], [], [], []
    for member, account, one in zip(members, accounts, drawn, strict=True):
        for number, (count, at) in enumerate(one.purchases):
            purchases.append(fact(Purchase, member, f"{member.pk}-{number}", count, at))
        for number, (count, at) in enumerate(one.refunds):
            refunds.append(fact(Refund, member, f"{member.pk}-{number}", count, at))
        moved = [(count, at) for count, at in one.growth if count]
        entries += [grown(account, n, *found) for n, found in enumerate(moved, start=1)]
        if one.rank is not None:
            standings.append(standing(member, tiers[one.rank], one.valid_until))
    Purchase.objects.bulk_create(purchases)
    Refund.objects.bulk_create(refunds)
    PointsEntry.objects.bulk_create(entries)
    Standing.objects.bulk_create(standings)
    return list(members)


def fact(
    model: type[Purchase] | type[Refund], member: Member, number: str, count: int, at: datetime
) -> Purchase | Refund:
    return model(
        source="file",
        external_id=number,
        member=member,
        amount=Decimal(count) / 100,
        at=at,
        business_date=at.date(),
    )


def grown(account: PointsAccount, number: int, points: int, at: datetime) -> PointsEntry:
    return PointsEntry(
        account=account,
        number=number,
        kind="adjust",
        points=points,
        balance_after=0,
        debt_after=0,
        at=at,
        business_date=at.date(),
        key=str(number),
    )


def standing(member: Member, tier: Tier, valid_until: datetime | None) -> Standing:
    return Standing(
        member=member,
        tier=tier,
        since=JOINED,
        valid_until=valid_until if tier.rank else None,
        reviewed_at=JOINED,
        has_late_fact=True,
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(
    tiers=rungs(),
    drawn=st.lists(people, min_size=8, max_size=16),
    policy=st.sampled_from(["one_step", "matching", "none"]),
)
def test_sql_and_rules_agree(tiers: list[Tier], drawn: list[Drawn], policy: str) -> None:
    drawn = [one if one.rank else lowest(one) for one in drawn]
    with transaction.atomic():
        for tier in tiers:
            tier.pk = None
            tier.save(force_insert=True)
        Ladder.objects.create(grace_days=GRACE, downgrade=policy)
        members = write(drawn, tiers, growth_points())
        review(2025, 6, 15)
        found = {
            row[0]: row[1:]
            for row in TierChange.objects.values_list(
                "member", "cause", "to_tier__rank", "spend", "orders", "growth"
            )
        }
        ranks = dict(Standing.objects.values_list("member", "tier__rank"))
        transaction.set_rollback(True)
    for member, one in zip(members, drawn, strict=True):
        figures = figures_of(one)
        expected = outcome(tiers, one, policy)
        seen = (figures.spend, figures.orders, figures.growth)
        assert found.get(member.pk) == (expected and (*expected, *seen))
        assert ranks[member.pk] == (expected[1] if expected else one.rank)


def lowest(one: Drawn) -> Drawn:
    """Without a standing, or on the lowest tier, there is no validity to end."""
    return Drawn(one.purchases, one.refunds, one.growth, one.rank, None)
