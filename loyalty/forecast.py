"""What will expire, month by month, and what the points that are out would cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from common import clock
from common.money import quantize
from loyalty.models import PointsAccount, PointsLot, PointsMoney, PointType, Tier, TierOverride
from loyalty.models.lots import PointsLotQuerySet
from loyalty.services.overrides import lifted


@dataclass(frozen=True)
class ExpiringMonth:
    """Points whose last valid day lies in a month, named by its first day; never is no month."""

    month: date | None
    points: int
    lots: int


@dataclass(frozen=True)
class Liability:
    """What base points would cost if every one were spent, at the points-as-money rates.

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
    """The programme's base points that are out, in points and in money, each member's at the rate
    of the tier that holds for them: the better of the earned one and overrides."""
    total = Coalesce(Sum("remaining"), 0)
    live = Coalesce(Sum("remaining", filter=Q(available_at__lte=at)), 0)
    by_tier = _base_lots(at).values_list("account__member__standing__tier_id")
    sums = list(by_tier.annotate(live=live, total=total).order_by())
    accounts = PointsAccount.objects.filter(point_type__code=PointType.BASE)
    owed = accounts.aggregate(total=Coalesce(Sum("debt"), 0))
    spendable = sum(int(live) for _tier, live, _total in sums)
    return Liability(
        spendable=spendable,
        pending=sum(int(total) for _tier, _live, total in sums) - spendable,
        debt=int(owed["total"]),
        amount=_worth_of([*((int(total), tier) for tier, _live, total in sums), *_moves(at)]),
    )


def _moves(at: datetime) -> list[tuple[int, int | None]]:
    """Points of members whom an override lifts: out of the earned tier, into the one that holds."""
    lifts: dict[int, list[TierOverride]] = {}
    for override in TierOverride.objects.all().live(at).select_related("tier"):
        lifts.setdefault(override.member_id, []).append(override)
    if not lifts:
        return []
    tiers = list(Tier.objects.by_rank())
    by_id = {tier.pk: tier for tier in tiers}
    of_lifted = _base_lots(at).filter(
        account__member__in=TierOverride.objects.all().live(at).order_by().values("member")
    )
    by_member = of_lifted.values_list("account__member_id", "account__member__standing__tier_id")
    moves: list[tuple[int, int | None]] = []
    for member, earned, points in by_member.annotate(total=Sum("remaining")).order_by():
        held = lifted(tiers, by_id.get(earned), lifts[member])
        moves += [(-int(points), earned), (int(points), held.pk if held else None)]
    return moves


def worth(points: int) -> Decimal:
    """Points in money at the programme's rate, half up."""
    return _money(Fraction(points, PointsMoney.objects.solo().points_per_money))


def _worth_of(by_tier: Iterable[tuple[int, int | None]]) -> Decimal:
    """Points of each tier's members at its rate; without a tier, the lowest is everyone's."""
    rate = PointsMoney.objects.solo().points_per_money
    tiers = list(Tier.objects.by_rank())
    rates = {tier.pk: tier.points_per_money or rate for tier in tiers}
    lowest = rates[tiers[0].pk] if tiers else rate
    return _money(
        sum(
            (Fraction(points, rates.get(tier or 0, lowest)) for points, tier in by_tier),
            Fraction(0),
        )
    )


def _money(exact: Fraction) -> Decimal:
    return quantize(Decimal(exact.numerator) / exact.denominator)


def _base_lots(at: datetime) -> PointsLotQuerySet:
    return PointsLot.objects.filter(account__point_type__code=PointType.BASE).unexpired(at)
