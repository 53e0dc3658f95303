"""Apply staged invoices in the order of what happened, by batches that stand or fall whole."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.money import minor_digits
from common.sql import execute_sql
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    Purchase,
    PurchaseImport,
    Refund,
    StagedInvoice,
)
from loyalty.services.clawback import claims_of, claw_back
from loyalty.services.earning import earn_for_purchase, occasion_of
from loyalty.services.ledger import lock_accounts
from loyalty.services.programme import Programme
from loyalty.services.standings import note_late_facts
from members.models import Member
from members.services import NewMember, register_members

from .claims import hold
from .formats import PRICE_DIGITS, QUANTITY_DIGITS
from .staging import count_outcomes

BATCH = 500


@transaction.atomic
def apply_next(run: PurchaseImport, *, adopts_members: bool = False) -> bool:
    """Settle the next batch of waiting invoices in one transaction; False when none is left.

    Facts are posted as of the instant at which they happened, and no tier moves: the next night
    reviews them. Files are applied a batch of one after a batch of another, and each batch is
    compared with what is recorded by then, so that two files may hold the same invoices.
    """
    _take_turn(run)
    invoices = list(StagedInvoice.objects.waiting(run, BATCH))
    if not invoices:
        return False
    if _match(run, invoices[-1].position, adopts_members=adopts_members):
        waiting = StagedInvoice.objects.waiting(run)
        invoices = list(waiting.filter(position__lte=invoices[-1].position))
    if invoices:
        _apply(run, invoices)
    run.save(update_fields=[*PurchaseImport.COUNTERS])
    return True


def _take_turn(run: PurchaseImport) -> None:
    """Lock every import that applies now, and go on from what ours has counted."""
    applying = PurchaseImport.objects.filter(status=PurchaseImport.Status.APPLYING)
    list(applying.select_for_update().order_by("pk").values_list("pk"))
    hold(run)
    run.refresh_from_db()


def _match(run: PurchaseImport, last_position: int, *, adopts_members: bool) -> bool:
    """Settle which invoices are recorded already, and which may not be; whether there are any.

    Refused: an invoice recorded with other contents, and a customer number that belongs to a
    member from another source, unless those members are to be adopted.
    """
    settled = execute_sql(
        "loyalty",
        "imports/match_invoices",
        {
            "run": run.pk,
            "source": run.source,
            "last_position": last_position,
            "conflict": _("It is already recorded with another amount, time or customer."),
            "foreign": _(
                "This customer number belongs to a member who did not come from this source: "
                "run again with --adopt-members if it is the same person."
            ),
            "adopts": int(adopts_members),
        },
    )
    if any(settled):
        count_outcomes(run)
    return any(settled)


def _apply(run: PurchaseImport, invoices: Sequence[StagedInvoice]) -> None:
    programme = Programme.current()
    members = _members_of(run, invoices)
    purchases = _insert_purchases(run, invoices, members)
    refunds = _insert_refunds(run, invoices, members)
    _insert_lines(run, invoices)
    accounts = _lock_accounts(members, programme)
    for invoice in invoices:
        entries = _post(invoice, purchases, refunds, accounts, programme)
        _count(run, invoice, entries)
    note_late_facts(_earliest_facts(invoices, members))
    applied = StagedInvoice.objects.filter(pk__in=[invoice.pk for invoice in invoices])
    applied.update(status=StagedInvoice.Status.APPLIED)


def _members_of(run: PurchaseImport, invoices: Sequence[StagedInvoice]) -> dict[str, Member]:
    """Members by customer number; those not known yet join with their first invoice."""
    joined: dict[str, datetime | None] = {}
    for invoice in invoices:
        if invoice.customer:
            joined.setdefault(invoice.customer, invoice.at)
    found = Member.objects.filter(external_number__in=joined)
    members = {str(member.external_number): member for member in found}
    new: list[NewMember] = [
        {"source": run.source, "external_number": number, "joined_at": at}
        for number, at in joined.items()
        if number not in members
    ]
    for member in register_members(new) if new else []:
        members[str(member.external_number)] = member
    run.members_created += len(new)
    return members


def _insert_purchases(
    run: PurchaseImport, invoices: Sequence[StagedInvoice], members: dict[str, Member]
) -> dict[str, Purchase]:
    rows = [
        Purchase(
            source=run.source,
            external_id=invoice.number,
            member=members.get(invoice.customer),
            at=invoice.happened_at,
            business_date=clock.business_date(invoice.happened_at),
            amount=invoice.amount,
        )
        for invoice in invoices
        if invoice.kind == StagedInvoice.Kind.PURCHASE
    ]
    return {row.external_id: row for row in Purchase.objects.bulk_create(rows)}


def _insert_refunds(
    run: PurchaseImport, invoices: Sequence[StagedInvoice], members: dict[str, Member]
) -> dict[str, Refund]:
    rows = [
        Refund(
            source=run.source,
            external_id=invoice.number,
            member=members.get(invoice.customer),
            at=invoice.happened_at,
            business_date=clock.business_date(invoice.happened_at),
            amount=invoice.amount,
        )
        for invoice in invoices
        if invoice.kind == StagedInvoice.Kind.REFUND
    ]
    return {row.external_id: row for row in Refund.objects.bulk_create(rows)}


def _insert_lines(run: PurchaseImport, invoices: Sequence[StagedInvoice]) -> None:
    params = {
        "run": run.pk,
        "source": run.source,
        "unit": 10 ** (PRICE_DIGITS + QUANTITY_DIGITS - minor_digits()),
        "last_position": invoices[-1].position,
    }
    execute_sql("loyalty", "imports/insert_purchase_lines", params)
    execute_sql("loyalty", "imports/insert_refund_lines", params)


def _lock_accounts(
    members: dict[str, Member], programme: Programme
) -> dict[int, list[PointsAccount]]:
    """The accounts of a batch's members, locked once, by member."""
    by_member: dict[int, list[PointsAccount]] = {}
    ids = [member.pk for member in members.values()]
    for account in lock_accounts(ids, programme.earned_types):
        by_member.setdefault(account.member_id, []).append(account)
    return by_member


def _post(
    invoice: StagedInvoice,
    purchases: dict[str, Purchase],
    refunds: dict[str, Refund],
    accounts: dict[int, list[PointsAccount]],
    programme: Programme,
) -> list[PointsEntry]:
    now = invoice.happened_at
    if invoice.kind == StagedInvoice.Kind.PURCHASE:
        purchase = purchases[invoice.number]
        held = accounts.get(purchase.member_id or 0, [])
        occasion = occasion_of(purchase, programme)
        return earn_for_purchase(purchase, occasion, held, programme, now=now)
    refund = refunds[invoice.number]
    held = accounts.get(refund.member_id or 0, [])
    return claw_back(refund, claims_of(refund, programme), held, programme, now=now)


def _count(run: PurchaseImport, invoice: StagedInvoice, entries: Sequence[PointsEntry]) -> None:
    """Add an invoice to the summary; points are those that purchases of money give."""
    run.guests += not invoice.customer
    points = sum(abs(entry.points) for entry in entries if entry.account.is_spendable)
    if invoice.kind == StagedInvoice.Kind.PURCHASE:
        run.purchases += 1
        run.points_earned += points
    else:
        run.refunds += 1
        run.points_clawed_back += points


def _earliest_facts(
    invoices: Sequence[StagedInvoice], members: dict[str, Member]
) -> dict[int, datetime]:
    facts: dict[int, datetime] = {}
    for invoice in invoices:
        if invoice.customer:
            facts.setdefault(members[invoice.customer].pk, invoice.happened_at)
    return facts
