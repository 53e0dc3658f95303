"""The use case: a file of purchases becomes members, purchases, refunds and points."""

import csv
from pathlib import Path

from django.utils.translation import gettext as _

from common import clock
from loyalty.errors import UnknownFormat
from loyalty.models import PurchaseImport, StagedInvoice

from .applying import apply_next
from .formats import FORMATS, Format
from .reading import records
from .staging import Progress, drop_rows, match_with_ledger, open_import, stage


def import_purchases(
    *,
    path: Path,
    form: str,
    progress: Progress,
    adopts_members: bool = False,
    errors_path: Path | None = None,
) -> PurchaseImport:
    """Import a file: stage all of it, then apply its invoices in the order of what happened.

    Not one transaction: every batch stands by itself, so an import that was interrupted goes on
    where it stopped, and its counters tell of the whole. Repeated, it creates nothing. Refused as
    a whole: an unknown format and a file that cannot be read. A bad row refuses its invoice, which
    goes into the error file.
    """
    chosen = FORMATS.get(form)
    if chosen is None:
        raise UnknownFormat(name=form, known=", ".join(FORMATS))
    run = open_import(path, chosen)
    if run.status == PurchaseImport.Status.STAGING:
        stage(run, path, chosen, progress)
    match_with_ledger(run, adopts_members=adopts_members)
    run = _apply_all(run, progress)
    if run.errors and errors_path:
        write_errors(run, path, chosen, errors_path)
    drop_rows(run)
    run.status, run.finished_at, run.owner = PurchaseImport.Status.DONE, clock.now(), ""
    run.save(update_fields=["status", "finished_at", "owner"])
    return run


def _apply_all(run: PurchaseImport, progress: Progress) -> PurchaseImport:
    staged = StagedInvoice.objects.of_import(run)
    total = staged.count()
    done = total - staged.filter(status=StagedInvoice.Status.WAITING).count()
    while applied := apply_next(run.pk):
        run = applied
        done = staged.exclude(status=StagedInvoice.Status.WAITING).count()
        progress(_("applying"), done, total)
    run.refresh_from_db()
    return run


def write_errors(run: PurchaseImport, path: Path, form: Format, errors_path: Path) -> None:
    """Write the rows of refused invoices, each with its number, its invoice's reason and the row
    that caused it, so that they can be mended and imported again."""
    refused = StagedInvoice.objects.of_import(run).filter(status=StagedInvoice.Status.REFUSED)
    reasons = {invoice.number: invoice for invoice in refused}
    with errors_path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Row", "BadRow", "Reason", *form.columns])
        for row, record in records(path, form):
            invoice = reasons.get(form.identify(record)[0][:100])
            if invoice:
                cells = [record[name] for name in form.columns]
                out.writerow([row, invoice.reason_row, invoice.reason, *cells])
