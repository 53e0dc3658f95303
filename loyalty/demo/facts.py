"""What may have happened in the shop, as plain facts; people are named by their place in a list."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .shopping import Pieces, Reward


@dataclass(frozen=True)
class Visit:
    """A purchase; `person` is None for a guest, `shop` for the web shop.

    `points` pay for part of it, as far as they are there and may; None is as many as may.
    """

    at: datetime
    number: str
    person: int | None
    source: str
    shop: str | None
    pieces: tuple[Pieces, ...]
    points: int | None = 0

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.pieces), Decimal(0))


@dataclass(frozen=True)
class Return:
    """All or some pieces of an earlier visit brought back."""

    at: datetime
    number: str
    visit: Visit
    pieces: tuple[Pieces, ...]

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.pieces), Decimal(0))


@dataclass(frozen=True)
class Redemption:
    """A reward; where none is named the dearest within a share of what is spendable then.

    `share` is in per cent. Whoever has too few points for any goes without.
    """

    at: datetime
    number: str
    person: int
    reward: Reward | None = None
    share: int = 100


@dataclass(frozen=True)
class Cancellation:
    """An earlier redemption taken back."""

    at: datetime
    redemption: Redemption


@dataclass(frozen=True)
class Correction:
    """Points that an operator asks to give or take, saying why; many of them need approval."""

    at: datetime
    number: str
    person: int
    points: int
    reason: str


@dataclass(frozen=True)
class Thanks:
    """Honour points for something done for others."""

    at: datetime
    number: str
    person: int
    points: int
    reason: str


@dataclass(frozen=True)
class CheckIn:
    """A day on which someone looked in on the portal and checked in."""

    at: datetime
    number: str
    person: int


Fact = Visit | Return | Redemption | Cancellation | Correction | Thanks | CheckIn
