"""What a member holds right now, as the portal tells it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from common import clock
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
    """The member's base points at an instant, in four queries whatever they hold."""
    account = member_account(member, PointType.BASE)
    if account is None:
        return PointsSummary()
    lots = account.lots.all()
    soon = clock.start_of(clock.business_date(at) + SOON + timedelta(days=1))
    return PointsSummary(
        spendable=lots.spendable(at).points_left(),
        debt=account.debt,
        pending=by_date((clock.business_date(lot.available_at), lot) for lot in lots.pending(at)),
        expiring=by_date(
            (clock.last_valid_day(lot.expires_at), lot)
            for lot in lots.expiring_between(at, soon)
            if lot.expires_at
        ),
    )


def by_date(dated: Iterable[tuple[date, PointsLot]]) -> list[DatedPoints]:
    """What remains in lots, summed by the day that each comes with."""
    sums: dict[date, int] = {}
    for day, lot in dated:
        sums[day] = sums.get(day, 0) + lot.remaining
    return [DatedPoints(points=sums[day], on=day) for day in sorted(sums)]
