"""Members by recency, frequency and money: three scores from 1 to 5 each."""

from dataclasses import dataclass
from datetime import date

from analytics.spans import as_of
from common.sql import fetch_sql

from .nights import SCORED, told_rows


@dataclass(frozen=True)
class RfmCell:
    """Members with the same three scores; 5 is the latest, the most often, the most spent."""

    recency: int
    frequency: int
    money: int
    members: int

    @property
    def code(self) -> str:
        """The scores as they are spoken of: 555 are the best."""
        return f"{self.recency}{self.frequency}{self.money}"


def rfm_grid(day: date) -> list[RfmCell]:
    """Everyone who bought before a day, by fifths of each figure; the best first, empty cells not.

    Recency is the last purchase's day, frequency the number of orders, money net of refunds. Ties
    by the shop's own number ascending, numeric where it is numeric. Where that day's night is the
    last one and no fact has come late since, its scores are counted: ranking everybody anew takes
    longer than anyone likes to wait.
    """
    stored = _stored_grid(day)
    if stored is not None:
        return stored
    return [RfmCell(*row) for row in fetch_sql("analytics", "rfm_grid", as_of(day))]


def _stored_grid(day: date) -> list[RfmCell] | None:
    """The grid by the scores of a night; None where they are not this day's, or not any more."""
    rows = told_rows("stored_scores", day, SCORED)
    if rows is None or any(unscored for *_scores, unscored in rows):
        return None
    return [RfmCell(*cell) for *cell, _unscored in rows if cell[0] is not None]
