"""Tables as CSV files for spreadsheets, which must not take a text for a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

# What begins a formula, also in the full-width forms that Chinese input methods type.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


def csv_response(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download `<name>.csv`; numbers stay numbers, texts that look like formulas stay texts."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Spreadsheets know UTF-8 by this mark only.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return response


def harmless(cell: object) -> object:
    """A text that a spreadsheet would compute, with an apostrophe before it; all else as it is."""
    if isinstance(cell, str) and (cell.startswith(_BREAKS) or cell.lstrip().startswith(_FORMULA)):
        return f"'{cell}"
    return "" if cell is None else cell
