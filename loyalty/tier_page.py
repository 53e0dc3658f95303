"""Everything that the portal tells of tiers: the ladder, the member's place, what has happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator

from common import clock
from loyalty import tier_words
from loyalty.models import PointsMoney, Tier, TierBenefit, TierChange
from loyalty.outlook import Outlook, Place, outlook_of
from loyalty.services.windows import window_start
from loyalty.tier_benefits import benefits_by_tier
from members.models import Member

PAGE_SIZE = 20


@dataclass(frozen=True)
class Rung:
    """A tier as members read it: what it asks for and what it brings, in words.

    `holds` for the member now, by an override perhaps; `is_earned` is where they stand without.
    """

    tier: Tier
    holds: bool
    is_earned: bool
    asks: str | None
    asks_to_stay: str | None
    perks: Sequence[str]
    benefits: Sequence[TierBenefit]


@dataclass(frozen=True)
class ChangeLine:
    """A change of the member's tier and the figures that caused it."""

    change: TierChange
    figures: str

    @property
    def counted_from(self) -> date | None:
        """The first day of the figures; None for everything ever."""
        since = self.change.window_from
        return clock.business_date(since) if since else None

    @property
    def valid_through(self) -> date | None:
        ends_at = self.change.valid_until
        return clock.last_valid_day(ends_at) if ends_at else None


@dataclass(frozen=True)
class History:
    """Twenty changes, newest first, and where they stand among all."""

    lines: Sequence[ChangeLine]
    page: Page[TierChange]


@dataclass(frozen=True)
class TierPage:
    """The page's figures. `counted_from` is the first day of what counts now; None is ever."""

    outlook: Outlook
    counted_from: date | None
    rungs: Sequence[Rung]
    history: History


def tier_page_of(member: Member, at: datetime, number: str | None = None) -> TierPage:
    """The tier page's figures at an instant; as many queries for any ladder and any history."""
    outlook = outlook_of(member, at)
    place = outlook.place
    since = window_start(place.ladder, at, standing=place.standing)
    return TierPage(
        outlook=outlook,
        counted_from=clock.business_date(since) if since else None,
        rungs=_rungs(place),
        history=_history(member, number),
    )


def _rungs(place: Place) -> list[Rung]:
    benefits, money = benefits_by_tier(), PointsMoney.objects.solo()
    return [
        Rung(
            tier=tier,
            holds=tier == place.tier,
            is_earned=tier == place.earned,
            asks=tier_words.bounds_text(tier, "entry"),
            asks_to_stay=tier_words.staying_text(tier),
            perks=_perks(tier, money),
            benefits=benefits.get(tier.pk, ()),
        )
        for tier in place.tiers
    ]


def _perks(tier: Tier, money: PointsMoney) -> list[str]:
    """What a tier is worth by its own figures, in words."""
    rate = tier.points_per_money or money.points_per_money
    texts = [
        tier_words.multiplier_text(tier.multiplier),
        tier_words.discount_text(tier.discount_rate),
        tier_words.worth_text(rate) if money.is_offered else None,
    ]
    return [text for text in texts if text]


def _history(member: Member, number: str | None) -> History:
    changes = TierChange.objects.for_member(member)
    page = Paginator(changes, PAGE_SIZE).get_page(number)
    lines = [ChangeLine(change=change, figures=tier_words.figures_text(change)) for change in page]
    return History(lines=lines, page=page)
