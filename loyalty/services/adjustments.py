"""Correcting a balance by hand: at once within the limit, above it by maker and checkers."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Subquery

from common import clock
from loyalty import rules
from loyalty.errors import (
    AdjustmentDecidedOtherwise,
    AdjustmentNeedsApproval,
    AdjustmentNotWaiting,
    AdjustmentOfNothing,
    KeyReused,
    MakerCannotDecide,
    MakerMissing,
    OnlyTheMakerWithdraws,
    PointsNotPositive,
    ReasonMissing,
)
from loyalty.models import (
    AdjustmentApproval,
    AdjustmentRequest,
    ApprovalNote,
    PointsAccount,
    PointsEntry,
    PointType,
)
from members.models import Member, User

from .ledger import (
    MOST_POINTS,
    Kind,
    Posting,
    check_reason,
    check_words,
    ledger_instant,
    lock_account,
    post,
)
from .points import credit, upgrade_by_growth

Decision = AdjustmentApproval.Decision
Status = AdjustmentRequest.Status


@transaction.atomic
def request_adjustment(
    *,
    member: Member,
    points: int,
    key: str,
    reason: str,
    maker: User | None = None,
    point_type: PointType | None = None,
    now: datetime | None = None,
) -> AdjustmentRequest:
    """Ask for a correction: signed points of a kind (base unless named), a reason, a key.

    Up to the limit (`ADJUSTMENT_LIMIT`) it is posted at once; above it waits for an operator
    other than the maker, for two of them above `ADJUSTMENT_TWO_APPROVERS_ABOVE`. A credit pays
    debt first and is spendable at once. A debit takes live lots, soonest expiry first, then
    pending ones; it never makes debt. Refused: 0 points, no reason, nobody who asks above the
    limit, a debit of more than there is, a key that was used for something else.
    """
    check_words(key=key, reason=reason)
    if points == 0:
        raise AdjustmentOfNothing()
    if abs(points) > MOST_POINTS:
        raise PointsNotPositive(points=points)
    if not reason.strip():
        raise ReasonMissing()
    account = lock_account(member, point_type or PointType.objects.base())
    if asked_before := _replayed(account, key, points):
        return asked_before
    at = now or clock.now()
    request = AdjustmentRequest(
        account=account,
        points=points,
        reason=reason,
        key=key,
        maker=maker,
        limit_in_force=settings.ADJUSTMENT_LIMIT,
        two_approvers_above=max(settings.ADJUSTMENT_LIMIT, settings.ADJUSTMENT_TWO_APPROVERS_ABOVE),
        created_at=at,
    )
    if request.approvals_needed:
        _check_above_the_limit(request, at)
    else:
        request.entry = _post(request, account, key=key, at=at)
        request.status, request.closed_at = Status.POSTED, at
    request.save(force_insert=True)
    return request


@transaction.atomic
def adjust_points(
    *,
    member: Member,
    points: int,
    key: str,
    reason: str,
    operator: User | None = None,
    point_type: PointType | None = None,
    now: datetime | None = None,
) -> PointsEntry:
    """Correct a balance at once, by the rules of `request_adjustment`.

    Refused besides: more points than the limit, which needs somebody's approval.
    """
    request = request_adjustment(
        member=member,
        points=points,
        key=key,
        reason=reason,
        maker=operator,
        point_type=point_type,
        now=now,
    )
    if request.entry is None:
        raise AdjustmentNeedsApproval(limit=request.limit_in_force)
    return request.entry


@transaction.atomic
def approve_adjustment(
    *, request: AdjustmentRequest, checker: User, note: str = "", now: datetime | None = None
) -> AdjustmentRequest:
    """Say yes to a waiting request; the last yes that it needs posts it, once.

    Asked again by the same checker it changes nothing. Refused: the maker, a request that is not
    waiting, a checker who rejected it, a debit of more than there is by now, too long a note.
    """
    check_reason(note)
    request = AdjustmentRequest.objects.locked().get(pk=request.pk)
    decided = list(request.approvals.all())
    if _has_decided(decided, checker, Decision.APPROVE):
        return request
    _check_may_decide(request, checker)
    at = now or clock.now()
    _decide(request, checker, Decision.APPROVE, note=note, at=at)
    # A waiting request has no rejection: whoever decided before this one has approved.
    if len(decided) + 1 >= request.approvals_needed:
        account = lock_account(request.account.member, request.account.point_type)
        # A key of its own: the maker's may have made another entry while the request waited.
        request.entry = _post(request, account, key=f"adjustment:{request.pk}", at=at)
        _close(request, Status.POSTED, at)
    return request


@transaction.atomic
def reject_adjustment(
    *, request: AdjustmentRequest, checker: User, note: str, now: datetime | None = None
) -> AdjustmentRequest:
    """Say no to a waiting request, with a reason: nothing is posted, and one no is enough.

    Refused: the maker, a request that is not waiting, a checker who approved it, no reason or one
    that is too long.
    """
    check_reason(note)
    request = AdjustmentRequest.objects.locked().get(pk=request.pk)
    if _has_decided(list(request.approvals.all()), checker, Decision.REJECT):
        return request
    if not note.strip():
        raise ReasonMissing()
    _check_may_decide(request, checker)
    at = now or clock.now()
    _decide(request, checker, Decision.REJECT, note=note, at=at)
    _close(request, Status.REJECTED, at)
    return request


@transaction.atomic
def withdraw_adjustment(
    *, request: AdjustmentRequest, maker: User, now: datetime | None = None
) -> AdjustmentRequest:
    """Take a waiting request back. Refused: anyone but its maker, a request not waiting."""
    request = AdjustmentRequest.objects.locked().get(pk=request.pk)
    if request.maker_id != maker.pk:
        raise OnlyTheMakerWithdraws()
    if request.status == Status.WITHDRAWN:
        return request
    _check_waiting(request)
    _close(request, Status.WITHDRAWN, now or clock.now())
    return request


def _replayed(account: PointsAccount, key: str, points: int) -> AdjustmentRequest | None:
    """The request that this key already made; refused where it made something else."""
    # Both in one statement: the account is locked.
    asked = AdjustmentRequest.objects.filter(account=account, key=key)
    entries = PointsEntry.objects.filter(account=account, key=key)
    of_key = PointsAccount.objects.annotate(
        asked_id=Subquery(asked.values("pk")), has_entry=Exists(entries)
    )
    asked_id, has_entry = of_key.values_list("asked_id", "has_entry").get(pk=account.pk)
    if asked_id is None and not has_entry:
        return None
    request = asked.select_related("entry").first()
    if request is None or request.points != points:
        raise KeyReused(key=key)
    return request


def _check_above_the_limit(request: AdjustmentRequest, at: datetime) -> None:
    if request.maker is None:
        raise MakerMissing(limit=request.limit_in_force)
    # What cannot be taken now is refused now, not by whoever looks at it days later.
    _takes(request.account, request.points, ledger_instant(request.account, at))


def _has_decided(
    decided: list[AdjustmentApproval], checker: User, decision: AdjustmentApproval.Decision
) -> bool:
    """Whether the checker has said so already; refused where they said the opposite."""
    before = next((word for word in decided if word.checker_id == checker.pk), None)
    if before and before.decision != decision:
        raise AdjustmentDecidedOtherwise()
    return before is not None


def _check_may_decide(request: AdjustmentRequest, checker: User) -> None:
    _check_waiting(request)
    if request.maker_id == checker.pk:
        raise MakerCannotDecide()


def _check_waiting(request: AdjustmentRequest) -> None:
    if not request.is_waiting:
        raise AdjustmentNotWaiting(status=request.get_status_display())


def _decide(
    request: AdjustmentRequest,
    checker: User,
    decision: AdjustmentApproval.Decision,
    *,
    note: str,
    at: datetime,
) -> None:
    approval = AdjustmentApproval(request=request, checker=checker, decision=decision, at=at)
    approval.maker_id = request.maker_id  # type: ignore[assignment]  # above the limit it is known
    approval.save(force_insert=True)
    if note.strip():
        ApprovalNote.objects.create(approval=approval, text=note)


def _close(request: AdjustmentRequest, status: AdjustmentRequest.Status, at: datetime) -> None:
    request.status, request.closed_at = status, at
    request.save(update_fields=["status", "closed_at", "entry"])


def _post(
    request: AdjustmentRequest, account: PointsAccount, *, key: str, at: datetime
) -> PointsEntry:
    """Post what was asked for to its locked account, in the maker's name."""
    if request.points > 0:
        entry = credit(
            account,
            kind=Kind.ADJUST,
            points=request.points,
            key=key,
            now=at,
            is_held=False,
            note=request.reason,
            operator=request.maker,
        )
        upgrade_by_growth(entry, now=at)
        return entry
    at = ledger_instant(account, at)
    posting = Posting(
        kind=Kind.ADJUST,
        points=request.points,
        key=key,
        at=at,
        takes=_takes(account, request.points, at),
        operator=request.maker,
        note=request.reason,
    )
    return post(account, posting)


def _takes(account: PointsAccount, points: int, at: datetime) -> dict[int, int]:
    """What a debit takes from lots: live ones, soonest expiry first, then pending ones."""
    if points > 0 or not account.is_spendable:
        return {}
    lots = account.lots.unexpired(at).soonest_expiring()
    in_order = sorted(lots, key=lambda lot: lot.available_at > at)
    return {lot.pk: taken for lot, taken in rules.take_in_order(in_order, -points)}
