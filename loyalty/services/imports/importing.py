"""The use case: a file of purchases becomes members, purchases, refunds and points."""

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.sql import execute_sql
from loyalty.errors import NoProgramme, UnknownFormat
from loyalty.models import EarningRule, PurchaseImport, StagedInvoice
from loyalty.presets import PRESETS

from .applying import apply_next
from .claims import hold, open_import, release
from .error_files import check_error_file, write_errors
from .formats import FORMATS
from .staging import Progress, drop_rows, stage


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
    a whole: an unknown format, a file that cannot be read, a file that somebody else is importing,
    and any file while no rule says what is earned. A bad row refuses its invoice, which goes into
    the error file.
    """
    chosen = FORMATS.get(form)
    if chosen is None:
        raise UnknownFormat(name=form, known=", ".join(FORMATS))
    if not EarningRule.objects.current().exists():
        raise NoProgramme(known=", ".join(PRESETS))
    if errors_path:
        check_error_file(errors_path, path)
    run = open_import(path, chosen)
    try:
        if run.status == PurchaseImport.Status.STAGING:
            stage(run, path, chosen, progress)
        _apply_all(run, progress, adopts_members=adopts_members)
        if run.errors and errors_path:
            write_errors(run, path, chosen, errors_path)
        _finish(run)
    finally:
        release(run)
    return run


def _apply_all(run: PurchaseImport, progress: Progress, *, adopts_members: bool) -> None:
    staged = StagedInvoice.objects.of_import(run)
    total = staged.count()
    analyzed = 0
    while apply_next(run, adopts_members=adopts_members):
        done = staged.exclude(status=StagedInvoice.Status.WAITING).count()
        progress(_("applying"), done, total)
        if done >= 2 * analyzed:
            # Whenever the tables have doubled, not after every batch.
            execute_sql("loyalty", "imports/analyze_facts", {})
            analyzed = done
    execute_sql("loyalty", "imports/analyze_facts", {})


@transaction.atomic
def _finish(run: PurchaseImport) -> None:
    hold(run)
    drop_rows(run)
    run.status, run.finished_at = PurchaseImport.Status.DONE, clock.now()
    run.save(update_fields=["status", "finished_at"])
