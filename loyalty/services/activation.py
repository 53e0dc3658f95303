"""Pending points that an operator lets be spent before their time."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from common import clock
from loyalty.errors import ActivationReasonMissing, LotNotPending, NothingPending
from loyalty.models import LotChange, LotChangeNote, PointsAccount, PointsLot
from members.models import Member, User

from .ledger import check_reason
from .lot_changes import change_instant

Cause, Field = LotChange.Cause, LotChange.Field


@transaction.atomic
def activate_lot(
    *, lot: PointsLot, operator: User, reason: str, now: datetime | None = None
) -> LotChange:
    """Let a pending lot be spent from now on; its end stays. Writes no entry.

    Doing it again gives the first change back. Refused: no reason, and a lot that is not pending.
    """
    _check(reason)
    (account,) = PointsAccount.objects.filter(pk=lot.account_id).locked()
    known = LotChange.objects.filter(lot=lot, cause=Cause.ACTIVATED).first()
    if known:
        return known
    at = change_instant(account, now or clock.now())
    pending = account.lots.pending(at).filter(pk=lot.pk).first()
    if pending is None:
        raise LotNotPending()
    (change,) = _activate(account, [pending], operator=operator, reason=reason, at=at)
    return change


@transaction.atomic
def activate_pending(
    *, member: Member, operator: User, reason: str, now: datetime | None = None
) -> list[LotChange]:
    """Let everything that a member has pending be spent from now on.

    Refused: no reason, and where nothing is pending (so doing it twice has one effect).
    """
    _check(reason)
    changes: list[LotChange] = []
    moment = now or clock.now()
    for account in PointsAccount.objects.filter(member=member, is_spendable=True).locked():
        at = change_instant(account, moment)
        lots = list(account.lots.pending(at).order_by("id"))
        changes += _activate(account, lots, operator=operator, reason=reason, at=at)
    if not changes:
        raise NothingPending()
    return changes


def _check(reason: str) -> None:
    if not reason.strip():
        raise ActivationReasonMissing()
    check_reason(reason)


def _activate(
    account: PointsAccount,
    lots: Sequence[PointsLot],
    *,
    operator: User,
    reason: str,
    at: datetime,
) -> list[LotChange]:
    changes = LotChange.objects.bulk_create(
        LotChange(
            lot=lot,
            field=Field.AVAILABLE_AT,
            before=lot.available_at,
            after=at,
            points=lot.remaining,
            at=at,
            after_entry=account.entry_count,
            cause=Cause.ACTIVATED,
            operator=operator,
        )
        for lot in lots
    )
    LotChangeNote.objects.bulk_create(
        LotChangeNote(change=change, text=reason) for change in changes
    )
    PointsLot.objects.filter(pk__in=[lot.pk for lot in lots]).update(
        available_at=at, activated_on=clock.business_date(at)
    )
    return changes
