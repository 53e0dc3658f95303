"""Statements in files: split, given parameters, counted, and the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from common.sql import execute_sql, fetch_sql
from tests.common.sample import Sample, sample_table

NOON = datetime(2025, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def folder(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for statements, in the place of common's own."""
    monkeypatch.setattr(apps.get_app_config("common"), "path", str(tmp_path))
    (tmp_path / "sql").mkdir()
    with sample_table():
        yield tmp_path / "sql"


def quantities() -> list[int]:
    return list(Sample.objects.order_by("id").values_list("quantity", flat=True))


def test_runs_each_statement_and_counts_its_rows(folder: Path) -> None:
    (folder / "move.sql").write_text(
        """-- Half of it; 50% in prose; is no statement;
        INSERT INTO tests_sample (quantity, fee) VALUES (%(first)s, 0), (2, 0), (3, 0);
        UPDATE tests_sample SET quantity = quantity + %(step)s  -- in place
        WHERE quantity >= 2;

        DELETE FROM tests_sample WHERE quantity > 1000;
        -- Nothing follows.
        """
    )
    assert execute_sql("common", "move", {"first": 1, "step": 10, "unused": None}) == [3, 2, 0]
    assert quantities() == [1, 12, 13]


def test_puts_shared_parts_in_their_places(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "numbers.sql").write_text("-- Two; of them.\nnumbers AS (SELECT 2 AS n)\n")
    (folder / "parts" / f"more.{connection.vendor}.sql").write_text(", more AS (SELECT 3 AS n)\n")
    (folder / "sum.sql").write_text(
        "WITH\n-- include parts/numbers\n-- include parts/more\n"
        "SELECT numbers.n + more.n + %(one)s FROM numbers, more;\n"
    )
    assert fetch_sql("common", "sum", {"one": 1}) == [(6,)]


def test_keeps_semicolons_and_percent_signs_inside_a_statement(folder: Path) -> None:
    (folder / "text.sql").write_text("SELECT 'a;b', '100%%', %(name)s;\n")
    assert fetch_sql("common", "text", {"name": "x"}) == [("a;b", "100%", "x")]


def test_counts_a_write_that_begins_with_with(folder: Path) -> None:
    Sample.objects.bulk_create([Sample(quantity=number) for number in (1, 2, 3)])
    (folder / "with.sql").write_text(
        """WITH many AS (SELECT id FROM tests_sample WHERE quantity >= %(least)s)
        UPDATE tests_sample SET quantity = 0 WHERE id IN (SELECT id FROM many);
        WITH none AS (SELECT id FROM tests_sample WHERE quantity > 1000)
        DELETE FROM tests_sample WHERE id IN (SELECT id FROM none);"""
    )
    assert execute_sql("common", "with", {"least": 2}) == [2, 0]
    assert quantities() == [1, 0, 0]


def test_compares_instants_and_days_as_django_stores_them(folder: Path) -> None:
    step = timedelta(microseconds=1)
    for number, at in enumerate((NOON - step, NOON, NOON + step)):
        Sample.objects.create(quantity=number, at=at, on=date(2025, 3, 14 + number))
    (folder / "due.sql").write_text(
        'SELECT quantity FROM tests_sample WHERE at <= %(cutoff)s AND "on" <= %(day)s ORDER BY id;'
    )
    elsewhere = NOON.astimezone(timezone(timedelta(hours=8)))
    for cutoff in (NOON, elsewhere):
        rows = fetch_sql("common", "due", {"cutoff": cutoff, "day": date(2025, 3, 16)})
        assert rows == [(0,), (1,)]
    before = fetch_sql("common", "due", {"cutoff": NOON - step, "day": date(2025, 3, 16)})
    assert before == [(0,)]
    assert fetch_sql("common", "due", {"cutoff": NOON, "day": date(2025, 3, 14)}) == [(0,)]


def test_writes_instants_and_days_that_django_reads(folder: Path) -> None:
    (folder / "write.sql").write_text(
        'INSERT INTO tests_sample (quantity, fee, at, "on") VALUES (1, 0, %(at)s, %(on)s);'
    )
    execute_sql("common", "write", {"at": NOON, "on": date(2024, 2, 29)})
    row = Sample.objects.get()
    assert (row.at, row.on) == (NOON, date(2024, 2, 29))


def test_prefers_the_twin_of_the_database_at_hand(folder: Path) -> None:
    (folder / "twin.sql").write_text("SELECT 'any';")
    (folder / "twin.postgresql.sql").write_text("SELECT 'postgresql';")
    expected = "postgresql" if connection.vendor == "postgresql" else "any"
    assert fetch_sql("common", "twin", {}) == [(expected,)]


@pytest.mark.parametrize(
    "value", [Decimal("1.00"), 1.5, b"x", [1], {"a": 1}], ids=lambda value: type(value).__name__
)
def test_refuses_values_that_databases_read_differently(folder: Path, value: object) -> None:
    (folder / "one.sql").write_text("SELECT %(value)s;")
    with pytest.raises(TypeError):
        fetch_sql("common", "one", {"value": value})


def test_refuses_a_naive_instant(folder: Path) -> None:
    (folder / "one.sql").write_text("SELECT %(value)s;")
    with pytest.raises(ValueError, match="naive"):
        fetch_sql("common", "one", {"value": NOON.replace(tzinfo=None)})


def test_fetches_from_one_statement_only(folder: Path) -> None:
    (folder / "two.sql").write_text("SELECT 1;\nSELECT 2;\n")
    with pytest.raises(ValueError, match="too many values"):
        fetch_sql("common", "two", {})
