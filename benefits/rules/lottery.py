"""Which prize a draw gives: an exact mapping of 10,000 tickets, from a seed that is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from benefits.errors import LotteryNotReady

# Weights are hundredths of a percent: all of a lottery's add up to this.
TICKETS = 10_000


@dataclass(frozen=True, slots=True)
class Chance:
    """A prize, how many of the tickets are its own, and how many of it are left; None: no end."""

    prize: int
    weight: int
    left: int | None


def odds(chances: Sequence[Chance]) -> list[tuple[int, int]]:
    """The tickets of each prize that is left, in order: what is gone leaves its own to the first
    prize without end. Refused: weights that are not the whole, no prize without end.
    """
    fallback = next((chance.prize for chance in chances if chance.left is None), None)
    is_whole = sum(chance.weight for chance in chances) == TICKETS
    if fallback is None or not is_whole or any(chance.weight <= 0 for chance in chances):
        raise LotteryNotReady()
    gone = sum(chance.weight for chance in chances if chance.left == 0)
    return [
        (chance.prize, chance.weight + (gone if chance.prize == fallback else 0))
        for chance in chances
        if chance.left != 0
    ]


def ticket_of(seed: str) -> int:
    """The ticket that a seed draws, from 0 to 9,999; anyone can work it out again."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()) % TICKETS


def prize_at(shares: Sequence[tuple[int, int]], ticket: int) -> int:
    """The prize of a ticket: the first so many are the first prize's, and so on."""
    end = 0
    for prize, weight in shares:
        end += weight
        if ticket < end:
            return prize
    raise LotteryNotReady()
