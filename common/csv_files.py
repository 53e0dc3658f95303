"""Tables as CSV files for spreadsheets, which must not take a text for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# What begins a formula, also in the full-width forms that Chinese input methods type.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_response(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A download `<name>.csv`, written row by row: memory does not grow with it.

    Numbers stay numbers, texts that look like formulas stay texts. It begins with the mark by
    which spreadsheets know UTF-8.
    """
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The text of the file, a row at a time."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield str(writer.writerow([harmless(cell) for cell in row]))


def harmless(cell: object) -> object:
    """A text that a spreadsheet would compute, with an apostrophe before it; all else as it is."""
    if isinstance(cell, str) and (cell.startswith(_BREAKS) or cell.lstrip().startswith(_FORMULA)):
        return f"'{cell}"
    return "" if cell is None else cell
