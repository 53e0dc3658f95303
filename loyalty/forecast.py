"""What will expire, month by month, and what the points that are out would cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from common import clock
from common.money import quantize
from loyalty.models import PointsAccount, PointsLot, PointType
from loyalty.models.lots import PointsLotQuerySet


@dataclass(frozen=True)
class ExpiringMonth:
    """Points whose last valid day lies in a month, named by its first day; never is no month."""

    month: date | None
    points: int
    lots: int


@dataclass(frozen=True)
class Liability:
    """What base points would cost if every one were spent, at the points-as-money rate.

    `spendable` and `pending` points are owed to members; `debt` is what members owe, which
    nothing is taken off for: it may never be paid back.
    """

    spendable: int
    pending: int
    debt: int
    amount: Decimal

    @property
    def points(self) -> int:
        return self.spendable + self.pending


def expiring_by_month(account: PointsAccount, at: datetime) -> list[ExpiringMonth]:
    """What an account's open lots lose month by month if nothing is spent, in one query."""
    return by_month(account.lots.unexpired(at).sums_by_expiry())


def programme_expiring_by_month(at: datetime) -> list[ExpiringMonth]:
    """The same of everybody's base points, in one query."""
    return by_month(_base_lots(at).sums_by_expiry())


def by_month(dated: Iterable[tuple[datetime | None, int, int]]) -> list[ExpiringMonth]:
    """Sum points and lots by the month of their last valid day; never comes last."""
    sums: dict[date | None, tuple[int, int]] = {}
    for expires_at, points, lots in dated:
        month = clock.last_valid_day(expires_at).replace(day=1) if expires_at else None
        known_points, known_lots = sums.get(month, (0, 0))
        sums[month] = known_points + points, known_lots + lots
    in_order = sorted(sums, key=lambda month: (month is None, month or date.min))
    return [ExpiringMonth(month, *sums[month]) for month in in_order]


def liability(at: datetime) -> Liability:
    """The programme's base points that are out, in points and in money, in two queries."""
    total = Coalesce(Sum("remaining"), 0)
    live = Coalesce(Sum("remaining", filter=Q(available_at__lte=at)), 0)
    left = _base_lots(at).aggregate(total=total, live=live)
    spendable, pending = int(left["live"]), int(left["total"] - left["live"])
    accounts = PointsAccount.objects.filter(point_type__code=PointType.BASE)
    owed = accounts.aggregate(total=Coalesce(Sum("debt"), 0))
    return Liability(
        spendable=spendable,
        pending=pending,
        debt=int(owed["total"]),
        amount=worth(spendable + pending),
    )


def worth(points: int) -> Decimal:
    """Points in money: `POINTS_PER_MONEY` points are one unit of the currency, half up."""
    return quantize(Decimal(points) / settings.POINTS_PER_MONEY)


def _base_lots(at: datetime) -> PointsLotQuerySet:
    return PointsLot.objects.filter(account__point_type__code=PointType.BASE).unexpired(at)
