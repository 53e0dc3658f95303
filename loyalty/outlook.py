"""A member's place on the ladder and where it leads: what is missing to rise and to stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common import clock
from loyalty import rules
from loyalty.models import Ladder, Standing, Tier, TierOverride
from loyalty.services.overrides import lifted
from loyalty.services.standings import figures_of
from loyalty.services.windows import INSTANT, window_of_night, window_start
from members.models import Member


@dataclass(frozen=True)
class Place:
    """The tier that holds now, the earned one below it, and through which day each holds.

    Both are None only without a ladder; a member whom nothing has raised yet is on the lowest.
    """

    tiers: Sequence[Tier]
    ladder: Ladder
    standing: Standing | None
    earned: Tier | None
    tier: Tier | None
    overrides: Sequence[TierOverride]

    @property
    def is_lifted(self) -> bool:
        """Whether an override holds that is better than the earned tier."""
        return self.tier != self.earned

    @property
    def next_tier(self) -> Tier | None:
        """The tier above the earned one; None on the highest."""
        return next(
            (tier for tier in self.tiers if self.earned and tier.rank > self.earned.rank), None
        )

    @property
    def lifting(self) -> TierOverride | None:
        """The override by which a better tier than the earned one holds; the longest of several."""
        if not self.is_lifted:
            return None
        lifting = (
            override
            for override in self.overrides
            if lifted(self.tiers, self.earned, [override]) == self.tier
        )
        return max(lifting, key=lambda override: override.ends_at)

    def earned_through(self) -> date | None:
        """The last day of the earned tier; None where it has no end."""
        return self.standing.valid_through() if self.standing else None

    def valid_through(self) -> date | None:
        """The last day of the tier that holds: the lifting override's, or the earned term's."""
        return self.lifting.last_day() if self.lifting else self.earned_through()


@dataclass(frozen=True)
class Outlook:
    """Where a place leads, on the figures of now.

    `to_next` are the bounds of the next tier. `to_stay` are those of the earned tier on the
    figures as they will count at the end of its validity, when older facts have left the window;
    empty for a tier that has no end. `projected` is the tier that follows if nothing else happens:
    a way down from `down_on`, the first day after the days of grace.
    """

    place: Place
    figures: rules.TierFigures
    to_next: Sequence[rules.Missing]
    to_stay: Sequence[rules.Missing]
    stays: bool
    projected: Tier | None
    down_on: date | None


def place_of(member: Member, at: datetime) -> Place:
    """The member's place at this instant, in four queries, and one more for each rung that was
    taken out of the ladder."""
    tiers = list(Tier.objects.by_rank())
    rungs = {tier.pk: tier for tier in tiers}
    standing = Standing.objects.filter(member=member).first()
    earned = next(iter(tiers), None)
    if standing:
        # The ladder is at hand; only a rung that was taken out of it is asked for.
        earned = standing.tier = rungs.get(standing.tier_id) or standing.tier
    live = list(TierOverride.objects.filter(member=member).live(at))
    for override in live:
        if override.tier_id in rungs:
            override.tier = rungs[override.tier_id]
    return Place(
        tiers=tiers,
        ladder=Ladder.objects.solo(),
        standing=standing,
        earned=earned,
        tier=lifted(tiers, earned, live),
        overrides=live,
    )


def figures_now(member: Member, place: Place, at: datetime) -> rules.TierFigures:
    """The figures of the window that ends at this instant, which raise a tier at once."""
    since = window_start(place.ladder, at, standing=place.standing)
    return figures_of(
        member, window_from=since, until=at + INSTANT, counts_days=_counts_days(place)
    )


def outlook_of(member: Member, at: datetime) -> Outlook:
    """The member's place and everything that it leads to, in six queries."""
    place = place_of(member, at)
    figures = figures_now(member, place, at)
    above, earned = place.next_tier, place.earned
    ends_at = place.standing.valid_until if place.standing else None
    later = _figures_at_the_end(member, place, ends_at, at) if ends_at else figures
    projected, down_on = earned, None
    if earned and ends_at:
        projected = rules.tier_after_term(
            place.tiers, earned, later, downgrade=place.ladder.downgrade
        )
        down_on = _down_on(place, ends_at, at) if projected.rank < earned.rank else None
    return Outlook(
        place=place,
        figures=figures,
        to_next=rules.to_enter(above, figures) if above else [],
        to_stay=rules.to_stay(earned, later) if earned and ends_at else [],
        stays=bool(earned and projected and projected.rank >= earned.rank),
        projected=projected,
        down_on=down_on,
    )


def _down_on(place: Place, ends_at: datetime, at: datetime) -> date:
    """The first night on which a member may come down: after the grace, not too soon after the
    last way down, and not before the next night."""
    grace = timedelta(days=place.ladder.grace_days)
    held = place.standing.no_step_before if place.standing else None
    return max(
        clock.business_date(ends_at) + grace,
        clock.business_date(held or ends_at),
        clock.business_date(at) + timedelta(days=1),
    )


def _figures_at_the_end(
    member: Member, place: Place, ends_at: datetime, at: datetime
) -> rules.TierFigures:
    """What counts on the night that decides if nothing else happens until then.

    Past the end, in the days of grace, the next night decides.
    """
    tomorrow = clock.business_date(at) + timedelta(days=1)
    night = max(clock.business_date(ends_at), tomorrow)
    since = window_of_night(place.ladder, night, standing=place.standing)
    return figures_of(
        member, window_from=since, until=at + INSTANT, counts_days=_counts_days(place)
    )


def _counts_days(place: Place) -> bool:
    return any(tier.counts_days for tier in place.tiers)
