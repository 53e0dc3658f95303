"""Writing around the services as the database's owner: nothing refuses, the proof must find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from common.append_only import drop_triggers
from common.proof import configured_checks, prove

Row = tuple[str, int, str, object, object]


def broken() -> dict[str, list[Row]]:
    """What `verify_ledger` finds: per broken check, each row and what of it is wrong."""
    return {
        finding.check.id: sorted(
            (row.subject, row.id, row.what, row.expected, row.found) for row in finding.sample
        )
        for finding in prove(configured_checks())
        if not finding.is_clean
    }


def overwrite(row: models.Model, **values: Any) -> None:
    """Change columns of a written row, append-only or not; the test's rollback mends all."""
    _settle()
    drop_triggers(connection)
    type(row)._default_manager.filter(pk=row.pk).update(**values)


@contextmanager
def unchecked(model: type[models.Model], *constraints: str) -> Iterator[None]:
    """Let rows in that checks or conditional unique constraints of a table would refuse."""
    _settle()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        for constraint in model._meta.constraints:
            if constraint.name in constraints:
                _drop(cursor, model, constraint)
    try:
        yield
    finally:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def _drop(cursor: Any, model: type[models.Model], constraint: models.BaseConstraint) -> None:
    if isinstance(constraint, models.UniqueConstraint):
        cursor.execute(f'DROP INDEX "{constraint.name}"')
    elif connection.vendor == "postgresql":
        cursor.execute(f'ALTER TABLE {model._meta.db_table} DROP CONSTRAINT "{constraint.name}"')


def stand_in(model: type[models.Model]) -> None:
    """Put a bare copy in a table's place: SQLite cannot drop a plain unique constraint.

    Both databases look a table up among the temporary ones first.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}")


def _settle() -> None:
    """PostgreSQL alters no table while checks of foreign keys are still to come."""
    connection.check_constraints()
