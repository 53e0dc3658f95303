"""Who may claim an offer when: windows by tier, the higher tiers first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from benefits.errors import (
    CouponExpired,
    CouponNotFound,
    CouponNotStarted,
    CouponRefusal,
    TierNotEligible,
)
from common import clock


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
    windows: Sequence[Window], *, rank: int | None, at: datetime, is_eligible: bool = True
) -> CouponRefusal | None:
    """Why a member of this rank cannot claim now; None where one of the windows is open.

    Whose tier is not eligible for the coupon itself could never use it, and gets none.
    """
    if not windows:
        return CouponNotFound()
    ours = [window for window in windows if rank is not None and window.rank <= rank]
    if not ours or not is_eligible:
        return TierNotEligible()
    if any(window.is_open(at) for window in ours):
        return None
    if opens_at := opens_for(windows, rank=rank, at=at):
        return CouponNotStarted(starts_on=opens_at)
    last = max(window.closes_at for window in ours if window.closes_at)
    return CouponExpired(last_day=clock.last_valid_day(last))
