"""Whether a rule can be meant: every contradiction has a refusal of its own."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from common.periods import Period, PeriodIsZero, PeriodNotPlain
from loyalty.errors import (
    AgesExclude,
    CapBelowOneGrant,
    CapLimitsNothing,
    CapsDoNotRise,
    ConditionNeedsPurchase,
    EndsBeforeItStarts,
    HoursEqual,
    HoursIncomplete,
    MinimumSpendNotPositive,
    MultiplierChangesNothing,
    NoSuchDay,
    RateNotPositive,
    RateWithoutPurchase,
    RuleBothGivesAndMultiplies,
    RuleGivesNothing,
    RuleGivesTooMuch,
    RuleRefused,
    StreakNeedsCheckIn,
    StreakTooShort,
    WeekdayUnknown,
)

from .conditions import PURCHASE, Conditions
from .earning import Terms

CHECK_IN = "check_in"
# More at a time is a slip of the finger.
MOST_POINTS = 1_000_000
# The caps of a rule from the narrowest to the widest, and the fields that hold them.
CAP_FIELDS = {"day": "cap_day", "month": "cap_month", "ever": "cap_ever", "budget": "budget"}
ONLY_OF_PURCHASES = ("stores", "channels", "partners", "categories", "minimum_spend")
DAYS = range(7)


def check_rule(terms: Terms) -> None:
    """Refuse a rule that contradicts itself, by the first thing that is wrong."""
    _check_gift(terms)
    _check_trigger(terms)
    _check_times(terms.conditions)
    _check_ages(terms.conditions)
    _check_caps(terms)


def least_grant(terms: Terms) -> int:
    """The fewest points that a base gives once it gives any: what no cap may lie below.

    A base per amount gives its points for one amount, or for its minimum spend.
    """
    if terms.per_amount is None or terms.conditions.minimum_spend is None:
        return terms.points
    spend = Fraction(terms.conditions.minimum_spend)
    given = spend * terms.points / Fraction(terms.per_amount)
    return max(terms.points, given.numerator // given.denominator)


def _check_gift(terms: Terms) -> None:
    if terms.factor is not None:
        if terms.points or terms.per_amount is not None:
            raise RuleBothGivesAndMultiplies()
        if not terms.factor.is_finite() or terms.factor <= 0 or terms.factor == 1:
            raise MultiplierChangesNothing()
        return
    # A fraction or a truth value may come from anywhere but a form.
    if type(terms.points) is not int or terms.points < 1:
        raise RuleGivesNothing()
    if terms.points > MOST_POINTS:
        raise RuleGivesTooMuch(most=MOST_POINTS)
    if terms.per_amount is not None and terms.per_amount <= 0:
        raise RateNotPositive()


def _check_trigger(terms: Terms) -> None:
    conditions = terms.conditions
    if terms.trigger != PURCHASE:
        if terms.per_amount is not None:
            raise RateWithoutPurchase()
        for name in ONLY_OF_PURCHASES:
            if getattr(conditions, name):
                raise _at(ConditionNeedsPurchase(), name)
    if conditions.minimum_spend is not None and conditions.minimum_spend <= Decimal(0):
        raise MinimumSpendNotPositive()
    if conditions.streak_every is not None:
        if terms.trigger != CHECK_IN:
            raise StreakNeedsCheckIn()
        if conditions.streak_every < 2:
            raise StreakTooShort()


def _check_times(conditions: Conditions) -> None:
    first, last = conditions.starts_on, conditions.ends_on
    if first and last and first > last:
        raise EndsBeforeItStarts()
    if (conditions.hour_from is None) != (conditions.hour_to is None):
        raise HoursIncomplete()
    if conditions.hour_from is not None and conditions.hour_from == conditions.hour_to:
        raise HoursEqual()
    if not conditions.weekdays <= set(DAYS):
        raise WeekdayUnknown()
    if first and last and conditions.weekdays and not conditions.weekdays & _days(first, last):
        raise NoSuchDay()


def _days(first: date, last: date) -> set[int]:
    """The days of the week between two dates; a week or longer has them all."""
    count = min((last - first).days + 1, len(DAYS))
    return {(first + timedelta(days=number)).weekday() for number in range(count)}


def _check_ages(conditions: Conditions) -> None:
    for name in ("member_from", "member_until"):
        period: Period | None = getattr(conditions, name)
        if period is not None and not period.is_plain:
            raise PeriodNotPlain(text=str(period))
        if period is not None and period.is_zero:
            raise PeriodIsZero(text=str(period))
    longer, at_most = conditions.member_from, conditions.member_until
    if longer is None or at_most is None:
        return
    # Months differ in length: refused is what holds for nobody, whatever month they joined in.
    if all(_last(at_most, month) <= _last(longer, month) for month in range(1, 13)):
        raise AgesExclude(longer=str(longer), at_most=str(at_most))


def _last(period: Period, month: int) -> date:
    last = period.valid_through(date(2023, month, 1))
    assert last is not None, "A plain period ends."
    return last


def _check_caps(terms: Terms) -> None:
    least = 1 if terms.is_multiplier else least_grant(terms)
    narrowest = 0
    for cap, field in CAP_FIELDS.items():
        most = terms.caps.get(cap)
        if most is None:
            continue
        if terms.factor is not None and terms.factor < 1:
            raise _at(CapLimitsNothing(), field)
        if most < least:
            raise _at(CapBelowOneGrant(points=least), field)
        if most < narrowest:
            raise _at(CapsDoNotRise(least=narrowest), field)
        narrowest = most


def _at(error: RuleRefused, field: str) -> RuleRefused:
    error.field = field
    return error
