"""How many statements a use case sends while it holds an account's lock."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

MOST_UNDER_A_LOCK = 9


def under_the_lock(act: Callable[[], object]) -> list[str]:
    """The statements from the account's lock to the end of the use case's transaction.

    Inside a test the use case's own transaction is a savepoint: what ends it stands for COMMIT,
    which is not counted, nor is the statement that takes the lock.
    """
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    statements = [query["sql"] for query in captured.captured_queries]
    assert statements[-1].startswith("RELEASE SAVEPOINT")
    locks = [number for number, sql in enumerate(statements) if _takes_the_lock(sql)]
    assert locks, statements
    return statements[locks[-1] + 1 : -1]


def _takes_the_lock(sql: str) -> bool:
    # SQLite has no FOR UPDATE: the same SELECT, in the order of locking.
    return (
        sql.startswith("SELECT")
        and 'FROM "loyalty_pointsaccount"' in sql
        and 'ORDER BY "loyalty_pointsaccount"."id" ASC' in sql
    )
