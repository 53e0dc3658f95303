"""Put a whole file into the staging tables and settle, set-wise, what is to be done."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common import clock
from common.jobs.owners import dead_among, this_owner
from common.money import minor_digits
from common.sql import execute_sql
from loyalty.errors import ImportUnderWay, UnreadableFile
from loyalty.models import PurchaseImport, StagedInvoice, StagedRow

from .formats import PRICE_DIGITS, QUANTITY_DIGITS, BadRow, Format
from .reading import fingerprint, records

BATCH = 20_000
# A holder on another host that has not been heard of for this long is taken for dead.
SILENCE = timedelta(minutes=15)
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


def open_import(path: Path, form: Format) -> PurchaseImport:
    """The unfinished import of this very file, or a new one; held by this process.

    Refused while another living process works on it.
    """
    digest = fingerprint(path)
    with transaction.atomic():
        run, _is_new = PurchaseImport.objects.select_for_update().get_or_create(
            source=form.name,
            sha256=digest,
            status__in=PurchaseImport.UNFINISHED,
            defaults={"file_name": path.name, "status": PurchaseImport.Status.STAGING},
        )
        is_held = run.owner not in ("", this_owner()) and not dead_among([run.owner])
        if is_held and run.touched_at > clock.now() - SILENCE:
            raise ImportUnderWay(file=path.name)
        run.owner, run.touched_at = this_owner(), clock.now()
        run.save(update_fields=["owner", "touched_at"])
    return run


def stage(run: PurchaseImport, path: Path, form: Format, progress: Progress) -> None:
    """Read the whole file into staging; a file that cannot be read leaves nothing behind.

    What an interrupted staging left is dropped first. Rows go in by batches, so that other
    writers get their turn.
    """
    discard(run)
    try:
        rows = 0
        staged = _staged_rows(run, path, form)
        while batch := list(islice(staged, BATCH)):
            with transaction.atomic():
                _write(batch)
            rows += len(batch)
            progress(_("reading"), rows, 0)
        if not rows:
            raise UnreadableFile(file=path.name, reason=_("There are no rows under its header."))
    except UnreadableFile:
        discard(run)
        run.delete()
        raise
    _settle(run)


@transaction.atomic
def _settle(run: PurchaseImport) -> None:
    """Take the rows together as invoices and refuse or skip what cannot be applied."""
    unit = 10 ** (PRICE_DIGITS + QUANTITY_DIGITS - minor_digits())
    execute_sql(
        "loyalty",
        "imports/group_invoices",
        {
            "run": run.pk,
            "unit": unit,
            "other": _("Not a sale or a refund: neither a number nor C and a number."),
            "no_number": _("There is no invoice number."),
            "two_customers": _("The invoice names more than one customer."),
            "negative": _("The invoice adds up to less than zero."),
        },
    )
    run.status = PurchaseImport.Status.APPLYING
    run.save(update_fields=["status"])


@transaction.atomic
def match_with_ledger(run: PurchaseImport, *, adopts_members: bool) -> None:
    """Settle which waiting invoices are recorded already, and which may not be.

    Refused: an invoice recorded with other contents, and a customer number that belongs to a
    member from another source, unless those members are to be adopted.
    """
    execute_sql(
        "loyalty",
        "imports/match_invoices",
        {
            "run": run.pk,
            "source": run.source,
            "conflict": _("It is already recorded with another amount, time or customer."),
            "foreign": _(
                "This customer number belongs to a member who did not come from this source: "
                "run again with --adopt-members if it is the same person."
            ),
            "adopts": int(adopts_members),
        },
    )
    found = StagedInvoice.objects.of_import(run)
    run.skipped = found.filter(status=StagedInvoice.Status.SKIPPED).count()
    run.errors = found.filter(status=StagedInvoice.Status.REFUSED).count()
    run.save(update_fields=["skipped", "errors"])


def discard(run: PurchaseImport) -> None:
    """Drop what was staged of a file."""
    execute_sql("loyalty", "imports/discard_staging", {"run": run.pk})


def drop_rows(run: PurchaseImport) -> None:
    """Drop the staged rows of a finished import; its invoices and their reasons stay."""
    execute_sql("loyalty", "imports/discard_rows", {"run": run.pk})


def _staged_rows(run: PurchaseImport, path: Path, form: Format) -> Iterator[tuple[Any, ...]]:
    for number, record in records(path, form):
        invoice, kind = form.identify(record)
        try:
            row = form.parse(record)
        except BadRow as error:
            yield (run.pk, number, invoice[:100], kind.value, "", None, "", "", 0, 0, str(error))
            continue
        yield (
            run.pk,
            number,
            row.invoice[:100],
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
