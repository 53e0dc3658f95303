"""All that is known of a member as files for programs and spreadsheets, written while sent."""

import json
from collections.abc import Iterable, Iterator, Sequence
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from common import clock
from common.csv_files import csv_lines
from members.member_data import DataTable, configured_tables, ids_of_person
from members.models import Member

FORMAT = 1
# Sent once so much is together: a row alone is too little for a packet.
CHUNK = 64 * 1024


def member_json(member: Member) -> Iterator[str]:
    """One JSON object: about the file, then each table as a list of its rows by column.

    One query for each table, whatever it holds; memory does not grow with the rows. What members
    left who were merged into this one is in it.
    """
    return _gathered(_json_parts(member))


def _json_parts(member: Member) -> Iterator[str]:
    about = {
        "format": FORMAT,
        "programme": settings.PROGRAMME_NAME,
        "currency": settings.PROGRAMME_CURRENCY,
        "time_zone": settings.PROGRAMME_TIMEZONE,
        "written_at": clock.now(),
    }
    people = ids_of_person(member)
    yield f'{{"about": {_json(about)},\n"tables": {{'
    for number, table in enumerate(configured_tables()):
        yield f"{',' if number else ''}\n{_json(table.name)}: ["
        for place, row in enumerate(table.rows(people)):
            yield f"{',' if place else ''}\n{_json(dict(zip(table.columns, row, strict=True)))}"
        yield "]"
    yield "\n}}\n"


def member_csv_zip(member: Member) -> Iterator[bytes]:
    """An archive with a CSV for each table that holds something, formulas made harmless."""
    sink, people = _Sink(), ids_of_person(member)
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for table in configured_tables():
            yield from _zipped(archive, sink, table, people)
    yield sink.taken()


def _zipped(
    archive: ZipFile, sink: "_Sink", table: DataTable, people: Sequence[int]
) -> Iterator[bytes]:
    rows = table.rows(people)
    first = next(rows, None)
    if first is None:
        return
    info = ZipInfo(f"{table.name}.csv", clock.now().astimezone(clock.zone()).timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    with archive.open(info, "w") as file:
        for line in csv_lines(_cells(table, first, rows)):
            file.write(line.encode())
            if sink.size >= CHUNK:
                yield sink.taken()


def _cells(
    table: DataTable, first: tuple[object, ...], rows: Iterable[tuple[object, ...]]
) -> Iterator[list[object]]:
    yield list(table.columns)
    yield [_cell(value) for value in first]
    for row in rows:
        yield [_cell(value) for value in row]


def _cell(value: object) -> object:
    """Lists and objects as JSON; instants as they are written in JSON."""
    if isinstance(value, dict | list):
        return _json(value)
    if hasattr(value, "isoformat"):
        return str(_json(value)).strip('"')
    return value


def _json(value: object) -> str:
    return json.dumps(value, cls=_Encoder, ensure_ascii=False)


class _Encoder(DjangoJSONEncoder):
    """Amounts and instants as text, and what else has a text: phone numbers."""

    def default(self, o: object) -> object:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


class _Sink:
    """A file that cannot be wound back and gives away what was written to it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        data = b"".join(self._parts)
        self._parts, self.size = [], 0
        return data


def _gathered(parts: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= CHUNK:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)
