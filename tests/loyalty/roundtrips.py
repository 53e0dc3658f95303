"""How many statements a use case sends while it holds an account's lock."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

MOST_UNDER_A_LOCK = 9


def under_the_lock(act: Callable[[], object]) -> list[str]:
    """The statements from the account's lock to the end of the use case's transaction."""
    return behind(_locks_the_account, act)


def behind(is_lock: Callable[[str], bool], act: Callable[[], object]) -> list[str]:
    """The statements from a lock to the end of the use case's transaction.

    Inside a test the use case's own transaction is a savepoint: what ends it stands for COMMIT,
    which is not counted, nor is the statement that takes the lock.
    """
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is in the process, nothing travels: run under tests.postgres")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    statements = [query["sql"] for query in captured.captured_queries]
    assert statements[-1].startswith("RELEASE SAVEPOINT")
    locks = [number for number, sql in enumerate(statements) if is_lock(sql)]
    assert locks, statements
    return statements[locks[-1] + 1 : -1]


def _locks_the_account(sql: str) -> bool:
    return "loyalty_pointsaccount" in sql and "FOR UPDATE" in sql
