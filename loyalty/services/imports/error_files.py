"""The rows of refused invoices, to be mended and imported again."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from loyalty.errors import ErrorFileUnusable
from loyalty.models import PurchaseImport, StagedInvoice

from .formats import Format, identity_of
from .reading import records

BATCH = 500
ENDINGS = (".gz", ".csv")


def default_error_file(path: Path) -> Path:
    """In the current folder: the file's name and `.errors.csv`, which is never the file itself."""
    name = path.name
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return Path(f"{name}.errors.csv")


def check_error_file(errors_path: Path, path: Path) -> None:
    """Refuse, before anything is done, a place that is the input itself or takes no file."""
    reason = ""
    if errors_path.resolve() == path.resolve():
        reason = _("It is the file to import.")
    elif not errors_path.resolve().parent.is_dir():
        reason = _("There is no such folder.")
    elif errors_path.exists() and not errors_path.is_file():
        reason = _("It is no plain file.")
    elif errors_path.exists() and path.exists() and errors_path.samefile(path):
        reason = _("It is the file to import.")
    if reason:
        raise ErrorFileUnusable(file=str(errors_path), reason=reason)


def write_errors(run: PurchaseImport, path: Path, form: Format, errors_path: Path) -> None:
    """Write the rows of refused invoices, each with its number, its invoice's reason and the row
    that caused it.

    The file appears whole or not at all. Where it cannot be written, the import stays unfinished:
    run again, it does this only.
    """
    target = errors_path.resolve()
    partial = target.with_name(f".{run.token}.errors.part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["Row", "BadRow", "Reason", *form.columns])
            out.writerows(_refused_rows(run, path, form))
        partial.replace(target)
    except OSError as error:
        reason = _("%s. All else is done: run again with another --errors.") % error.strerror
        raise ErrorFileUnusable(file=str(errors_path), reason=reason) from error
    finally:
        partial.unlink(missing_ok=True)


def _refused_rows(run: PurchaseImport, path: Path, form: Format) -> Iterator[list[object]]:
    """By batches: the memory does not grow with what was refused."""
    refused = StagedInvoice.objects.of_import(run).filter(status=StagedInvoice.Status.REFUSED)
    source = records(path, form)
    while batch := list(islice(source, BATCH)):
        invoices = [identity_of(form, row, record)[0] for row, record in batch]
        found = refused.filter(number__in=set(invoices))
        reasons = {invoice.number: invoice for invoice in found}
        for (row, record), number in zip(batch, invoices, strict=True):
            if invoice := reasons.get(number):
                cells = [record[name] for name in form.columns]
                yield [row, invoice.reason_row, invoice.reason, *cells]
