"""Steps that write one row per member and date, and the members that they are for.

The table has no unique constraint on purpose: doing something twice shows as two rows.
"""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection

from common.jobs.steps import Counts, Verdict, guarded, latest_only, ranged_step, whole_step

TABLE = "test_effects"
CREATE = f"CREATE TABLE {TABLE} (step varchar(80), business_date date, member_id bigint)"
DROP = f"DROP TABLE IF EXISTS {TABLE}"


@dataclass
class World:
    members: int = 30
    # What the guard of `spend` finds; it lets 100 through.
    price: int = 0
    is_guard_broken: bool = False


world = World()
# What ran in this process, in order, whether or not it was committed.
calls: list[tuple[str, date, int]] = []
# Members whose range raises an error; a test takes them out again.
cursed: set[int] = set()
# For a step to wait in the middle of its range.
gate = threading.Event()
entered = threading.Event()


def population(size: int) -> Iterator[tuple[int, int]]:
    """Members 1 to `world.members`."""
    for first in range(1, world.members + 1, size):
        yield first, min(first + size - 1, world.members)


@ranged_step
def greet(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    return write("greet", business_date, first_member_id, last_member_id)


@ranged_step
def reward(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    return write("reward", business_date, first_member_id, last_member_id)


@whole_step
def summarise(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    return write("summarise", business_date, first_member_id, last_member_id)


@ranged_step
def linger(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Wait inside the transaction until the gate opens, once effects are written."""
    counts = write("linger", business_date, first_member_id, last_member_id)
    entered.set()
    assert gate.wait(timeout=20)
    return counts


@ranged_step
def hold(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """As `linger`, for another process: while the file `hold` is there, say so and wait."""
    counts = write("hold", business_date, first_member_id, last_member_id)
    folder = Path(os.environ["TEST_FOLDER"])
    deadline = time.monotonic() + 60
    while (folder / "hold").exists():
        (folder / "inside").touch()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return counts


def frugal(business_date: date) -> Verdict:
    if world.is_guard_broken:
        with connection.cursor() as cursor:
            cursor.execute("SELECT price FROM nowhere")
    return Verdict(holds=world.price > 100, figures={"price": world.price})


@guarded("tests.nights.steps.frugal")
@ranged_step
def spend(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    return write("spend", business_date, first_member_id, last_member_id)


@latest_only
@whole_step
def announce(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    return write("announce", business_date, first_member_id, last_member_id)


@ranged_step
def meet(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Wait inside the transaction until another process is inside a range of the step too."""
    counts = write("meet", business_date, first_member_id, last_member_id)
    folder = Path(os.environ["TEST_FOLDER"])
    (folder / f"met-{os.getpid()}").touch()
    deadline = time.monotonic() + 60
    while len(list(folder.glob("met-*"))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return counts


@ranged_step
def cut_off(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """PostgreSQL ends our own connection, the first time."""
    counts = write("cut_off", business_date, first_member_id, last_member_id)
    if len(calls) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return counts


def write(step: str, business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    calls.append((step, business_date, first_member_id))
    members = range(first_member_id, last_member_id + 1)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} VALUES (%s, %s, %s)",
            [(step, business_date.isoformat(), member) for member in members],
        )
    if cursed & set(members):
        raise RuntimeError("A cursed member.")
    return {"members": len(members)}


def effects() -> list[tuple[str, str, int]]:
    """Every row written: (step, date, member), sorted."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT step, business_date, member_id FROM {TABLE} ORDER BY 2, 1, 3")
        return [(step, str(day), member) for step, day, member in cursor.fetchall()]
