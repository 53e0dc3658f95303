"""Threads that begin together, each on a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")

DEADLINE = 30


def all_at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """What each of these returned, in their order; whatever one raises is raised here."""
    barrier = threading.Barrier(len(acts))

    def begin(act: Callable[[], Result]) -> Result:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=DEADLINE)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        futures = [pool.submit(begin, act) for act in acts]
        return [future.result(timeout=DEADLINE) for future in futures]


def outcome(act: Callable[[], object], *refusals: type[Exception]) -> Callable[[], str]:
    """The same act, telling how it ended: "done", or the name of the refusal that it met."""

    def told() -> str:
        try:
            act()
        except refusals as refusal:
            return type(refusal).__name__
        return "done"

    return told
