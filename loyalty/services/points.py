"""Points by hand and by key: earn, redeem, restore."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from common import clock
from loyalty import rules
from loyalty.errors import (
    DebtOutstanding,
    KeyReused,
    NotARedemption,
    NotSpendable,
    PointsNotPositive,
    RedemptionPaidForPurchase,
    RestoreExceedsRedemption,
)
from loyalty.models import (
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsPayment,
    PointType,
    Refund,
)
from members.models import Member, User

from .ledger import (
    MOST_POINTS,
    Kind,
    Posting,
    check_words,
    debt_paid,
    ledger_instant,
    lock_account,
    lock_base_account,
    lot_terms,
    lots_to_spend,
    post,
    renewed_terms,
    replay,
)
from .standings import upgrade_tier

RENEWED_DAYS = 30


@transaction.atomic
def earn_points(
    *,
    member: Member,
    points: int,
    key: str,
    point_type: PointType | None = None,
    reason: str = "",
    is_held: bool = True,
    now: datetime | None = None,
) -> PointsEntry:
    """Give points of a kind (base unless named) by that kind's holding and expiry.

    `is_held=False` lets them be spent at once: no purchase could be sent back.

    A credit pays debt first; the rest opens a lot. Refused: points that are not positive, a key
    that was used for something else.
    """
    check_words(key=key, reason=reason)
    if not 0 < points <= MOST_POINTS:
        raise PointsNotPositive(points=points)
    account = lock_account(member, point_type) if point_type else lock_base_account(member)
    if replayed := replay(account, key=key, kind=Kind.EARN, points=points):
        return replayed
    entry = credit(
        account, kind=Kind.EARN, points=points, key=key, now=now, is_held=is_held, note=reason
    )
    upgrade_by_growth(entry, now=now)
    return entry


def upgrade_by_growth(entry: PointsEntry, *, now: datetime | None = None) -> None:
    """Growth points are a fact of tiers: raise the member at once when they satisfy one."""
    if entry.account.point_type.moves_tiers and entry.is_credit:
        upgrade_tier(member=entry.account.member, now=now)


def credit(
    account: PointsAccount,
    *,
    kind: PointsEntry.Kind,
    points: int,
    key: str,
    now: datetime | None = None,
    is_held: bool = True,
    note: str = "",
    operator: User | None = None,
) -> PointsEntry:
    """Post a credit that comes from no purchase to a locked account."""
    at = ledger_instant(account, now or clock.now())
    earned_on = clock.business_date(at)
    terms = lot_terms(
        account.point_type, account.member, earned_on=earned_on, at=at, is_held=is_held
    )
    posting = Posting(
        kind=kind,
        points=points,
        key=key,
        at=at,
        debt_change=-debt_paid(account, points),
        opens=terms,
        note=note,
        operator=operator,
    )
    return post(account, posting)


@transaction.atomic
def redeem_points(
    *, member: Member, points: int, key: str, reason: str = "", now: datetime | None = None
) -> PointsEntry:
    """Take spendable base points, soonest to expire first, then oldest.

    Refused: more than is spendable now, any redemption while there is debt, points that are not
    positive, a key that was used for something else.
    """
    check_words(key=key, reason=reason)
    if not 0 < points <= MOST_POINTS:
        raise PointsNotPositive(points=points)
    account = lock_base_account(member)
    if replayed := replay(account, key=key, kind=Kind.REDEEM, points=-points):
        return replayed
    if not account.is_spendable:
        raise NotSpendable(kind=account.point_type.name)
    if account.debt:
        raise DebtOutstanding(debt=account.debt)
    at = ledger_instant(account, now or clock.now())
    lots = lots_to_spend(account, points, at=at)
    takes = {lot.pk: taken for lot, taken in rules.take_in_order(lots, points)}
    posting = Posting(kind=Kind.REDEEM, points=-points, key=key, at=at, takes=takes, note=reason)
    return post(account, posting)


@transaction.atomic
def restore_points(
    *,
    redemption: PointsEntry,
    key: str,
    points: int | None = None,
    reason: str = "",
    operator: User | None = None,
    now: datetime | None = None,
) -> PointsEntry:
    """Give a redemption back, whole or in part, into the lots it was taken from.

    Latest-expiring lots first, with their original expiry. A lot that has expired or does so
    within 30 days gives its part to one new lot of 30 days. Debt is paid first. Refused: more
    than is left to give back, an entry that is no redemption, points that paid for a purchase (its
    refunds give them back), a key used for something else.
    """
    check_words(key=key, reason=reason)
    if redemption.kind != Kind.REDEEM:
        raise NotARedemption(kind=redemption.kind)
    payment = PointsPayment.objects.filter(entry=redemption).first()
    account = lock_account(redemption.account.member, redemption.account.point_type)
    if replayed := _replayed_restore(account, redemption, key, points):
        return replayed
    if payment and (paid_for := payment.purchases.first()):
        raise RedemptionPaidForPurchase(number=paid_for.external_id)
    still_open = LotAllocation.objects.still_open(redemption)
    left = sum(open_points for _allocation, open_points in still_open)
    asked = left if points is None else points
    if asked <= 0 and points is not None:
        raise PointsNotPositive(points=asked)
    if asked > left or left == 0:
        raise RestoreExceedsRedemption(left=left, asked=asked)
    posting = restoring(
        account,
        redemption,
        gives=latest_expiring_first(still_open, asked),
        key=key,
        at=ledger_instant(account, now or clock.now()),
        note=reason,
        operator=operator,
    )
    return post(account, posting)


def points_to_give_back(entry: PointsEntry) -> int:
    """How many points `restore_points` would give back of an entry: none of what is no redemption
    or paid for a purchase."""
    payment = PointsPayment.objects.filter(entry=entry).first()
    if entry.kind != Kind.REDEEM or (payment and payment.purchases.exists()):
        return 0
    return -entry.points - entry.restores.all().total()


def restore_rest(
    *,
    redemption: PointsEntry,
    key: str,
    reason: str = "",
    operator: User | None = None,
    now: datetime | None = None,
) -> PointsEntry:
    """Give back what nobody has given back of a redemption yet, by hand for example; the entry by
    which the last of it came back.

    Under the lock of its account. Refused: what `restore_points` refuses, but for nothing left.
    """
    last = redemption.restores.order_by("number").last()
    if last is not None and _took_the_rest(last, redemption):
        return last
    return restore_points(redemption=redemption, key=key, reason=reason, operator=operator, now=now)


def _replayed_restore(
    account: PointsAccount, redemption: PointsEntry, key: str, points: int | None
) -> PointsEntry | None:
    """The restore this key already made; a whole restore replays whatever was left then."""
    entry = PointsEntry.objects.filter(account=account, key=key).first()
    if entry is None:
        return None
    if entry.reverses_id != redemption.pk or points not in (None, entry.points):
        raise KeyReused(key=key)
    if points is None and not _took_the_rest(entry, redemption):
        raise KeyReused(key=key)
    return entry


def _took_the_rest(entry: PointsEntry, redemption: PointsEntry) -> bool:
    """Whether nothing of the redemption was left to give back after this restore."""
    until_then = redemption.restores.filter(number__lte=entry.number)
    return until_then.total() == -redemption.points


def restoring(
    account: PointsAccount,
    redemption: PointsEntry,
    *,
    gives: list[tuple[LotAllocation, int]],
    key: str,
    at: datetime,
    note: str = "",
    refund: Refund | None = None,
    breakdown: Mapping[str, Any] | None = None,
    operator: User | None = None,
) -> Posting:
    """What giving back does: debt is paid, lots near their end move on, the rest returns."""
    points = sum(given for _allocation, given in gives)
    soon = at + timedelta(days=RENEWED_DAYS)
    takes: dict[int, int] = {}
    for source, given in gives:
        expires_at = source.lot.expires_at
        if expires_at is not None and expires_at <= soon:
            takes[source.lot_id] = given
    owed = debt_paid(account, points)
    _pay_debt(takes, gives, owed)
    return Posting(
        kind=Kind.RESTORE,
        points=points,
        key=key,
        at=at,
        debt_change=-owed,
        takes=takes,
        gives=gives,
        opens=renewed_terms(at, RENEWED_DAYS),
        reverses=redemption,
        refund=refund,
        breakdown=breakdown or {},
        operator=operator,
        note=note,
    )


def _pay_debt(takes: dict[int, int], gives: list[tuple[LotAllocation, int]], owed: int) -> None:
    """Take what debt swallows out of the lots again, beyond what moves to the new lot."""
    moving = sum(takes.values())
    missing = max(0, owed - moving)
    for source, given in reversed(gives):
        free = given - takes.get(source.lot_id, 0)
        taken = min(free, missing)
        if taken:
            takes[source.lot_id] = takes.get(source.lot_id, 0) + taken
            missing -= taken


def latest_expiring_first(
    still_open: list[tuple[LotAllocation, int]], points: int
) -> list[tuple[LotAllocation, int]]:
    """How much of which redeem allocations to put back: of the latest-expiring lot first."""
    gives: list[tuple[LotAllocation, int]] = []
    missing = points
    in_order = sorted(still_open, key=lambda pair: _place(pair[0]))
    for allocation, open_points in in_order:
        given = min(open_points, missing)
        if given:
            gives.append((allocation, given))
            missing -= given
    return gives


def _place(allocation: LotAllocation) -> tuple[bool, float, int]:
    expires_at = allocation.lot.expires_at
    return (
        expires_at is not None,
        -expires_at.timestamp() if expires_at else 0.0,
        -allocation.lot_id,
    )
