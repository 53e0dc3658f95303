"""Triggers by which both databases refuse to change what is written once.

They stand on the table of every model that derives from ``AppendOnly`` (known by its attribute:
this module is imported before models may be). They are put back after
each migration: altering a field on SQLite rebuilds its table and drops them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Warning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

_FUNCTION = "common_refuse_change"
# An integrity error on both databases, so that callers see one exception.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""
_EVENTS = {"postgresql": ("change", "truncate"), "sqlite": ("update", "delete")}
_TEMPLATES = {
    "change": (
        "CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()"
    ),
    "truncate": (
        "CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
    ),
    "update": (
        "CREATE TRIGGER {name} BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{plain} is append-only: UPDATE is refused'); END"
    ),
    "delete": (
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{plain} is append-only: DELETE is refused'); END"
    ),
}
_POSTGRESQL_PRESENT = """
SELECT pg_trigger.tgname FROM pg_trigger
JOIN pg_class ON pg_class.oid = pg_trigger.tgrelid
WHERE NOT pg_trigger.tgisinternal AND pg_trigger.tgenabled IN ('O', 'A')
  AND pg_class.relnamespace = current_schema()::regnamespace
"""
_SQLITE_PRESENT = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def append_only_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables of append-only models that exist in this database, by name."""
    existing = set(connection.introspection.table_names())
    return sorted({model._meta.db_table for model in _models()} & existing)


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Put every missing trigger in place. Safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for table, event in missing_triggers(connection):
            # A disabled trigger counts as missing, and stands in the way of a new one.
            cursor.execute(_drop_statement(connection, table, event))
            cursor.execute(_create_statement(connection, table, event))


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Lift every trigger, for a test database that must be emptied."""
    with connection.cursor() as cursor:
        for table, event in _expected(connection, append_only_tables(connection)):
            cursor.execute(_drop_statement(connection, table, event))


def missing_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Which (table, event) has no working trigger."""
    with connection.cursor() as cursor:
        is_postgresql = connection.vendor == "postgresql"
        cursor.execute(_POSTGRESQL_PRESENT if is_postgresql else _SQLITE_PRESENT)
        present = {row[0] for row in cursor.fetchall()}
    expected = _expected(connection, append_only_tables(connection))
    return [(table, event) for table, event in expected if _name(table, event) not in present]


def check_triggers(
    *,
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """Report tables that can be rewritten although they must not be (tag: database).

    Warnings, not errors: ``migrate`` runs this check first, and it is also what mends them.
    """
    return [
        message for alias in databases or [] for message in _check_connection(connections[alias])
    ]


def _check_connection(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    for table, event in missing_triggers(connection):
        yield Warning(
            f"The append-only table {table} has no trigger {_name(table, event)}.",
            hint="Run manage.py migrate, which puts the triggers back.",
            id="common.W001",
        )
    if connection.vendor == "sqlite" and not _sqlite_fires_on_replace(connection):
        yield Warning(
            "SQLite would let INSERT OR REPLACE rewrite append-only rows.",
            hint="Add PRAGMA recursive_triggers=ON to the database's init_command.",
            id="common.W002",
        )


def _sqlite_fires_on_replace(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        return bool(cursor.fetchone()[0])


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if getattr(model, "is_append_only", False) and not model._meta.proxy:
            yield model


def _expected(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[tuple[str, str]]:
    return [(table, event) for table in tables for event in _EVENTS[connection.vendor]]


def _name(table: str, event: str) -> str:
    return f"{table}_append_only_{event}"


def _drop_statement(connection: BaseDatabaseWrapper, table: str, event: str) -> str:
    quote = connection.ops.quote_name
    on_table = f" ON {quote(table)}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {quote(_name(table, event))}{on_table}"


def _create_statement(connection: BaseDatabaseWrapper, table: str, event: str) -> str:
    quote = connection.ops.quote_name
    return _TEMPLATES[event].format(
        name=quote(_name(table, event)), table=quote(table), plain=table
    )
