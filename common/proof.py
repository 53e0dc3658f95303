"""Proof of the books: statements that must hold, each one query that returns what breaks it.

An app lists its checks in a sequence; `LEDGER_CHECKS` names the sequences of every app in order.
Reads only: what is found is told, never mended.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django_stubs_ext import StrOrPromise

from common.sql import fetch_first

SAMPLE = 10


def _no_params() -> Mapping[str, object]:
    return {}


@dataclass(frozen=True)
class Check:
    """One statement and the SQL file whose rows break it.

    The file gives the columns of `Violation` in their order. `params` is called for each run.
    """

    id: str
    statement: StrOrPromise
    app_label: str
    sql: str
    params: Callable[[], Mapping[str, object]] = _no_params


@dataclass(frozen=True)
class Violation:
    """One row that breaks a statement: which, what of it, what it should be and what it is.

    `account` is None where the row belongs to no points account.
    """

    subject: str
    id: int
    account: int | None
    what: str
    expected: Any
    found: Any


@dataclass(frozen=True)
class Finding:
    """What one check found: how many rows break it, the first of them, and how long it took."""

    check: Check
    violations: int
    sample: tuple[Violation, ...]
    seconds: float

    @property
    def is_clean(self) -> bool:
        return not self.violations


def configured_checks() -> list[Check]:
    """The checks of every app, in the order of `LEDGER_CHECKS`; an id belongs to one check."""
    checks: list[Check] = []
    for path in settings.LEDGER_CHECKS:
        checks.extend(import_string(path))
    ids = [check.id for check in checks]
    for known in ids:
        if ids.count(known) > 1:
            raise ImproperlyConfigured(f"LEDGER_CHECKS holds two checks with the id {known}.")
    return checks


def prove(checks: Iterable[Check], *, sample: int = SAMPLE) -> Iterator[Finding]:
    """Run each check and tell what it found, with at most `sample` of the rows."""
    for check in checks:
        started = time.perf_counter()
        violations, rows = fetch_first(check.app_label, check.sql, check.params(), limit=sample)
        yield Finding(
            check=check,
            violations=violations,
            sample=tuple(Violation(*row) for row in rows),
            seconds=time.perf_counter() - started,
        )
