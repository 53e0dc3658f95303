"""`manage.py import_purchases FILE --format NAME`: purchases from a file."""

import json
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DomainError
from loyalty.models import PurchaseImport, StagedInvoice
from loyalty.services.imports.error_files import default_error_file
from loyalty.services.imports.formats import FORMATS
from loyalty.services.imports.importing import import_purchases

SHOWN_ERRORS = 20
SECONDS_BETWEEN_LINES = 2.0


class Command(BaseCommand):
    help = (
        "Import purchases and refunds from a file (CSV, plain or gzipped). Safe to repeat, and to "
        "run again after an interruption. The last line is a summary in JSON."
    )

    _told_at = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, help=f"One of: {', '.join(FORMATS)}.")
        parser.add_argument(
            "--errors",
            type=Path,
            help="Where to write refused invoices (default: here, FILE's name with .errors.csv in "
            "place of .csv).",
        )
        parser.add_argument(
            "--adopt-members",
            action="store_true",
            help="Take a customer number for the member who has it, wherever they joined.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        errors_path = options["errors"] or default_error_file(path)
        try:
            run = import_purchases(
                path=path,
                form=options["format"],
                progress=self._tell_progress,
                adopts_members=options["adopt_members"],
                errors_path=errors_path,
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._tell_outcome(run, errors_path)
        self.stdout.write(json.dumps(run.summary()))
        invoices = StagedInvoice.objects.of_import(run)
        if not invoices.exclude(status=StagedInvoice.Status.REFUSED).exists():
            raise CommandError("Nothing in this file could be imported.")

    def _tell_progress(self, what: str, done: int, total: int) -> None:
        """One line that moves on a terminal; elsewhere a line every few seconds."""
        is_terminal = self.stderr.isatty()
        is_last = bool(total) and done >= total
        if not is_terminal and not is_last and monotonic() - self._told_at < SECONDS_BETWEEN_LINES:
            return
        self._told_at = monotonic()
        text = f"{what}: {done:,} of {total:,}" if total else f"{what}: {done:,} rows"
        start, end = ("\r", "\n" if is_last else "") if is_terminal else ("", "\n")
        self.stderr.write(f"{start}{text}", ending=end)

    def _tell_outcome(self, run: PurchaseImport, errors_path: Path) -> None:
        invoices = StagedInvoice.objects.of_import(run)
        told = invoices.filter(
            status__in=[StagedInvoice.Status.REFUSED, StagedInvoice.Status.SKIPPED]
        ).order_by("first_row")
        for invoice in told[:SHOWN_ERRORS]:
            row = invoice.reason_row or invoice.first_row
            number = invoice.number.strip() or "–"
            status = invoice.get_status_display().lower()
            self.stderr.write(f"row {row}: invoice {number} {status}: {invoice.reason}")
        hidden = told.count() - SHOWN_ERRORS
        if hidden > 0:
            self.stderr.write(f"… and {hidden:,} more.")
        if run.errors:
            self.stderr.write(f"Refused invoices are in {errors_path}.")
        known = invoices.filter(status=StagedInvoice.Status.KNOWN).count()
        if known:
            self.stderr.write(f"{known:,} invoices were recorded already.")
