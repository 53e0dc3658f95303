"""Rules by arithmetic alone: conditions, groups, multipliers, one rounding, caps."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.periods import Period
from loyalty import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Tuesday.
SINGLES_DAY = datetime(2025, 11, 11, 20, 0, tzinfo=SHANGHAI)
GOLD, SILVER = 3, 2
TEA, CAKE = 7, 8


def base(
    code: str = "purchase", *, points: int = 1, per: str | None = "1", **terms: Any
) -> rules.Terms:
    """So many points for every so much paid; one for every 1.00 unless told otherwise."""
    amount = Decimal(per) if per else None
    conditions = rules.Conditions(**terms.pop("when", {}))
    return rules.Terms(
        code=code, version=1, points=points, per_amount=amount, conditions=conditions, **terms
    )


def times(factor: str, code: str = "campaign", **terms: Any) -> rules.Terms:
    conditions = rules.Conditions(**terms.pop("when", {}))
    return rules.Terms(code=code, version=1, factor=Decimal(factor), conditions=conditions, **terms)


def paid(amount: str, **facts: Any) -> rules.Occasion:
    details = {"trigger": rules.PURCHASE, "at": SINGLES_DAY, **facts}
    return rules.Occasion(amount=Decimal(amount), **details)


def earned(amount: str, *terms: rules.Terms, by: str = "1", **facts: Any) -> int:
    return rules.evaluate(paid(amount, **facts), terms, tier_factor=Decimal(by)).points


def test_one_per_ten_of_99_99_gives_9() -> None:
    assert earned("99.99", base(per="10")) == 9


def test_105_times_tier_times_campaign_is_315() -> None:
    assert earned("105.00", base(), times("2"), by="1.5") == 315


def test_of_an_exclusive_group_only_the_highest_priority_gives() -> None:
    weak = base("weak", points=5, group="welcome", priority=1)
    strong = base("strong", points=2, group="welcome", priority=2)
    assert earned("10.00", weak, strong) == 20
    assert earned("10.00", weak, strong, base("other")) == 30


def test_a_stronger_rule_that_does_not_hold_leaves_its_group_to_the_weaker() -> None:
    weak = base("weak", group="welcome", priority=1)
    strong = base("strong", points=9, group="welcome", priority=2, when={"stores": frozenset({5})})
    assert earned("10.00", weak, strong) == 10
    assert earned("10.00", weak, strong, store=5) == 90


def test_of_a_group_of_multipliers_only_the_best_multiplies() -> None:
    assert earned("10.00", base(), times("2", "a", group="g"), times("3", "b", group="g")) == 30
    assert earned("10.00", base(), times("2", "a"), times("3", "b")) == 60


def test_rounds_once_after_multiplying() -> None:
    """9.99 × 1.5 is 14.985; rounded before, it would be 13."""
    assert earned("9.99", base(), by="1.5") == 14


def test_a_fixed_rule_gives_once_and_is_multiplied() -> None:
    assert earned("3.00", base("bonus", points=20, per=None), by="1.5") == 30


def test_the_tier_multiplies_purchases_only() -> None:
    visit = rules.Occasion(trigger="check_in", at=SINGLES_DAY)
    rule = base("visit", points=5, per=None, trigger="check_in")
    assert rules.evaluate(visit, [rule], tier_factor=Decimal(2)).points == 5


def test_a_multiplier_of_a_category_multiplies_its_lines_only() -> None:
    parts = {TEA: Decimal("30.00"), CAKE: Decimal("20.00")}
    double_tea = times("2", when={"categories": frozenset({TEA})})
    assert earned("50.00", base(), double_tea, parts=parts) == 80


def test_a_base_of_a_category_counts_its_lines_only() -> None:
    parts = {TEA: Decimal("30.00"), CAKE: Decimal("20.00")}
    tea = base(points=3, when={"categories": frozenset({TEA})})
    assert earned("50.00", tea, parts=parts) == 90
    assert earned("50.00", tea) == 0


def test_a_minimum_is_asked_of_the_eligible_amount() -> None:
    parts = {TEA: Decimal("30.00"), CAKE: Decimal("20.00")}
    whole = base(when={"minimum_spend": Decimal(50)})
    tea = base(when={"minimum_spend": Decimal("30.01"), "categories": frozenset({TEA})})
    assert earned("50.00", whole) == 50
    assert earned("49.99", whole) == 0
    assert earned("50.00", tea, parts=parts) == 0


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ({"tiers": frozenset({GOLD})}, {"tier": GOLD}),
        ({"stores": frozenset({5, 6})}, {"store": 6}),
        ({"channels": frozenset({1})}, {"channel": 1}),
        ({"partners": frozenset({1})}, {"partner": 1}),
        ({"segments": frozenset({1, 2})}, {"segments": frozenset({2, 9})}),
    ],
)
def test_who_and_where_must_fit(when: dict[str, Any], facts: dict[str, Any]) -> None:
    other = {name: frozenset({99}) if name == "segments" else 99 for name in facts}
    assert earned("10.00", base(when=when), **facts) == 10
    assert earned("10.00", base(when=when), **other) == 0
    assert earned("10.00", base(when=when)) == 0


def test_all_conditions_must_hold() -> None:
    rule = base(when={"tiers": frozenset({GOLD}), "stores": frozenset({5})})
    assert earned("10.00", rule, store=5) == 0
    assert rules.evaluate(paid("10.00", tier=GOLD, store=5), [rule]).points == 10


@pytest.mark.parametrize(
    ("clock", "is_on"),
    [
        ((21, 59), False),
        ((22, 0), True),
        ((23, 59), True),
        ((0, 0), True),
        ((1, 59), True),
        ((2, 0), False),
    ],
)
def test_hours_may_cross_midnight(clock: tuple[int, int], is_on: bool) -> None:
    rule = base(when={"hour_from": time(22), "hour_to": time(2)})
    at = SINGLES_DAY.replace(hour=clock[0], minute=clock[1])
    assert earned("10.00", rule, at=at) == (10 if is_on else 0)


def test_the_weekday_is_that_of_the_day_on_which_the_hour_falls() -> None:
    night = {"hour_from": time(22), "hour_to": time(2), "weekdays": frozenset({1})}
    tuesday_late = SINGLES_DAY.replace(hour=23)
    wednesday_early = datetime(2025, 11, 12, 1, 0, tzinfo=SHANGHAI)
    assert earned("10.00", base(when=night), at=tuesday_late) == 10
    assert earned("10.00", base(when=night), at=wednesday_early) == 0


@pytest.mark.parametrize(
    ("at", "is_on"),
    [
        (datetime(2025, 11, 10, 23, 59, 59, tzinfo=SHANGHAI), False),
        (datetime(2025, 11, 11, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2025, 11, 12, 23, 59, 59, tzinfo=SHANGHAI), True),
        (datetime(2025, 11, 13, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_dates_are_inclusive(at: datetime, is_on: bool) -> None:
    dates = {"starts_on": date(2025, 11, 11), "ends_on": date(2025, 11, 12)}
    assert earned("10.00", base(), times("2", when=dates), at=at) == (20 if is_on else 10)


@pytest.mark.parametrize(
    ("day", "points"),
    [(date(2025, 1, 1), 20), (date(2025, 1, 31), 20), (date(2025, 2, 1), 10)],
)
def test_new_members_are_accelerated_for_thirty_days(day: date, points: int) -> None:
    first_days = times("2", when={"member_until": Period.parse("30D")})
    at = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    assert earned("10.00", base(), first_days, at=at, joined_on=date(2025, 1, 1)) == points


@pytest.mark.parametrize(("day", "points"), [(date(2027, 1, 1), 10), (date(2027, 1, 2), 11)])
def test_old_members_get_a_tenth_more_after_two_years(day: date, points: int) -> None:
    faithful = times("1.1", when={"member_from": Period.parse("2Y")})
    at = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    assert earned("10.00", base(), faithful, at=at, joined_on=date(2025, 1, 1)) == points


def test_a_guest_has_no_age() -> None:
    assert earned("10.00", base(when={"member_until": Period.parse("30D")})) == 0


@pytest.mark.parametrize(("streak", "points"), [(0, 5), (6, 5), (7, 25), (8, 5), (14, 25)])
def test_a_streak_rule_gives_on_every_seventh_day(streak: int, points: int) -> None:
    visit = rules.Occasion(trigger="check_in", at=SINGLES_DAY, streak=streak)
    daily = base("daily", points=5, per=None, trigger="check_in")
    weekly = base("weekly", points=20, per=None, trigger="check_in", when={"streak_every": 7})
    assert rules.evaluate(visit, [daily, weekly]).points == points


@pytest.mark.parametrize(("left", "points"), [(600, 500), (500, 500), (499, 499), (0, 0)])
def test_a_cap_lets_through_what_is_left(left: int, points: int) -> None:
    rule = base(caps={"day": 600})
    given = rules.evaluate(paid("500.00"), [rule], left={("purchase", "day"): left})
    assert given.points == points


def test_an_untouched_cap_allows_all_of_itself() -> None:
    assert earned("500.00", base(caps={"day": 300})) == 300


def test_the_tightest_of_several_caps_counts() -> None:
    rule = base(caps={"day": 300, "budget": 1000})
    left = {("purchase", "day"): 300, ("purchase", "budget"): 120}
    assert rules.evaluate(paid("500.00"), [rule], left=left).points == 120


def test_a_capped_multiplier_caps_only_what_it_adds() -> None:
    assert earned("500.00", base(), times("2", caps={"day": 100})) == 600


def test_the_breakdown_tells_rules_multipliers_and_caps() -> None:
    earning = rules.evaluate(
        paid("105.00"),
        [base(), times("2", caps={"day": 100})],
        tier_factor=Decimal("1.5"),
        tier_code="gold",
    )
    assert earning.breakdown == {
        "amount": "105.00",
        "rules": [
            {"rule": "purchase", "version": 1, "points": 1, "per_amount": "1.00", "gives": "105"}
        ],
        "multipliers": [
            {"tier": "gold", "factor": "1.5", "gives": "52.5"},
            {
                "rule": "campaign",
                "version": 1,
                "factor": "2",
                "gives": "157.5",
                "capped_from": 158,
                "granted": 100,
                "counted": 100,
            },
        ],
        "rounding": "down",
    }


amounts = st.decimals(min_value=0, max_value=100_000, places=2)
factors = st.sampled_from(["1", "1.1", "1.2", "1.5", "2", "3"])


@settings(deadline=None)
@given(amounts, st.lists(amounts, max_size=4), factors, factors)
def test_steps_add_up_to_the_exact_total_rounded_once(
    first: Decimal, more: list[Decimal], tier: str, campaign: str
) -> None:
    parts = dict(enumerate([first, *more], start=1))
    whole = sum(parts.values(), Decimal(0))
    occasion = paid(str(whole), parts=parts)
    terms = [base("a"), base("b", points=2, per="3"), times(campaign)]
    earning = rules.evaluate(occasion, terms, tier_factor=Decimal(tier))
    exact = (whole * 5) * Decimal(tier) * Decimal(campaign) / 3
    assert abs(Decimal(earning.points) - exact) < 1
    assert earning.points <= exact + Decimal("0.000001")
    assert earning.points == sum(step.points for step in earning.steps)
