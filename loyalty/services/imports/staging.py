"""Put a whole file into the staging tables and settle, set-wise, what is to be done."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.money import minor_digits
from common.sql import execute_sql
from loyalty.errors import UnreadableFile
from loyalty.models import PurchaseImport, StagedInvoice, StagedRow

from .claims import hold
from .formats import PRICE_DIGITS, QUANTITY_DIGITS, BadRow, Format, identity_of
from .reading import records

BATCH = 20_000
LONGEST_REASON = 300
COLUMNS = (
    "run_id",
    "row",
    "invoice",
    "kind",
    "customer",
    "at",
    "sku",
    "description",
    "quantity",
    "unit_price",
    "error",
)

Progress = Callable[[str, int, int], None]


def stage(run: PurchaseImport, path: Path, form: Format, progress: Progress) -> None:
    """Read the whole file into staging; a file that cannot be read leaves nothing behind.

    What an interrupted staging left is dropped first. Rows go in by batches, so that other
    writers get their turn.
    """
    _discard(run)
    try:
        rows = 0
        staged = _staged_rows(run, path, form)
        while batch := list(islice(staged, BATCH)):
            with transaction.atomic():
                hold(run)
                _write(batch)
            rows += len(batch)
            progress(_("reading"), rows, 0)
        if not rows:
            raise UnreadableFile(file=path.name, reason=_("There are no rows under its header."))
    except UnreadableFile:
        with transaction.atomic():
            _discard(run)
            run.delete()
        raise
    _settle(run)


@transaction.atomic
def _settle(run: PurchaseImport) -> None:
    """Take the rows together as invoices and refuse or skip what cannot be applied."""
    hold(run)
    unit = 10 ** (PRICE_DIGITS + QUANTITY_DIGITS - minor_digits())
    execute_sql(
        "loyalty",
        "imports/group_invoices",
        {
            "run": run.pk,
            "unit": unit,
            "too_large": _("The rows of this invoice add up to more than can be recorded."),
            "other": _("Not a sale or a refund: neither a number nor C and a number."),
            "no_number": _("There is no invoice number."),
            "two_customers": _("The invoice names more than one customer."),
            "negative": _("The invoice adds up to less than zero."),
        },
    )
    run.status = PurchaseImport.Status.APPLYING
    count_outcomes(run)
    run.save(update_fields=["status", "skipped", "errors"])


def count_outcomes(run: PurchaseImport) -> None:
    """Count what was refused and skipped up to now; the caller saves it."""
    found = StagedInvoice.objects.of_import(run)
    run.skipped = found.filter(status=StagedInvoice.Status.SKIPPED).count()
    run.errors = found.filter(status=StagedInvoice.Status.REFUSED).count()


def drop_rows(run: PurchaseImport) -> None:
    """Drop the staged rows of a finished import; its invoices and their reasons stay."""
    execute_sql("loyalty", "imports/discard_rows", {"run": run.pk})


@transaction.atomic
def _discard(run: PurchaseImport) -> None:
    hold(run)
    execute_sql("loyalty", "imports/discard_staging", {"run": run.pk})


def _staged_rows(run: PurchaseImport, path: Path, form: Format) -> Iterator[tuple[Any, ...]]:
    for number, record in records(path, form):
        try:
            row = form.parse(record)
        except BadRow as error:
            invoice, kind = identity_of(form, number, record)
            reason = str(error)[:LONGEST_REASON]
            yield (run.pk, number, invoice, kind.value, "", None, "", "", 0, 0, reason)
            continue
        yield (
            run.pk,
            number,
            row.invoice,
            row.kind.value,
            row.customer,
            row.at,
            row.sku,
            row.description,
            row.quantity,
            row.unit_price,
            "",
        )


def _write(batch: list[tuple[Any, ...]]) -> None:
    """COPY on PostgreSQL, one prepared INSERT for all rows on SQLite."""
    table = connection.ops.quote_name(StagedRow._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(name) for name in COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            return
        adapt = connection.ops.adapt_datetimefield_value
        marks = ", ".join(["%s"] * len(COLUMNS))
        # Names come from the model and from COLUMNS above, never from a file.
        insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
        cursor.executemany(
            insert,
            [(*row[:5], adapt(row[5]), *row[6:]) for row in batch],
        )
