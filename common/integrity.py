"""Which constraint the database has just enforced, told alike on both databases."""

import re

from django.db import IntegrityError, models

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)$")
_SQLITE_NAMED = re.compile(r"(?:CHECK constraint failed: |UNIQUE constraint failed: index ')(\w+)")


def broken_constraint(error: IntegrityError, model: type[models.Model]) -> str | None:
    """The name of the constraint of `model` that was broken; None when it is another table's.

    PostgreSQL names it. SQLite names checks and unique indexes, but tells only the columns of a
    plain unique constraint.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        is_ours = diagnosis.table_name == model._meta.db_table
        return diagnosis.constraint_name if is_ours else None
    message = str(error)
    if named := _SQLITE_NAMED.search(message):
        ours = {constraint.name for constraint in model._meta.constraints}
        return named[1] if named[1] in ours else None
    if unique := _SQLITE_UNIQUE.search(message):
        return _unique_over(model, unique["columns"].split(", "))
    return None


def _unique_over(model: type[models.Model], columns: list[str]) -> str | None:
    table = model._meta.db_table
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            fields = [model._meta.get_field(name) for name in constraint.fields]
            if [f"{table}.{field.column}" for field in fields] == columns:  # type: ignore[union-attr]
                return constraint.name
    return None
