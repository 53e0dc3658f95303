"""The one place that writes the ledger: entry, lot, allocations and account move together."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from common import clock
from common.periods import Period
from common.sql import fetch_last, fetch_sql
from loyalty.errors import KeyNotUsable, KeyReused, ReasonTooLong
from loyalty.models import (
    Activity,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointType,
    Purchase,
    Refund,
)
from members.models import Member, User

from .inactivity import follow_activity
from .ladder import hold_ladder

Kind = PointsEntry.Kind

# Keys that the ledger makes itself begin so; a caller's key may not take their place.
OWN_KEYS = ("purchase:", "refund:", "activity:", "expire:", "adjustment:", "erasure:", "merge:")
LONGEST_KEY = 300
LONGEST_REASON = 500
MOST_POINTS = 10**12


@dataclass(frozen=True)
class LotTerms:
    """The policy a lot is born with: when it becomes spendable and when it expires."""

    available_at: datetime
    expires_at: datetime | None
    policy: str


class HeldLot(NamedTuple):
    """A lot and what is left in it."""

    pk: int
    remaining: int


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
    kind_ids = [kind.pk for kind in point_types]
    accounts = PointsAccount.objects.lock(member_ids, kind_ids)
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
        accounts = PointsAccount.objects.lock(member_ids, kind_ids)
    return accounts


def lock_account(member: Member, point_type: PointType) -> PointsAccount:
    """One member's account of one kind, locked until the transaction ends.

    What may move a tier holds the ladder too, which comes before any account.
    """
    if point_type.moves_tiers:
        hold_ladder()
    (account,) = lock_accounts([member.pk], [point_type])
    account.member, account.point_type = member, point_type
    return account


def lock_base_account(member: Member) -> PointsAccount:
    """One member's account of base points, locked; the kind is read in the same round trip."""
    account = PointsAccount.objects.lock_by_code(member.pk, PointType.BASE)
    if account is None:
        return lock_account(member, PointType.objects.base())
    account.member = member
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
    known = fetch_sql("loyalty", "known_entry", {"account": account.pk, "key": key})
    if not known:
        return None
    entry_id, known_kind, known_points = known[0]
    if (known_kind, known_points) != (kind, points):
        raise KeyReused(key=key)
    return PointsEntry.objects.get(pk=entry_id)


def lots_to_spend(account: PointsAccount, points: int, *, at: datetime) -> list[HeldLot]:
    """Live lots of a locked account in the order of spending, as many as hold so many points;
    all of them where that is fewer.
    """
    params = {"account": account.pk, "points": points, "at": at}
    return [HeldLot(*row) for row in fetch_sql("loyalty", "spendable_lots", params)]


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
    entry = _entry(account, posting)
    params = _entry_params(entry) | _lot_params(entry, posting) | {"note": posting.note}
    ((entry.pk,),) = fetch_last("loyalty", "post_entry", params)
    entry._state.adding = False
    entry._state.db = account._state.db
    account.balance = entry.balance_after
    account.debt = entry.debt_after
    account.entry_count = entry.number
    account.last_entry_at = entry.at
    follow_activity(account, entry, opens=posting.policy, gives=bool(posting.gives))
    return entry


def post_all(postings: Sequence[tuple[PointsAccount, Posting]]) -> list[PointsEntry]:
    """Post to several locked accounts, one entry each."""
    return [post(account, posting) for account, posting in postings]


def _entry(account: PointsAccount, posting: Posting) -> PointsEntry:
    """The next entry of the account, not written yet."""
    at = ledger_instant(account, posting.at)
    return PointsEntry(
        account=account,
        number=account.entry_count + 1,
        kind=posting.kind,
        points=posting.points,
        debt_change=posting.debt_change,
        balance_after=account.balance + posting.points + posting.debt_change,
        debt_after=account.debt + posting.debt_change,
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


def _entry_params(entry: PointsEntry) -> dict[str, object]:
    return {
        "account": entry.account_id,
        "number": entry.number,
        "kind": str(entry.kind),
        "points": entry.points,
        "debt_change": entry.debt_change,
        "balance": entry.balance_after,
        "debt": entry.debt_after,
        "at": entry.at,
        "business_date": entry.business_date,
        "key": entry.key,
        "breakdown": json.dumps(entry.breakdown),
        "recorded_at": entry.recorded_at,
        "purchase": entry.purchase_id,
        "refund": entry.refund_id,
        "activity": entry.activity_id,
        "reverses": entry.reverses_id,
        "operator": entry.operator_id,
    }


def _lot_params(entry: PointsEntry, posting: Posting) -> dict[str, object]:
    """What the entry opens, takes from lots and gives back; kinds not spendable have no lots."""
    takes, gives, terms = posting.takes, posting.gives, posting.opens
    if not entry.account.is_spendable:
        takes, gives, terms = {}, (), None
    restored = sum(points for _allocation, points in gives)
    opened = entry.points + entry.debt_change + sum(takes.values()) - restored if terms else 0
    moves: list[tuple[int, int, int | None]] = [
        (source.lot_id, points, source.pk) for source, points in gives
    ]
    moves += [(lot_id, -points, None) for lot_id, points in takes.items()]
    is_live = terms is not None and terms.available_at <= entry.at
    return {
        "opened": opened,
        "available_at": max(terms.available_at, entry.at) if terms else None,
        "expires_at": terms.expires_at if terms else None,
        "expiry": terms.policy if terms else "",
        "activated_on": entry.business_date if is_live else None,
        "moves": json.dumps(moves),
    }
