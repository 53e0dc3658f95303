"""Codes: nobody guesses one, and nobody mistypes one into another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.rules.codes import ALPHABET, LENGTH, grouped, is_code, new_code, plain_code

CODES = st.builds(lambda _number: new_code(), st.integers())


def test_have_no_look_alikes() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 29
    assert not set("01OILUZ") & set(ALPHABET)


def test_are_right_and_differ() -> None:
    codes = {new_code() for _number in range(2_000)}
    assert len(codes) == 2_000
    assert all(is_code(code) and len(code) == LENGTH for code in codes)


def test_use_every_letter_in_every_place() -> None:
    codes = [new_code() for _number in range(3_000)]
    assert all({code[place] for code in codes} == set(ALPHABET) for place in range(LENGTH))


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_single_wrong_character_is_found(code: str, place: int, letter: str) -> None:
    mistyped = code[:place] + letter + code[place + 1 :]
    assert is_code(mistyped) == (mistyped == code)


@pytest.mark.parametrize("apart", [1, 2])
def test_two_characters_that_changed_places_are_found(apart: int) -> None:
    for _number in range(300):
        code = new_code()
        for place in range(LENGTH - apart):
            letters = list(code)
            letters[place], letters[place + apart] = letters[place + apart], letters[place]
            assert is_code("".join(letters)) == ("".join(letters) == code)


def test_are_read_however_they_are_typed() -> None:
    code = new_code()
    assert plain_code(f" {grouped(code).lower()} ") == code
    assert plain_code("ＡＢ２３－ｃｄ４５") == "AB23CD45"
    assert grouped("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


def test_anything_else_is_none() -> None:
    for text in ("", "ABC", "0" * LENGTH, "O" * LENGTH, new_code() + "2", "码" * LENGTH):
        assert not is_code(text)
