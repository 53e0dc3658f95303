"""Who may claim an offer when: windows by tier, the higher tiers first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from benefits.errors import (
    CouponExpired,
    CouponNotFound,
    CouponNotStarted,
    CouponRefusal,
    SegmentNotEligible,
    TierNotEligible,
)
from common import clock

from .coupons import Shopper


@dataclass(frozen=True, slots=True)
class Window:
    """Members of this rank or above may claim from `opens_at` until before `closes_at`."""

    rank: int
    opens_at: datetime
    closes_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at and (self.closes_at is None or at < self.closes_at)


def opens_for(windows: Sequence[Window], *, rank: int | None, at: datetime) -> datetime | None:
    """When the next window opens for a rank; None where one is open or none will be."""
    ours = [window for window in windows if rank is not None and window.rank <= rank]
    if any(window.is_open(at) for window in ours):
        return None
    return min((window.opens_at for window in ours if window.opens_at > at), default=None)


def refusal_of(
    windows: Sequence[Window],
    *,
    shopper: Shopper,
    at: datetime,
    tiers: Collection[int] = (),
    segments: Collection[int] = (),
) -> CouponRefusal | None:
    """Why a member cannot claim now; None where one of the windows is open to them.

    Whose tier or segments the coupon itself is not for could never use it, and gets none; no ids
    of a sort limit nothing.
    """
    if not windows:
        return CouponNotFound()
    rank = shopper.rank
    ours = [window for window in windows if rank is not None and window.rank <= rank]
    if not ours or (tiers and shopper.tier not in tiers):
        return TierNotEligible()
    if segments and shopper.segments.isdisjoint(segments):
        return SegmentNotEligible()
    if any(window.is_open(at) for window in ours):
        return None
    if opens_at := opens_for(windows, rank=rank, at=at):
        return CouponNotStarted(starts_on=opens_at)
    last = max(window.closes_at for window in ours if window.closes_at)
    return CouponExpired(last_day=clock.last_valid_day(last))
