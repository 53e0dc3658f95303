"""Discounts are exact: shared out over lines to the cent, whatever their order."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.errors import AmountBelowZero, LinesNotDistinct
from benefits.rules import (
    Basket,
    BasketLine,
    Terms,
    discounts,
    percent_off,
    split_exactly,
    stacking_refusals,
)
from tests.loyalty.programmes import local

from .offers import basket

FROM = local(2025, 1, 1)


def terms(kind: str = "amount_off", **details: object) -> Terms:
    return Terms(
        key=details.pop("key", "k"), kind=kind, valid_from=FROM, expires_at=None, **details
    )  # type: ignore[arg-type]


def amount_off(amount: str, **details: object) -> Terms:
    return terms(amount=Decimal(amount), **details)


def percentage(percent: str, **details: object) -> Terms:
    return terms("percent_off", percent=Decimal(percent), **details)


def shares_of(taken: Terms, *amounts: str) -> list[str]:
    (discount,) = discounts([taken], basket(*amounts))
    return [str(discount.shares.get(str(number), 0)) for number in range(1, len(amounts) + 1)]


def test_shares_an_amount_out_by_largest_remainder() -> None:
    assert shares_of(amount_off("10.00"), "10.00", "10.00", "10.00") == ["3.34", "3.33", "3.33"]
    assert shares_of(amount_off("1.00"), "99.99", "0.01") == ["1.00", "0"]
    assert shares_of(amount_off("0.02"), "1.00", "2.00", "3.00") == ["0", "0.01", "0.01"]


def test_takes_no_more_than_there_is() -> None:
    assert shares_of(amount_off("50.00"), "10.00", "5.55") == ["10.00", "5.55"]
    assert shares_of(amount_off("50.00"), "0.00") == ["0"]


def test_a_percentage_is_rounded_once_half_up() -> None:
    assert [percent_off(minor, Decimal("12.50")) for minor in (3, 4, 12, 20)] == [0, 1, 2, 3]
    assert shares_of(percentage("10"), "0.05", "0.05", "0.05") == ["0.01", "0.01", "0"]


def test_a_percentage_stops_at_its_ceiling() -> None:
    assert shares_of(percentage("20", ceiling=Decimal("50.00")), "249.99") == ["50.00"]
    assert shares_of(percentage("20", ceiling=Decimal("50.00")), "250.00") == ["50.00"]
    assert shares_of(percentage("20", ceiling=Decimal("50.00")), "1000.00") == ["50.00"]


def test_only_lines_of_its_categories_count() -> None:
    lines = (BasketLine("tea", Decimal(10), 1), BasketLine("pot", Decimal(90), 2))
    (discount,) = discounts([percentage("50", categories=frozenset({1}))], Basket(lines))
    assert discount.shares == {"tea": Decimal("5.00")}


def test_percentages_go_before_amounts_in_any_order() -> None:
    asked = [amount_off("20.00", key="a"), percentage("10", key="b"), percentage("20", key="c")]
    for order in permutations(asked):
        taken = discounts(list(order), basket("100.00"))
        by_key = {
            each.key: str(discount.amount) for each, discount in zip(order, taken, strict=True)
        }
        assert by_key == {"c": "20.00", "b": "8.00", "a": "20.00"}


def test_free_shipping_is_taken_once() -> None:
    free = [terms("free_shipping", key="a"), terms("free_shipping", key="b")]
    taken = discounts(free, basket("1.00", shipping=Decimal("12.00")))
    assert [str(discount.shipping) for discount in taken] == ["12.00", "0.00"]


def test_gifts_and_services_take_no_money() -> None:
    taken = discounts([terms("gift"), terms("service")], basket("1.00"))
    assert [discount.amount for discount in taken] == [0, 0]


def test_one_that_is_not_stackable_goes_alone() -> None:
    alone = amount_off("1.00", is_stackable=False)
    told = stacking_refusals([amount_off("1.00"), alone, amount_off("1.00")])
    assert [refusal.code if refusal else "" for refusal in told] == ["", "not_stackable", ""]
    told = stacking_refusals([alone, amount_off("1.00")])
    assert [refusal.code if refusal else "" for refusal in told] == ["", "not_stackable"]


def test_one_of_an_exclusive_group_goes() -> None:
    groups = ["brand", "store", "brand", ""]
    told = stacking_refusals([amount_off("1.00", exclusive_group=group) for group in groups])
    assert [bool(refusal) for refusal in told] == [False, False, True, False]


def test_a_basket_has_distinct_lines_of_no_negative_amount() -> None:
    with pytest.raises(AmountBelowZero):
        basket("1.00", "-0.01").check()
    with pytest.raises(AmountBelowZero):
        basket("1.00", shipping=Decimal(-1)).check()
    twice = (BasketLine("1", Decimal(1)), BasketLine("1", Decimal(2)))
    with pytest.raises(LinesNotDistinct):
        Basket(twice).check()


AMOUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 10**7))


@given(AMOUNTS, st.integers(0, 100), st.randoms(use_true_random=False))
def test_a_split_is_exact_bounded_and_blind_to_order(
    amounts: dict[str, int], share: int, random: object
) -> None:
    total = sum(amounts.values()) * share // 100
    split = split_exactly(total, amounts)
    assert sum(split.values()) == total
    assert all(0 <= split[key] <= amounts[key] for key in amounts)
    shuffled = list(amounts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split_exactly(total, dict(shuffled)) == split


MONEY = st.integers(0, 500_000).map(lambda minor: Decimal(minor) / 100)
CATEGORY = st.sampled_from([None, 1, 2, 3])
LINES = st.lists(st.tuples(MONEY, CATEGORY), max_size=6)
LIMITED = st.frozensets(st.sampled_from([1, 2, 3]), max_size=2)
OFF = st.one_of(
    st.builds(lambda amount, ids: ("amount_off", amount, ids), MONEY, LIMITED),
    st.builds(lambda percent, ids: ("percent_off", percent, ids), st.integers(1, 100), LIMITED),
    st.builds(lambda ids: ("free_shipping", None, ids), LIMITED),
    st.builds(lambda ids: ("gift", None, ids), LIMITED),
)


def drawn(number: int, kind: str, value: Decimal | int | None, ids: frozenset[int]) -> Terms:
    given_off = {"amount_off": "amount", "percent_off": "percent"}.get(kind)
    details: dict[str, object] = {"categories": ids}
    if given_off and value is not None:
        details[given_off] = Decimal(value)
    return terms(kind, key=f"{number}", **details)


@given(LINES, st.lists(OFF, max_size=4), MONEY, st.randoms(use_true_random=False))
def test_coupons_together_are_exact_bounded_and_blind_to_order(
    lines: list[tuple[Decimal, int | None]],
    off: list[tuple[str, Decimal | int | None, frozenset[int]]],
    shipping: Decimal,
    random: object,
) -> None:
    rows = [BasketLine(f"{n}", amount, category) for n, (amount, category) in enumerate(lines)]
    asked = [drawn(number, *each) for number, each in enumerate(off)]
    taken = discounts(asked, Basket(tuple(rows), shipping=shipping))
    for each, discount in zip(asked, taken, strict=True):
        assert sum(discount.shares.values()) == discount.amount
        eligible = [row for row in rows if not each.categories or row.category in each.categories]
        assert discount.amount <= sum(row.amount for row in eligible)
        assert set(discount.shares) <= {row.key for row in eligible}
    for row in rows:
        assert sum(discount.shares.get(row.key, 0) for discount in taken) <= row.amount
    assert sum(discount.shipping for discount in taken) <= shipping

    order = list(zip(asked, taken, strict=True))
    random.shuffle(rows)  # type: ignore[attr-defined]
    random.shuffle(order)  # type: ignore[attr-defined]
    again = discounts([each for each, _ in order], Basket(tuple(rows), shipping=shipping))
    assert again == [discount for _, discount in order]
