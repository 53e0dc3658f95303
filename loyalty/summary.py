"""What a member holds right now, as the portal tells it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from common import clock
from common.sql import fetch_sql, to_instant
from loyalty.models import PointsAccount, PointsLot, PointType
from members.models import Member

SOON = timedelta(days=30)


@dataclass(frozen=True)
class DatedPoints:
    """So many points, and the business date on which something happens to them."""

    points: int
    on: date


@dataclass(frozen=True)
class PointsSummary:
    """Base points of a member at an instant.

    `spendable` are in live lots. `pending` become spendable on their dates. `expiring` are
    valid through their dates, all within 30 days. `debt` was refunded after it had been spent.
    """

    spendable: int = 0
    debt: int = 0
    pending: list[DatedPoints] = field(default_factory=list)
    expiring: list[DatedPoints] = field(default_factory=list)

    @property
    def pending_points(self) -> int:
        return sum(dated.points for dated in self.pending)

    @property
    def expiring_points(self) -> int:
        return sum(dated.points for dated in self.expiring)

    @property
    def has_more_dates(self) -> bool:
        """Whether a glance at the first date of each list leaves some out."""
        return len(self.expiring) > 1 or len(self.pending) > 1


def member_account(member: Member, code: str) -> PointsAccount | None:
    """The member's account of a kind of points; none before the first entry."""
    accounts = PointsAccount.objects.for_member(member)
    return next((account for account in accounts if account.point_type.code == code), None)


def points_summary(member: Member, at: datetime) -> PointsSummary:
    """The member's base points at an instant, in one query whatever they hold."""
    soon = clock.start_of(clock.business_date(at) + SOON + timedelta(days=1))
    params = {"member": member.pk, "code": PointType.BASE, "at": at, "soon": soon}
    debt = spendable = 0
    pending: dict[date, int] = {}
    expiring: dict[date, int] = {}
    for owed, held, ending, points in fetch_sql("loyalty", "points_summary", params):
        debt = owed
        pending_at, expires_at = to_instant(held), to_instant(ending)
        if pending_at is None:
            spendable += points
        else:
            _add(pending, clock.business_date(pending_at), points)
        if expires_at is not None:
            _add(expiring, clock.last_valid_day(expires_at), points)
    return PointsSummary(
        spendable=spendable, debt=debt, pending=_dated(pending), expiring=_dated(expiring)
    )


def _add(sums: dict[date, int], day: date, points: int) -> None:
    sums[day] = sums.get(day, 0) + points


def _dated(sums: dict[date, int]) -> list[DatedPoints]:
    return [DatedPoints(points=sums[day], on=day) for day in sorted(sums)]


def by_date(dated: Iterable[tuple[date, PointsLot]]) -> list[DatedPoints]:
    """What remains in lots, summed by the day that each comes with."""
    sums: dict[date, int] = {}
    for day, lot in dated:
        _add(sums, day, lot.remaining)
    return _dated(sums)
