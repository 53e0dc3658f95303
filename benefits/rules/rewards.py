"""What a reward costs a member of a tier at an instant, and why it is not theirs to redeem."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from benefits.errors import (
    RewardEnded,
    RewardLimitReached,
    RewardNotForSegment,
    RewardNotForTier,
    RewardNotFound,
    RewardNotStarted,
    RewardRefusal,
    RewardSoldOut,
)
from common import clock

from .claims import Window, opens_for
from .coupons import Shopper


@dataclass(frozen=True, slots=True)
class Promotion:
    """A price that holds from `starts_at` until before `ends_at`."""

    points: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Price:
    """Points for one piece; `regular` is what it costs without the promotion."""

    points: int
    regular: int
    money: Decimal | None = None

    @property
    def is_promotional(self) -> bool:
        return self.points < self.regular


@dataclass(frozen=True, slots=True)
class Availability:
    """What decides, besides points and purchases, whether a reward can be redeemed."""

    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    windows: Sequence[Window]
    left: int | None
    limit: int | None
    # Ids of whom it is for; none of a sort limit nothing. Each set is to be met by itself.
    tiers: frozenset[int] = frozenset()
    segments: Sequence[frozenset[int]] = ()

    @property
    def is_for_segments(self) -> bool:
        return any(self.segments)


def price_of(
    points: int,
    by_rank: Iterable[tuple[int, int]],
    *,
    rank: int | None,
    promotion: Promotion | None,
    at: datetime,
    money: Decimal | None = None,
) -> Price:
    """The price of the highest tier named at or below the member's own, else everyone's; a
    promotion counts where it is lower.
    """
    named = [pair for pair in by_rank if rank is not None and pair[0] <= rank]
    regular = max(named)[1] if named else points
    price = regular
    if promotion and promotion.starts_at <= at < promotion.ends_at:
        price = min(regular, promotion.points)
    return Price(points=price, regular=regular, money=money)


def opens_at(reward: Availability, *, rank: int | None, at: datetime) -> datetime | None:
    """When it opens for members of a rank; None where it is open to them or never will be."""
    start = reward.starts_at
    window = opens_for(reward.windows, rank=rank, at=max(at, start) if start else at)
    opening = window or (start if start and start > at else None)
    is_in_time = opening and (reward.ends_at is None or opening < reward.ends_at)
    return opening if is_in_time else None


def refusal_of(
    reward: Availability, *, shopper: Shopper, taken: int, at: datetime
) -> RewardRefusal | None:
    """Why a member, who has taken so many, cannot have another; None where they can, points and
    purchases permitting.
    """
    rank = shopper.rank
    if not reward.is_active:
        return RewardNotFound()
    if reward.ends_at and reward.ends_at <= at:
        return RewardEnded(last_day=clock.last_valid_day(reward.ends_at))
    ours = [window for window in reward.windows if rank is not None and window.rank <= rank]
    if any(ids and shopper.segments.isdisjoint(ids) for ids in reward.segments):
        return RewardNotForSegment()
    if (reward.windows and not ours) or (reward.tiers and shopper.tier not in reward.tiers):
        return RewardNotForTier()
    if reward.limit is not None and taken >= reward.limit:
        return RewardLimitReached(limit=reward.limit)
    if reward.left == 0:
        return RewardSoldOut()
    if opening := opens_at(reward, rank=rank, at=at):
        return RewardNotStarted(opens_at=opening)
    if ours and not any(window.is_open(at) for window in ours):
        last = max(window.closes_at for window in ours if window.closes_at)
        return RewardEnded(last_day=clock.last_valid_day(last))
    return None
