"""How far it is to the next tier: arithmetic on figures and bounds."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Measure(StrEnum):
    """What a tier asks for."""

    SPEND = "spend"
    ORDERS = "orders"
    GROWTH = "growth"
    ACTIVE_DAYS = "active_days"


@dataclass(frozen=True)
class Goal:
    """One bound of the next tier and where the member stands; money for spend, else a number."""

    measure: Measure
    have: Decimal
    need: Decimal

    @property
    def missing(self) -> Decimal:
        return max(Decimal(0), self.need - self.have)

    @property
    def is_met(self) -> bool:
        return self.have >= self.need

    @property
    def percent(self) -> int:
        """0 to 100, rounded down: 100 only when the bound is met."""
        if self.is_met:
            return 100
        return max(0, int(self.have * 100 / self.need))
