"""Contenders in turn, so that what disturbs the machine disturbs them alike."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Measure = Callable[[int], float]


@dataclass(frozen=True)
class Contest:
    """What each contender scored in each round."""

    scores: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.scores[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over the rounds of one contender's score by another's of the same round."""
        pairs = zip(self.scores[name], self.scores[other], strict=True)
        return statistics.median(score / base for score, base in pairs)


def compete(rounds: int, contenders: Mapping[str, Measure]) -> Contest:
    """Let every contender measure itself once a round; each round begins with another of them.

    A measure is given a number that no other call gets, counted from 0.
    """
    scores: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        first = number % len(names)
        for place, name in enumerate(names[first:] + names[:first]):
            scores[name].append(contenders[name](number * len(names) + place))
    return Contest(scores)
