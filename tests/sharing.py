"""One world for all tests of a module: built once, and as it was again after each test.

The world is built inside a transaction that stays open for the module; what a test changes goes
with the savepoint around it, also where it drops triggers or constraints. So every test of such
a module finds the world there, and none of them may ask for `transactional_db` or a live server.
Objects in memory are not rolled back: a fixture of the module hands each test a deep copy.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

World = TypeVar("World")


def shared(build: Callable[[], World]) -> Callable[[None, DjangoDbBlocker], Iterator[World]]:
    """A fixture of the module that it is assigned in: what `build` makes, once."""

    @pytest.fixture(scope="module")
    def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
        around = transaction.atomic()
        # As Django's own test cases have it: inside, a transaction may call itself the outermost.
        around._from_testcase = True
        with django_db_blocker.unblock():
            around.__enter__()
        try:
            with django_db_blocker.unblock():
                built = build()
            yield built
        finally:
            with django_db_blocker.unblock():
                transaction.set_rollback(True)
                around.__exit__(None, None, None)

    return world
