"""Run the set-based statements that live in files, on both databases.

``<app>/sql/<name>.sql`` holds one or more statements, each ended by ``;`` at the end of a line,
with parameters written ``%(name)s`` (a literal percent sign is ``%%``). On PostgreSQL a twin
``<name>.postgresql.sql`` is preferred where there is one. A line ``-- include <name>`` stands for
the text of that file of the same folder: a part that several statements share.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper

_END_OF_STATEMENT = re.compile(r";[ \t]*$", re.MULTILINE)
_INCLUDE = "-- include "


def execute_sql(app_label: str, name: str, params: Mapping[str, object]) -> list[int]:
    """Run every statement of a file and give how many rows each wrote, in order.

    Opens no transaction: the caller holds the one that these statements belong to. Amounts are
    passed in minor units (``to_minor``), a datetime must be aware.
    """
    adapted = _adapt(params)
    with connection.cursor() as cursor:
        return [_run(cursor, statement, adapted) for statement in _statements(app_label, name)]


def run_script(app_label: str, name: str) -> None:
    """Run every statement of a file that takes no parameters; on PostgreSQL in one round trip.

    Opens no transaction: the caller holds the one that these statements belong to.
    """
    statements = _statements(app_label, name)
    at_once = [";\n".join(statements)] if connection.vendor == "postgresql" else statements
    with connection.cursor() as cursor:
        for text in at_once:
            cursor.execute(text.replace("%%", "%"))


def execute_many_sql(app_label: str, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Run the one statement of a file for each of many rows, in as few round trips as can be."""
    (statement,) = _statements(app_label, name)
    if adapted := [_adapt(row) for row in rows]:
        with connection.cursor() as cursor:
            cursor.executemany(statement, adapted)


def fetch_sql(app_label: str, name: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Run the one SELECT of a file and give all of its rows."""
    (statement,) = _statements(app_label, name)
    with connection.cursor() as cursor:
        cursor.execute(statement, _adapt(params))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_last(app_label: str, name: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Run every statement of a file and give all rows of the last one, a SELECT.

    Opens no transaction: the caller holds the one that these statements belong to.
    """
    adapted = _adapt(params)
    with connection.cursor() as cursor:
        for statement in _statements(app_label, name):
            cursor.execute(statement, adapted)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_first(
    app_label: str, name: str, params: Mapping[str, object], *, limit: int
) -> tuple[int, list[tuple[Any, ...]]]:
    """Run the one SELECT of a file: how many rows it has, and the first `limit` (at least 1)."""
    (statement,) = _statements(app_label, name)
    counted = f"SELECT whole.*, COUNT(*) OVER () FROM (\n{statement}\n) AS whole LIMIT {limit:d}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(counted, _adapt(params))
        rows = cursor.fetchall()
    return (rows[0][-1] if rows else 0), [row[:-1] for row in rows]


def to_instant(value: datetime | None) -> datetime | None:
    """An instant as `fetch_…` gave it, aware on both databases: SQLite names no zone, it is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _statements(app_label: str, name: str) -> tuple[str, ...]:
    folder = Path(apps.get_app_config(app_label).path) / "sql"
    return _read(folder, name, connection.vendor)


@cache
def _read(folder: Path, name: str, vendor: str) -> tuple[str, ...]:
    parts = _END_OF_STATEMENT.split("\n".join(_lines(folder, name, vendor)))
    return tuple(part.strip() for part in parts if part.strip())


def _lines(folder: Path, name: str, vendor: str) -> Iterator[str]:
    twin = folder / f"{name}.{vendor}.sql"
    text = (twin if twin.exists() else folder / f"{name}.sql").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith(_INCLUDE):
            yield from _lines(folder, line.removeprefix(_INCLUDE).strip(), vendor)
        # Whole-line comments go: a semicolon or a percent sign in prose must not count.
        elif not line.lstrip().startswith("--"):
            yield line


def _run(cursor: CursorWrapper, statement: str, params: dict[str, Any]) -> int:
    cursor.execute(statement, params)
    if cursor.rowcount < 0 and statement[:4].upper() == "WITH":
        # Python's sqlite3 does not count the rows of a write that begins with WITH.
        cursor.execute("SELECT changes()")
        return int(cursor.fetchone()[0])
    return int(cursor.rowcount)


def _adapt(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: _adapt_value(value) for name, value in params.items()}


def _adapt_value(value: object) -> Any:
    """Write dates and instants the way Django stores them, so that they compare correctly."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("A naive datetime has no place in the database.")
            return connection.ops.adapt_datetimefield_value(value)
        case date():
            return connection.ops.adapt_datefield_value(value)
        case None | bool() | int() | str():
            return value
        case Decimal() | float():
            raise TypeError("Pass amounts in minor units: SQLite would compare a decimal as text.")
        case _:
            raise TypeError(f"{type(value).__name__} is no parameter for SQL.")
