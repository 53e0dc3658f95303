"""When a rule holds: what happened, what is asked of it, and which of it fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from common.periods import Period

PURCHASE = "purchase"
# Where the lines of a purchase name no category, and for what is no purchase at all.
UNSORTED = 0
# For a bare amount, of which no condition is asked.
NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Boost:
    """A multiplier of one member's own, with the names by which a breakdown tells of it."""

    id: int
    factor: Decimal
    name_en: str
    name_zh: str = ""


@dataclass(frozen=True)
class Occasion:
    """What happened, as rules see it. `parts` are the amounts by category and add up to the amount.

    `at` is local to the programme's zone. Without a tier, store, channel or partner the id is None,
    and no rule that asks for one holds.
    """

    trigger: str
    at: datetime
    amount: Decimal = Decimal(0)
    parts: Mapping[int, Decimal] = field(default_factory=dict)
    store: int | None = None
    channel: int | None = None
    partner: int | None = None
    tier: int | None = None
    segments: frozenset[int] = frozenset()
    joined_on: date | None = None
    streak: int = 0
    boosts: tuple[Boost, ...] = ()

    @property
    def shares(self) -> Mapping[int, Decimal]:
        """The amounts by category; the whole amount unsorted where nothing more is known."""
        return self.parts or {UNSORTED: self.amount}


@dataclass(frozen=True)
class Conditions:
    """When a rule holds: every condition that is set must. Empty sets and None ask for nothing."""

    tiers: frozenset[int] = frozenset()
    segments: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    minimum_spend: Decimal | None = None
    weekdays: frozenset[int] = frozenset()
    hour_from: time | None = None
    hour_to: time | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    member_from: Period | None = None
    member_until: Period | None = None
    streak_every: int | None = None


def failing(trigger: str, conditions: Conditions, occasion: Occasion) -> Iterator[str]:
    """The names of the conditions that do not hold, in a fixed order; none where a rule holds.

    A name is the field of `Conditions`, but for `trigger`, `hours` and `dates`. Nothing is worked
    out beyond what is asked for: the first name is enough to know that a rule does not hold.
    """
    if trigger != occasion.trigger:
        yield "trigger"
    yield from _failing_places(conditions, occasion)
    yield from _failing_times(conditions, occasion.at)
    yield from _failing_ages(conditions, occasion)
    yield from _failing_spend(conditions, occasion)
    if conditions.streak_every is not None and not _is_streak(conditions.streak_every, occasion):
        yield "streak_every"


def eligible(conditions: Conditions, occasion: Occasion) -> dict[int, Decimal]:
    """The amounts that a rule is about: all of them, or those of its categories."""
    if not conditions.categories:
        return dict(occasion.shares)
    return {
        category: amount
        for category, amount in occasion.shares.items()
        if category in conditions.categories
    }


def _failing_places(conditions: Conditions, occasion: Occasion) -> Iterator[str]:
    asked = (
        ("tiers", conditions.tiers, occasion.tier),
        ("stores", conditions.stores, occasion.store),
        ("channels", conditions.channels, occasion.channel),
        ("partners", conditions.partners, occasion.partner),
    )
    for name, wanted, found in asked:
        if wanted and found not in wanted:
            yield name
    if conditions.segments and not conditions.segments & occasion.segments:
        yield "segments"


def _failing_times(conditions: Conditions, at: datetime) -> Iterator[str]:
    """Dates are inclusive; hours are half-open and may cross midnight.

    The weekday and the date are those of the day on which the hour falls.
    """
    day = at.date()
    is_begun = conditions.starts_on is None or conditions.starts_on <= day
    if not is_begun or (conditions.ends_on is not None and day > conditions.ends_on):
        yield "dates"
    if conditions.weekdays and day.weekday() not in conditions.weekdays:
        yield "weekdays"
    start, end, hour = conditions.hour_from, conditions.hour_to, at.time()
    if start is None or end is None:
        return
    is_hour = start <= hour < end if start < end else hour >= start or hour < end
    if not is_hour:
        yield "hours"


def _failing_ages(conditions: Conditions, occasion: Occasion) -> Iterator[str]:
    """`member_from` holds once that long has passed since joining, `member_until` until it has."""
    joined_on, day = occasion.joined_on, occasion.at.date()
    for name, period in (
        ("member_from", conditions.member_from),
        ("member_until", conditions.member_until),
    ):
        if period is None:
            continue
        last = period.valid_through(joined_on) if joined_on else None
        if last is None or (day > last) != (name == "member_from"):
            yield name


def _failing_spend(conditions: Conditions, occasion: Occasion) -> Iterator[str]:
    if not conditions.categories and conditions.minimum_spend is None:
        return
    amounts = eligible(conditions, occasion)
    if conditions.categories and not amounts:
        yield "categories"
        return
    least = conditions.minimum_spend
    if least is not None and sum(amounts.values(), Decimal(0)) < least:
        yield "minimum_spend"


def _is_streak(every: int, occasion: Occasion) -> bool:
    return occasion.streak > 0 and occasion.streak % every == 0
