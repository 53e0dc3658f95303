"""The one place that writes the ledger: entry, lot, allocations and account move together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from common import clock
from common.periods import Period
from common.sql import execute_sql
from loyalty.errors import KeyNotUsable, KeyReused, ReasonTooLong
from loyalty.models import (
    Activity,
    EntryNote,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointType,
    Purchase,
    Refund,
)
from members.models import Member, User

from .inactivity import follow_activity

Kind = PointsEntry.Kind
# What an entry moves in its account.
MOVED = ["balance", "debt", "entry_count", "last_entry_at"]

# Keys that the ledger makes itself begin so; a caller's key may not take their place.
OWN_KEYS = ("purchase:", "refund:", "activity:", "expire:", "adjustment:")
LONGEST_KEY = 300
LONGEST_REASON = 500
MOST_POINTS = 10**12


@dataclass(frozen=True)
class LotTerms:
    """The policy a lot is born with: when it becomes spendable and when it expires."""

    available_at: datetime
    expires_at: datetime | None
    policy: str


@dataclass(frozen=True)
class Posting:
    """What one entry does. `takes` are positive points by lot id; `gives` by redeem allocation."""

    kind: PointsEntry.Kind
    points: int
    key: str
    at: datetime
    debt_change: int = 0
    takes: Mapping[int, int] = field(default_factory=dict)
    gives: Sequence[tuple[LotAllocation, int]] = ()
    opens: LotTerms | None = None
    purchase: Purchase | None = None
    refund: Refund | None = None
    activity: Activity | None = None
    reverses: PointsEntry | None = None
    breakdown: Mapping[str, Any] = field(default_factory=dict)
    operator: User | None = None
    note: str = ""

    @property
    def policy(self) -> str:
        """The policy of the lot that it opens, if any."""
        return self.opens.policy if self.opens else ""


def lock_accounts(members: Iterable[int], point_types: Sequence[PointType]) -> list[PointsAccount]:
    """The members' accounts of these kinds as locks, made where missing, in ascending id."""
    member_ids = sorted(set(members))
    held = PointsAccount.objects.filter(member_id__in=member_ids, point_type__in=point_types)
    accounts = list(held.locked())
    if len(accounts) < len(member_ids) * len(point_types):
        known = {(account.member_id, account.point_type_id) for account in accounts}
        PointsAccount.objects.bulk_create(
            [
                PointsAccount(member_id=pk, point_type=kind, is_spendable=kind.is_spendable)
                for pk in member_ids
                for kind in point_types
                if (pk, kind.pk) not in known
            ],
            ignore_conflicts=True,
        )
        accounts = list(held.locked())
    return accounts


def lock_account(member: Member, point_type: PointType) -> PointsAccount:
    """One member's account of one kind, locked until the transaction ends."""
    (account,) = lock_accounts([member.pk], [point_type])
    account.member, account.point_type = member, point_type
    return account


def check_words(*, key: str, reason: str = "") -> None:
    """Refuse a caller's key that is empty, too long or like the ledger's own, and a long reason."""
    is_key = 0 < len(key) <= LONGEST_KEY and "\x00" not in key and not key.startswith(OWN_KEYS)
    if not is_key:
        raise KeyNotUsable(longest=LONGEST_KEY, own=", ".join(OWN_KEYS))
    check_reason(reason)


def check_reason(reason: str) -> None:
    """Refuse free text that the database cannot keep."""
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        raise ReasonTooLong(longest=LONGEST_REASON)


def replay(account: PointsAccount, *, key: str, kind: str, points: int) -> PointsEntry | None:
    """The entry that this key already made; refused where it made something else."""
    entry = PointsEntry.objects.filter(account=account, key=key).first()
    if entry and (entry.kind != kind or entry.points != points):
        raise KeyReused(key=key)
    return entry


def ledger_instant(account: PointsAccount, now: datetime) -> datetime:
    """The instant of the account's next entry: ledger time never goes back."""
    return clock.ledger_instant(now, account.last_entry_at)


def lot_terms(
    kind: PointType, member: Member, *, earned_on: date, at: datetime, is_held: bool = True
) -> LotTerms | None:
    """The terms of a lot earned on that day; kinds that are not spendable have no lots.

    The holding period counts like a validity (held through its last day); `0D` holds nothing.
    """
    if not kind.is_spendable:
        return None
    holding = Period.parse(kind.holding)
    held_until = holding.expires_at(earned_on) if is_held and not holding.is_zero else None
    period = Period.parse(kind.expiry)
    # An activity counts on the day on which the ledger books it, however old the purchase is.
    start = clock.business_date(at) if period.is_inactivity else earned_on
    expires_at = period.expires_at(start, joined_on=member.joined_on)
    return LotTerms(
        available_at=max(at, held_until) if held_until else at,
        expires_at=expires_at,
        policy=kind.expiry,
    )


def renewed_terms(at: datetime, days: int) -> LotTerms:
    """Terms of points given back from a lot that has expired or is about to."""
    policy = f"{days}D"
    expires_at = Period.parse(policy).expires_at(clock.business_date(at))
    return LotTerms(available_at=at, expires_at=expires_at, policy=policy)


def debt_paid(account: PointsAccount, credit: int) -> int:
    """How much of a credit goes to what is owed, before a lot is opened."""
    return min(account.debt, credit)


def post(account: PointsAccount, posting: Posting) -> PointsEntry:
    """Append one entry to a locked account and move everything that follows from it.

    The caller holds the account's lock and has settled who takes what: the points of lots, the
    change of debt and the new lot must add up, which the nightly proof checks from the rows.
    """
    entry = _append(account, posting)
    account.save(update_fields=MOVED)
    follow_activity(account, entry, opens=posting.policy, gives=bool(posting.gives))
    return entry


def post_all(postings: Sequence[tuple[PointsAccount, Posting]]) -> list[PointsEntry]:
    """Post to several locked accounts, one entry each, and save the accounts in one statement."""
    entries = [_append(account, posting) for account, posting in postings]
    if entries:
        PointsAccount.objects.bulk_update([account for account, _posting in postings], MOVED)
    for (account, posting), entry in zip(postings, entries, strict=True):
        follow_activity(account, entry, opens=posting.policy, gives=bool(posting.gives))
    return entries


def _append(account: PointsAccount, posting: Posting) -> PointsEntry:
    """Write the entry and move its lots; the account is moved, and for the caller to save."""
    at = ledger_instant(account, posting.at)
    restored = sum(points for _allocation, points in posting.gives)
    opened = posting.points + posting.debt_change + sum(posting.takes.values()) - restored
    account.balance += posting.points + posting.debt_change
    account.debt += posting.debt_change
    account.entry_count += 1
    account.last_entry_at = at
    entry = PointsEntry.objects.create(
        account=account,
        number=account.entry_count,
        kind=posting.kind,
        points=posting.points,
        debt_change=posting.debt_change,
        balance_after=account.balance,
        debt_after=account.debt,
        at=at,
        business_date=clock.business_date(at),
        key=posting.key,
        purchase=posting.purchase,
        refund=posting.refund,
        activity=posting.activity,
        reverses=posting.reverses,
        breakdown=dict(posting.breakdown),
        operator=posting.operator,
    )
    if account.is_spendable:
        _move_lots(entry, posting, opened)
    if posting.note:
        EntryNote.objects.create(entry=entry, text=posting.note)
    return entry


def _move_lots(entry: PointsEntry, posting: Posting, opened: int) -> None:
    """Open the entry's lot and allocate what it takes from and gives back to others."""
    if posting.opens and opened:
        _open_lot(entry, opened, posting.opens)
    takes = [
        LotAllocation(entry=entry, lot_id=lot_id, points=-points)
        for lot_id, points in posting.takes.items()
    ]
    gives = [
        LotAllocation(entry=entry, lot_id=source.lot_id, points=points, reverses=source)
        for source, points in posting.gives
    ]
    if takes or gives:
        LotAllocation.objects.bulk_create(gives + takes)
        execute_sql("loyalty", "apply_allocations", {"entry": entry.pk})


def _open_lot(entry: PointsEntry, points: int, terms: LotTerms) -> None:
    is_live = terms.available_at <= entry.at
    PointsLot.objects.create(
        account=entry.account,
        entry=entry,
        points=points,
        remaining=points,
        available_at=max(terms.available_at, entry.at),
        expires_at=terms.expires_at,
        expiry=terms.policy,
        activated_on=entry.business_date if is_live else None,
    )
