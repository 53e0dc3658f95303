"""The figures of the portal's home page."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from benefits.rules import Goal, Measure, goals_towards
from benefits.wallet import WalletCoupon, ending_soon
from common import clock
from loyalty.history import latest_entries
from loyalty.models import Ladder, PointsEntry, PointType, Standing, Tier
from loyalty.services.standings import INSTANT, figures_of, window_start
from loyalty.summary import PointsSummary, points_summary
from members.models import Member

LATEST = 5


@dataclass(frozen=True)
class Progress:
    """The tier held, and what is missing to the next one; none above the highest."""

    tier: Tier | None
    valid_through: date | None
    next_tier: Tier | None
    goals: list[Goal]

    @property
    def is_any(self) -> bool:
        """One goal is enough, where there are several."""
        several = len(self.goals) > 1
        return several and self.next_tier is not None and self.next_tier.join == Tier.Join.ANY


@dataclass(frozen=True)
class Home:
    """Everything the home page tells one member."""

    points: PointsSummary
    progress: Progress
    latest: list[PointsEntry]
    coupons: list[WalletCoupon]


def home_of(member: Member, at: datetime) -> Home:
    """The home page's figures at an instant; as many queries for any member."""
    return Home(
        points=points_summary(member, at),
        progress=_progress(member, at),
        latest=latest_entries(member, PointType.BASE, LATEST),
        coupons=ending_soon(member, at),
    )


def _progress(member: Member, at: datetime) -> Progress:
    standing = Standing.objects.for_member(member)
    tiers = list(Tier.objects.by_rank())
    tier = standing.tier if standing else next(iter(tiers), None)
    next_tier = next((above for above in tiers if tier and above.rank > tier.rank), None)
    valid_until = standing.valid_until if standing else None
    return Progress(
        tier=tier,
        valid_through=clock.last_valid_day(valid_until) if valid_until else None,
        next_tier=next_tier,
        goals=_goals(member, next_tier, at) if next_tier else [],
    )


def _goals(member: Member, tier: Tier, at: datetime) -> list[Goal]:
    window_from = window_start(Ladder.objects.solo(), at)
    figures = figures_of(member, window_from=window_from, until=at + INSTANT)
    return goals_towards(
        {
            Measure.SPEND: tier.entry_spend,
            Measure.ORDERS: _decimal(tier.entry_orders),
            Measure.GROWTH: _decimal(tier.entry_growth),
        },
        {
            Measure.SPEND: figures.spend,
            Measure.ORDERS: Decimal(figures.orders),
            Measure.GROWTH: Decimal(figures.growth),
        },
    )


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)
