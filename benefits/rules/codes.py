"""Coupon codes: how they are made, written and checked.

Twelve characters, eleven of randomness and one to check them, of an alphabet of 29: no 0 and O,
no 1, I and L, no U that reads like V, no Z that reads like 2. The check character is ISO 7064's
pure scheme (the one that python-stdnum knows as MOD 37,2) over these 29, that is MOD 29,2: 29 is a
prime and 2 generates its residues, so it finds every single wrong character, every two neighbours
that changed places and every two with one between them that did.
"""

import secrets
import unicodedata

from stdnum.iso7064 import mod_37_2

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
BODY = 11
LENGTH = BODY + 1
GROUP = 4


def new_code() -> str:
    """A code that nobody can guess: 29¹¹ possibilities from the system's randomness."""
    number = secrets.randbelow(len(ALPHABET) ** BODY)
    letters = []
    for _place in range(BODY):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    body = "".join(letters)
    return body + str(mod_37_2.calc_check_digit(body, ALPHABET))


def plain_code(text: str) -> str:
    """A code as it is kept, from however it is typed: any case, width, spaces and dashes."""
    typed = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in typed if letter not in "-–—_. \t")


def is_code(text: str) -> bool:
    """Whether a plain code can exist at all: its length, its letters, its check character."""
    return (
        len(text) == LENGTH
        and set(text) <= set(ALPHABET)
        and bool(mod_37_2.is_valid(text, ALPHABET))
    )


def grouped(code: str) -> str:
    """A code as people read it aloud: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
