"""What the loyalty app forgets of a member: every text, and the points with an entry."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from common import clock
from loyalty.models import (
    AdjustmentRequest,
    ApprovalNote,
    EntryNote,
    LotChangeNote,
    MemberMultiplier,
    PointsAccount,
    PointsEntry,
    PurchaseLine,
    RefundLine,
    StagedInvoice,
    StagedRow,
    TierOverride,
)
from members.models import ErasureRequest, Member

from .ledger import Kind, Posting, post

ERASURE_KEY = "erasure:"


def withdraw_adjustments(*, member: Member, at: datetime) -> None:
    """Close adjustments that wait: nobody decides about a member who is gone.

    Runs before anything that locks the accounts, which approvals lock after their request.
    """
    waiting = AdjustmentRequest.objects.locked().filter(
        account__member=member, status=AdjustmentRequest.Status.WAITING
    )
    for request in waiting.order_by("pk"):
        request.status, request.closed_at = AdjustmentRequest.Status.WITHDRAWN, at
        request.save(update_fields=["status", "closed_at"])


def forget_holdings(*, member: Member, at: datetime) -> None:
    """Close every account with an entry, end lifts, and remove every free text.

    What stays: ledger, purchases and refunds, tier changes, with their amounts and dates. Safe to
    repeat: an account that holds nothing gets no entry.
    """
    for account in PointsAccount.objects.for_member(member).locked():
        forfeit_all(account, at=at)
    _end_lifts(member, at)
    _forget_notes(member)
    _forget_lines(member)
    _forget_imports(member)


def forfeit_all(account: PointsAccount, *, at: datetime) -> list[PointsEntry]:
    """Take all that a locked account holds, pending points too, and write off all that it owes."""
    entries = []
    if account.balance:
        lots = account.lots.filter(remaining__gt=0)
        entries.append(
            _forfeit(
                account,
                points=-account.balance,
                takes=dict(lots.order_by("pk").values_list("pk", "remaining")),
                at=at,
            )
        )
    if account.debt:
        entries.append(
            _forfeit(account, points=account.debt, debt_change=-account.debt, takes={}, at=at)
        )
    return entries


def accounts_to_close(first_member_id: int, last_member_id: int) -> list[PointsAccount]:
    """Accounts of erased members that hold or owe something since, as locks.

    A refund of a purchase from before gives points back, or takes back what is not there.
    """
    found = PointsAccount.objects.in_range(first_member_id, last_member_id).filter(
        ~Q(balance=0) | ~Q(debt=0), ErasureRequest.objects.all().erased()
    )
    return list(found.select_related("point_type", "member").locked())


@transaction.atomic
def close_accounts(*, first_member_id: int, last_member_id: int, at: datetime) -> int:
    """Forfeit what erased members of a range came to hold or owe since; gives how many points."""
    accounts = accounts_to_close(first_member_id, last_member_id)
    return sum(
        -entry.points
        for account in accounts
        for entry in forfeit_all(account, at=at)
        if entry.points < 0
    )


def _forfeit(
    account: PointsAccount,
    *,
    points: int,
    takes: dict[int, int],
    at: datetime,
    debt_change: int = 0,
) -> PointsEntry:
    posting = Posting(
        kind=Kind.FORFEIT,
        points=points,
        debt_change=debt_change,
        # The number of the entry: an account is closed again where something came later.
        key=f"{ERASURE_KEY}{account.entry_count + 1}",
        at=clock.ledger_instant(at, account.last_entry_at),
        takes=takes,
    )
    return post(account, posting)


def _end_lifts(member: Member, at: datetime) -> None:
    lifts = TierOverride.objects.filter(member=member)
    lifts.filter(revoked_at__isnull=True, ends_at__gt=at).update(revoked_at=at)
    lifts.update(reason="", revoke_reason="")
    multipliers = MemberMultiplier.objects.filter(member=member)
    multipliers.filter(starts_at__lt=at, ends_at__gt=at).update(ends_at=at)
    multipliers.update(name_en="", name_zh="")


def _forget_notes(member: Member) -> None:
    EntryNote.objects.filter(entry__account__member=member).delete()
    LotChangeNote.objects.filter(change__lot__account__member=member).delete()
    ApprovalNote.objects.filter(approval__request__account__member=member).delete()
    AdjustmentRequest.objects.filter(account__member=member).update(reason="")


def _forget_lines(member: Member) -> None:
    """What a till wrote about articles: engravings and gift cards name people."""
    PurchaseLine.objects.filter(purchase__member=member).exclude(description="").update(
        description=""
    )
    RefundLine.objects.filter(refund__member=member).exclude(description="").update(description="")


def _forget_imports(member: Member) -> None:
    """The shop's own number, where files that were imported named it."""
    if member.external_number is None:
        return
    StagedInvoice.objects.filter(customer=member.external_number).update(customer="")
    StagedRow.objects.filter(customer=member.external_number).update(customer="")
