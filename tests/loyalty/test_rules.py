"""Points, claims and tiers by arithmetic alone."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty import rules
from loyalty.errors import InsufficientPoints


def base_rule(
    points: int = 1,
    per_amount: Decimal | None = Decimal("1.00"),
    code: str = "purchase",
    version: int = 1,
) -> rules.Terms:
    return rules.Terms(code=code, version=version, points=points, per_amount=per_amount)


@dataclass
class Lot:
    remaining: int


@dataclass
class Tier:
    rank: int
    entry_spend: Decimal | None = None
    entry_orders: int | None = None
    entry_growth: int | None = None
    entry_active_days: int | None = None
    join: str = "all"


def figures(spend: str = "0", orders: int = 0, growth: int = 0) -> rules.TierFigures:
    return rules.TierFigures(spend=Decimal(spend), orders=orders, growth=growth)


@pytest.mark.parametrize(
    ("amount", "points"),
    [
        ("0.00", 0),
        ("0.99", 0),
        ("1.00", 1),
        ("1.01", 1),
        ("1.99", 1),
        ("2.00", 2),
        ("279459.99", 279459),
    ],
)
def test_one_per_unit_rounds_down(amount: str, points: int) -> None:
    assert rules.earning_for(Decimal(amount), [base_rule()]).points == points


@pytest.mark.parametrize(
    ("amount", "points"), [("9.99", 0), ("10.00", 1), ("10.01", 1), ("19.99", 1), ("20.00", 2)]
)
def test_one_per_ten(amount: str, points: int) -> None:
    rule = base_rule(per_amount=Decimal("10.00"))
    assert rules.earning_for(Decimal(amount), [rule]).points == points


def test_rounds_once_after_adding_up() -> None:
    """2/3 and 4/3 of a point make two; each rounded down alone would make one."""
    thirds = [
        base_rule(per_amount=Decimal("3.00"), code="a"),
        base_rule(per_amount=Decimal("1.50")),
    ]
    assert rules.earning_for(Decimal("2.00"), thirds).points == 2


def test_thirds_stay_exact() -> None:
    rule = base_rule(points=100, per_amount=Decimal("3.00"))
    assert rules.earning_for(Decimal("0.03"), [rule]).points == 1


def test_without_rules_nothing_is_earned() -> None:
    earning = rules.earning_for(Decimal("10.00"), [])
    assert earning.points == 0
    assert earning.breakdown == {"amount": "10.00", "rules": [], "rounding": "down"}


def test_breakdown_answers_why() -> None:
    rule = base_rule(points=101, per_amount=Decimal("100.00"), code="till", version=3)
    assert rules.earning_for(Decimal("33.34"), [rule]).breakdown == {
        "amount": "33.34",
        "rules": [
            {
                "rule": "till",
                "version": 3,
                "points": 101,
                "per_amount": "100.00",
                "gives": "33.6734",
            }
        ],
        "rounding": "down",
    }


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(2), "2"),
        (Fraction(10), "10"),
        (Fraction(1, 2), "0.5"),
        (Fraction(2, 3), "0.6666"),
        (Fraction(99_999, 100_000), "0.9999"),
        (Fraction(1, 100_000), "0"),
    ],
)
def test_fraction_is_cut_for_reading(number: Fraction, text: str) -> None:
    assert rules.decimal_text(number) == text


@pytest.mark.parametrize(
    ("refunded", "already", "claim"),
    [
        ("0.00", 0, 0),
        ("33.33", 0, 33),
        ("66.66", 33, 34),
        ("100.00", 67, 34),
        ("0.99", 0, 0),
        ("1.00", 0, 1),
        ("100.00", 101, 0),
    ],
)
def test_claim_is_one_cumulative_floor(refunded: str, already: int, claim: int) -> None:
    claimed = rules.clawback_claim(
        earned=101, paid=Decimal("100.00"), refunded=Decimal(refunded), already=already
    )
    assert claimed == claim


def test_purchase_of_nothing_has_nothing_to_claim() -> None:
    nothing = Decimal("0.00")
    assert rules.clawback_claim(earned=5, paid=nothing, refunded=nothing, already=0) == 0


@settings(derandomize=True, database=None, deadline=None)
@given(
    earned=st.integers(0, 10_000),
    cuts=st.lists(st.integers(1, 9_999), max_size=6, unique=True).map(sorted),
)
def test_claims_of_partial_refunds_sum_to_what_was_earned(earned: int, cuts: list[int]) -> None:
    already = 0
    for end in [*cuts, 10_000]:
        claim = rules.clawback_claim(
            earned=earned, paid=Decimal(100), refunded=Decimal(end) / 100, already=already
        )
        assert claim >= 0
        already += claim
    assert already == earned


@pytest.mark.parametrize(
    ("points", "taken"), [(0, []), (1, [1]), (5, [5]), (6, [5, 1]), (12, [5, 7])]
)
def test_takes_in_the_order_given(points: int, taken: list[int]) -> None:
    lots = [Lot(5), Lot(0), Lot(7)]
    assert [count for _lot, count in rules.take_in_order(lots, points)] == taken
    assert rules.takeable(lots) == 12


def test_refuses_to_take_more_than_lots_hold() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        rules.take_in_order([Lot(5), Lot(7)], 13)
    assert refusal.value.details == {"spendable": 12, "asked": 13}


@pytest.mark.parametrize(
    ("exact", "amounts"),
    [
        ([], []),
        (["1.004"], ["1.00"]),
        (["1.005"], ["1.01"]),
        (["0.005", "0.005", "0.005"], ["0.01", "0.00", "0.01"]),
        (["0.335", "0.335", "0.330"], ["0.34", "0.33", "0.33"]),
        (["1.004", "1.004", "1.004"], ["1.00", "1.01", "1.00"]),
    ],
)
def test_lines_add_up_to_the_rounded_total(exact: list[str], amounts: list[str]) -> None:
    lines = [Decimal(line) for line in exact]
    assert rules.line_amounts(lines) == [Decimal(amount) for amount in amounts]


@settings(derandomize=True, database=None, deadline=None)
@given(st.lists(st.decimals(0, 1000, places=4), min_size=1, max_size=20))
def test_no_line_is_a_cent_from_its_own_value(exact: list[Decimal]) -> None:
    amounts = rules.line_amounts(exact)
    assert all(abs(a - b) <= Decimal("0.01") for a, b in zip(amounts, exact, strict=True))
    assert abs(sum(amounts, Decimal(0)) - sum(exact, Decimal(0))) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("spend", "code"),
    [
        ("-0.01", 0),
        ("0.00", 0),
        ("499.99", 0),
        ("500.00", 1),
        ("500.01", 1),
        ("1999.99", 1),
        ("2000.00", 2),
        ("2000.01", 2),
        ("9999.99", 2),
        ("10000.00", 3),
        ("10000.01", 3),
    ],
)
def test_bounds_are_inclusive_lower_bounds(spend: str, code: int) -> None:
    bounds = [None, Decimal(500), Decimal(2000), Decimal(10_000)]
    ladder = [Tier(rank, entry_spend=bound) for rank, bound in enumerate(bounds)]
    assert rules.earned_tier(ladder, figures(spend)).rank == code


@pytest.mark.parametrize(
    ("join", "orders", "growth", "holds"),
    [
        ("all", 3, 99, False),
        ("all", 2, 100, False),
        ("all", 3, 100, True),
        ("any", 2, 99, False),
        ("any", 3, 99, True),
        ("any", 2, 100, True),
    ],
)
def test_bounds_are_joined(join: str, orders: int, growth: int, holds: bool) -> None:
    tier = Tier(1, entry_orders=3, entry_growth=100, join=join)
    assert rules.satisfies_entry(tier, figures("0", orders, growth)) is holds


def test_lowest_tier_is_everyones_even_below_nothing() -> None:
    lowest = [Tier(0), Tier(1, entry_spend=Decimal(500))]
    assert rules.earned_tier(lowest, figures("-20.00", growth=-5)).rank == 0


def test_higher_tier_is_earned_without_the_one_below() -> None:
    """Bounds of other metrics: the second rung by orders is missed, the third by spend is met."""
    ladder = [Tier(0), Tier(1, entry_orders=5), Tier(2, entry_spend=Decimal(1000))]
    assert rules.earned_tier(ladder, figures("1000.00", orders=1)).rank == 2
