"""What an occasion earns: rules with conditions, groups, multipliers and caps.

The base rules whose conditions hold are summed (within an exclusive group only the one of highest
priority), multiplied by the tier's multiplier and by the multipliers whose conditions hold (within
a group only the best), rounded once at the end, and only then capped. Points are whole numbers;
every sum before the rounding is an exact fraction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.money import quantize
from common.periods import Period

PURCHASE = "purchase"
# Where the lines of a purchase name no category, and for what is no purchase at all.
UNSORTED = 0
# For a bare amount, of which no condition is asked.
NO_TIME = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True)
class Terms:
    """One version of a rule, ready to be evaluated.

    A base gives `points` for every `per_amount` paid, or once where that is None; a multiplier
    multiplies by `factor` what bases gave for the amounts that it holds for.
    """

    code: str
    version: int
    trigger: str = PURCHASE
    points: int = 0
    per_amount: Decimal | None = None
    factor: Decimal | None = None
    group: str = ""
    priority: int = 0
    conditions: Conditions = Conditions()
    caps: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_multiplier(self) -> bool:
        return self.factor is not None


@dataclass(frozen=True)
class Step:
    """What one rule (or the tier) adds. `points` are whole and add up to the rounded total;
    `granted` is what its caps let through."""

    terms: Terms
    exact: Fraction
    points: int
    granted: int

    @property
    def is_tier(self) -> bool:
        return self.terms.version == 0


@dataclass(frozen=True)
class Earning:
    """Points for one occasion, the steps they came by, and the breakdown that answers "why"."""

    points: int
    steps: Sequence[Step]
    breakdown: dict[str, Any]


def evaluate(
    occasion: Occasion,
    rules: Iterable[Terms],
    *,
    tier_factor: Decimal = Decimal(1),
    tier_code: str = "",
    left: Mapping[tuple[str, str], int] | None = None,
) -> Earning:
    """What these rules of one kind of points give for an occasion.

    `left` tells by (rule code, cap) how many points a cap still allows; a cap that is not in it
    has not been touched. The total is rounded down once; each rule's whole share is the difference
    of rounded running totals, so that shares add up.
    """
    holding = [terms for terms in rules if holds(terms, occasion)]
    bases = _strongest([terms for terms in holding if not terms.is_multiplier])
    factors = _best([terms for terms in holding if terms.is_multiplier])
    if tier_factor != 1 and occasion.trigger == PURCHASE:
        factors = [Terms(code=tier_code, version=0, factor=tier_factor), *factors]
    steps = _steps(occasion, bases, factors, left or {})
    return Earning(
        points=sum(step.granted for step in steps),
        steps=steps,
        breakdown=_breakdown(occasion, steps),
    )


def earning_for(amount: Decimal, rules: Iterable[Terms]) -> Earning:
    """What the base rules for purchases give for a bare amount, whatever else they ask."""
    occasion = Occasion(trigger=PURCHASE, at=NO_TIME, amount=amount)
    bases = [terms for terms in rules if not terms.is_multiplier and terms.trigger == PURCHASE]
    steps = _steps(occasion, _strongest(bases), [], {})
    return Earning(
        points=sum(step.points for step in steps),
        steps=steps,
        breakdown=_breakdown(occasion, steps),
    )


def holds(terms: Terms, occasion: Occasion) -> bool:
    """Whether every condition of a rule holds for the occasion."""
    conditions = terms.conditions
    return (
        terms.trigger == occasion.trigger
        and _is_for(conditions, occasion)
        and _is_time(conditions, occasion.at)
        and _is_age(conditions, occasion)
        and _is_spent(conditions, occasion)
        and (conditions.streak_every is None or _is_streak(conditions.streak_every, occasion))
    )


def eligible(conditions: Conditions, occasion: Occasion) -> dict[int, Decimal]:
    """The amounts that a rule is about: all of them, or those of its categories."""
    if not conditions.categories:
        return dict(occasion.shares)
    return {
        category: amount
        for category, amount in occasion.shares.items()
        if category in conditions.categories
    }


def _is_for(conditions: Conditions, occasion: Occasion) -> bool:
    asked = (
        (conditions.tiers, occasion.tier),
        (conditions.stores, occasion.store),
        (conditions.channels, occasion.channel),
        (conditions.partners, occasion.partner),
    )
    is_placed = all(not wanted or found in wanted for wanted, found in asked)
    return is_placed and (not conditions.segments or bool(conditions.segments & occasion.segments))


def _is_time(conditions: Conditions, at: datetime) -> bool:
    """Dates are inclusive; hours are half-open and may cross midnight.

    The weekday and the date are those of the day on which the hour falls.
    """
    day = at.date()
    is_day = (
        (conditions.starts_on is None or conditions.starts_on <= day)
        and (conditions.ends_on is None or day <= conditions.ends_on)
        and (not conditions.weekdays or day.weekday() in conditions.weekdays)
    )
    start, end, hour = conditions.hour_from, conditions.hour_to, at.time()
    if start is None or end is None:
        return is_day
    is_hour = start <= hour < end if start < end else hour >= start or hour < end
    return is_day and is_hour


def _is_age(conditions: Conditions, occasion: Occasion) -> bool:
    """`member_from` holds once that long has passed since joining, `member_until` until it has."""
    if conditions.member_from is None and conditions.member_until is None:
        return True
    if occasion.joined_on is None:
        return False
    day = occasion.at.date()
    start = _after(conditions.member_from, occasion.joined_on)
    end = _after(conditions.member_until, occasion.joined_on)
    return (start is None or day > start) and (end is None or day <= end)


def _after(period: Period | None, joined_on: date) -> date | None:
    return period.valid_through(joined_on) if period else None


def _is_spent(conditions: Conditions, occasion: Occasion) -> bool:
    amounts = eligible(conditions, occasion)
    if conditions.categories and not amounts:
        return False
    least = conditions.minimum_spend
    return least is None or sum(amounts.values(), Decimal(0)) >= least


def _is_streak(every: int, occasion: Occasion) -> bool:
    return occasion.streak > 0 and occasion.streak % every == 0


def _strongest(bases: Sequence[Terms]) -> list[Terms]:
    """Within an exclusive group only the rule of highest priority; the first of equals."""
    best: dict[str, Terms] = {}
    for terms in bases:
        if terms.group and (terms.group not in best or terms.priority > best[terms.group].priority):
            best[terms.group] = terms
    return [terms for terms in bases if not terms.group or best[terms.group] is terms]


def _best(factors: Sequence[Terms]) -> list[Terms]:
    """Within a group only the multiplier that multiplies most; the first of equals."""
    best: dict[str, Terms] = {}
    for terms in factors:
        if terms.group and (terms.group not in best or _factor(terms) > _factor(best[terms.group])):
            best[terms.group] = terms
    return [terms for terms in factors if not terms.group or best[terms.group] is terms]


def _factor(terms: Terms) -> Decimal:
    return terms.factor if terms.factor is not None else Decimal(1)


def _steps(
    occasion: Occasion,
    bases: Sequence[Terms],
    factors: Sequence[Terms],
    left: Mapping[tuple[str, str], int],
) -> list[Step]:
    """Add bases, then apply multipliers, one after the other: each step is what it adds."""
    given: dict[int, Fraction] = {}
    steps: list[Step] = []
    total = Fraction(0)
    for terms in [*bases, *factors]:
        adds = _base_adds(terms, occasion) if not terms.is_multiplier else _gains(terms, given)
        for category, more in adds.items():
            given[category] = given.get(category, Fraction(0)) + more
        exact = sum(adds.values(), Fraction(0))
        points = _down(total + exact) - _down(total)
        total += exact
        steps.append(
            Step(terms=terms, exact=exact, points=points, granted=_granted(terms, points, left))
        )
    return steps


def _base_adds(terms: Terms, occasion: Occasion) -> dict[int, Fraction]:
    if terms.per_amount is None:
        return {UNSORTED: Fraction(terms.points)}
    return {
        category: Fraction(amount) * terms.points / Fraction(terms.per_amount)
        for category, amount in eligible(terms.conditions, occasion).items()
    }


def _gains(terms: Terms, given: Mapping[int, Fraction]) -> dict[int, Fraction]:
    more = Fraction(_factor(terms)) - 1
    wanted = terms.conditions.categories
    return {
        category: points * more
        for category, points in given.items()
        if not wanted or category in wanted
    }


def _granted(terms: Terms, points: int, left: Mapping[tuple[str, str], int]) -> int:
    """What the caps let through; a multiplier below 1 takes, which no cap limits."""
    if points <= 0:
        return points
    allowed = [left.get((terms.code, cap), most) for cap, most in terms.caps.items()]
    return max(0, min([points, *allowed]))


def _down(number: Fraction) -> int:
    return number.numerator // number.denominator


def decimal_text(number: Fraction, places: int = 4) -> str:
    """A fraction cut, not rounded, to a few places: for reading only, never for sums."""
    scale = 10**places
    cut = Decimal(number.numerator * scale // number.denominator) / scale
    text = f"{cut:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _breakdown(occasion: Occasion, steps: Iterable[Step]) -> dict[str, Any]:
    """The steps as an entry keeps them; only what is there is told."""
    rules: list[dict[str, Any]] = []
    multipliers: list[dict[str, Any]] = []
    for step in steps:
        (multipliers if step.terms.is_multiplier else rules).append(_line(step))
    told: dict[str, Any] = {"amount": str(quantize(occasion.amount)), "rules": rules}
    if multipliers:
        told["multipliers"] = multipliers
    return told | {"rounding": "down"}


def _line(step: Step) -> dict[str, Any]:
    terms = step.terms
    line: dict[str, Any] = {"tier": terms.code} if step.is_tier else {"rule": terms.code}
    if not step.is_tier:
        line["version"] = terms.version
    if terms.is_multiplier:
        line["factor"] = str(terms.factor)
    else:
        line["points"] = terms.points
        line["per_amount"] = None if terms.per_amount is None else str(quantize(terms.per_amount))
    line["gives"] = decimal_text(step.exact)
    if step.granted != step.points:
        line |= {"capped_from": step.points, "granted": step.granted}
    if step.terms.caps:
        line["counted"] = step.granted
    return line
