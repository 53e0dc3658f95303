"""What a member held at an instant, rebuilt from entries and allocations: caches are not asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from common import clock
from loyalty.errors import HappensInFuture
from loyalty.models import LotChange, PointsAccount, PointsEntry, PointsLot
from members.models import Member

INSTANT = timedelta(microseconds=1)
Field = LotChange.Field


@dataclass(frozen=True)
class LotAsOf:
    """A lot as it was: what remained of it, and the dates that were in force then."""

    lot: PointsLot
    remaining: int
    available_at: datetime
    expires_at: datetime | None

    def is_live(self, at: datetime) -> bool:
        return self.available_at <= at and not self.has_ended(at)

    def has_ended(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    @property
    def turn(self) -> tuple[bool, float, int]:
        """Its place in the order of redemptions: soonest to expire, never last, then oldest."""
        ends = self.expires_at.timestamp() if self.expires_at else 0.0
        return self.expires_at is None, ends, self.lot.pk


@dataclass(frozen=True)
class AccountAsOf:
    """An account at an instant. `lots` are those with points left, soonest to expire first.

    `balance` is `spendable` + `pending` + `ended`, the last being points in lots that had
    expired and that no night had booked yet. Kinds that are not spendable have a balance only.
    """

    account: PointsAccount
    balance: int
    debt: int
    spendable: int
    pending: int
    ended: int
    lots: Sequence[LotAsOf]


@dataclass(frozen=True)
class MemberAsOf:
    """Everything a member held at an instant, an account for each kind of points."""

    member: Member
    at: datetime
    accounts: Sequence[AccountAsOf]


def end_of(day: date, *, now: datetime) -> datetime:
    """The last instant of a business date; now, if it is today. Refused: a day to come."""
    if day > clock.business_date(now):
        raise HappensInFuture(at=day)
    return min(now, clock.start_of(day + timedelta(days=1)) - INSTANT)


def instant_of(at: datetime, *, now: datetime) -> datetime:
    """An instant, by the programme's clock where it has no offset. Refused: one to come."""
    aware = at if at.tzinfo else at.replace(tzinfo=clock.zone())
    if aware > now:
        raise HappensInFuture(at=aware)
    return aware


def points_as_of(member: Member, at: datetime) -> MemberAsOf:
    """What the member held once everything at or before the instant was booked.

    In four queries. Asked for now it equals the caches: balance, debt and what remains in lots.
    """
    sums = _sums(member, at)
    lots: dict[int, list[LotAsOf]] = {}
    for held in _lots(member, at):
        lots.setdefault(held.lot.account_id, []).append(held)
    return MemberAsOf(
        member=member,
        at=at,
        accounts=[
            _account(account, *sums[account.pk], lots.get(account.pk, []), at)
            for account in PointsAccount.objects.for_member(member)
            if account.pk in sums
        ],
    )


def _sums(member: Member, at: datetime) -> dict[int, tuple[int, int]]:
    """The sums of points and of changes of debt by then, by account id."""
    entries = PointsEntry.objects.filter(account__member=member, at__lte=at)
    sums = entries.values_list("account_id").annotate(points=Sum("points"), debt=Sum("debt_change"))
    return {account: (int(points), int(debt)) for account, points, debt in sums}


def _lots(member: Member, at: datetime) -> list[LotAsOf]:
    """Lots opened by then with what remained of them, by their allocations; none empty."""
    booked = Q(allocations__entry__at__lte=at)
    moved = Coalesce(Sum("allocations__points", filter=booked), 0)
    opened = PointsLot.objects.for_member(member).filter(entry__at__lte=at)
    lots = opened.annotate(moved=moved)
    # The type of the rows does not know what they were annotated with.
    left = [(lot, lot.points + int(lot.moved)) for lot in lots]  # type: ignore[attr-defined]
    changed = _changed_since(member, at)
    held = [
        LotAsOf(
            lot=lot,
            remaining=points,
            available_at=changed.get((lot.pk, Field.AVAILABLE_AT)) or lot.available_at,
            expires_at=changed.get((lot.pk, Field.EXPIRES_AT), lot.expires_at),
        )
        for lot, points in left
        if points
    ]
    return sorted(held, key=lambda lot: lot.turn)


def _changed_since(member: Member, at: datetime) -> dict[tuple[int, str], datetime | None]:
    """The dates that were in force then and are no longer, by lot and date.

    What the first later change found stands last in a walk from the latest one.
    """
    later = LotChange.objects.after_instant(member, at)
    return {(lot, name): date for lot, name, date in later.values_list("lot", "field", "before")}


def _account(
    account: PointsAccount, points: int, debt: int, lots: list[LotAsOf], at: datetime
) -> AccountAsOf:
    spendable = sum(lot.remaining for lot in lots if lot.is_live(at))
    ended = sum(lot.remaining for lot in lots if lot.has_ended(at))
    return AccountAsOf(
        account=account,
        # Σ points = balance − debt, and debt = Σ of its changes.
        balance=points + debt,
        debt=debt,
        spendable=spendable,
        pending=sum(lot.remaining for lot in lots) - spendable - ended,
        ended=ended,
        lots=lots,
    )
