"""Members by recency, frequency and money: three scores from 1 to 5 each."""

from dataclasses import dataclass
from datetime import date

from analytics.spans import as_of
from common.sql import fetch_sql


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
    by the shop's own number ascending, numeric where it is numeric.
    """
    return [RfmCell(*row) for row in fetch_sql("analytics", "rfm_grid", as_of(day))]
