"""What an occasion earns: rules with conditions, groups, multipliers and caps.

The base rules whose conditions hold are summed (within an exclusive group only the one of highest
priority), multiplied by the tier's multiplier, by the member's own and by the multipliers whose
conditions hold (within a group only the best), rounded once at the end, and only then capped.
Points are whole numbers; every sum before the rounding is an exact fraction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from common.money import quantize

from .conditions import (
    NO_TIME,
    PURCHASE,
    UNSORTED,
    Boost,
    Conditions,
    Occasion,
    eligible,
    failing,
)

# Why a rule that holds does not count: a stronger one of its exclusive group does.
GROUP = "group"


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
    conditions: Conditions = field(default_factory=Conditions)
    caps: Mapping[str, int] = field(default_factory=dict)
    boost: Boost | None = None

    @property
    def is_multiplier(self) -> bool:
        return self.factor is not None


@dataclass(frozen=True)
class Step:
    """What one rule (or the tier) adds. `points` are whole and add up to the rounded total;
    `granted` is what its caps let through, and `counted` what of that counts towards them: less
    than granted only where a multiplier below 1 takes from it."""

    terms: Terms
    exact: Fraction
    points: int
    granted: int
    counted: int

    @property
    def is_tier(self) -> bool:
        return self.terms.version == 0 and self.terms.boost is None


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
    boosts: Sequence[Boost] = (),
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
    if occasion.trigger == PURCHASE:
        own = [Terms(code="", version=0, factor=boost.factor, boost=boost) for boost in boosts]
        factors = [*factors, *own]
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
    return next(failing(terms.trigger, terms.conditions, occasion), None) is None


@dataclass(frozen=True)
class Unmet:
    """A rule that gave nothing, and why: names of conditions, or `group` where others of its
    exclusive group were stronger."""

    terms: Terms
    reasons: tuple[str, ...]


def unmet(occasion: Occasion, rules: Iterable[Terms]) -> list[Unmet]:
    """The rules that do not count for an occasion, each with every reason."""
    known = list(rules)
    holding = [terms for terms in known if holds(terms, occasion)]
    counted = [
        *_strongest([terms for terms in holding if not terms.is_multiplier]),
        *_best([terms for terms in holding if terms.is_multiplier]),
    ]
    told = []
    for terms in known:
        reasons = tuple(failing(terms.trigger, terms.conditions, occasion))
        if not reasons and terms not in counted:
            reasons = (GROUP,)
        if reasons:
            told.append(Unmet(terms=terms, reasons=reasons))
    return told


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
    """Add bases, then apply multipliers, one after the other: each step is what it adds.

    What a multiplier below 1 takes, it takes before caps, from everything that was added.
    """
    given: dict[int, Fraction] = {}
    added: list[tuple[Terms, Fraction]] = []
    kept: list[dict[int, Fraction]] = []
    for terms in [*bases, *factors]:
        adds = _base_adds(terms, occasion) if not terms.is_multiplier else _gains(terms, given)
        for category, more in adds.items():
            given[category] = given.get(category, Fraction(0)) + more
        added.append((terms, sum(adds.values(), Fraction(0))))
        if terms.is_multiplier and _factor(terms) < 1:
            kept = [_scaled(terms, part) for part in kept]
            adds = {}
        kept.append(adds)
    points = _whole([exact for _terms, exact in added])
    nets = _whole([sum(part.values(), Fraction(0)) for part in kept])
    return [
        _step(terms, exact, whole, net, left)
        for (terms, exact), whole, net in zip(added, points, nets, strict=True)
    ]


def _step(
    terms: Terms, exact: Fraction, points: int, net: int, left: Mapping[tuple[str, str], int]
) -> Step:
    """One step under its caps, which hold for what is left of it after multipliers below 1."""
    counted = _granted(terms, net, left)
    return Step(
        terms=terms, exact=exact, points=points, granted=points - net + counted, counted=counted
    )


def _scaled(terms: Terms, part: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """What a multiplier leaves of what was added before it, by category."""
    gains = _gains(terms, part)
    return {category: points + gains.get(category, 0) for category, points in part.items()}


def _whole(exact: Iterable[Fraction]) -> list[int]:
    """Whole shares that add up to the rounded sum: differences of rounded running totals."""
    shares, total = [], Fraction(0)
    for more in exact:
        shares.append(_down(total + more) - _down(total))
        total += more
    return shares


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
    """What the caps let through."""
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


def _named(terms: Terms) -> dict[str, Any]:
    """What a line is about: the tier, a multiplier of the member's own, or a rule's version."""
    if terms.boost:
        boost = terms.boost
        return {"boost": boost.id, "name_en": boost.name_en, "name_zh": boost.name_zh}
    if terms.version == 0:
        return {"tier": terms.code}
    return {"rule": terms.code, "version": terms.version}


def _line(step: Step) -> dict[str, Any]:
    terms = step.terms
    line = _named(terms)
    if terms.is_multiplier:
        line["factor"] = str(terms.factor)
    else:
        line["points"] = terms.points
        line["per_amount"] = None if terms.per_amount is None else str(quantize(terms.per_amount))
    line["gives"] = decimal_text(step.exact)
    if step.granted != step.points:
        line |= {"capped_from": step.points, "granted": step.granted}
    if step.terms.caps:
        line["counted"] = step.counted
    return line
