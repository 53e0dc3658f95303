"""Earning and redeeming online, by eight clients, against pgbench."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock

from . import books, floors, sizes
from .contest import compete
from .processes import race
from .report import Figure, Report

pytestmark = pytest.mark.bench

AT_LEAST = 0.3


@pytest.fixture(name="variables", scope="module")
def variables_fixture(report: Report) -> dict[str, int]:
    """Members whose points live for long; what pgbench must know of them."""
    kind = books.build(sizes.ONLINE_MEMBERS, first_end=clock.today() + timedelta(days=100))
    return {"members": sizes.ONLINE_MEMBERS, "kind": kind.pk}


@pytest.mark.parametrize("name", ["earn", "redeem"])
def test_keeps_up_with_the_same_statements(
    name: str, report: Report, variables: dict[str, int]
) -> None:
    contest = compete(sizes.ROUNDS, {"floor": pgbench(name, variables), "services": services(name)})
    report.add(
        Figure(
            name=f"{name}_points, {sizes.CLIENTS} clients",
            floor=contest.median("floor"),
            median=contest.median("services"),
            unit="/s",
            ratio=contest.ratio("services", "floor"),
            at_least=AT_LEAST,
            note="floor: pgbench, the same statements, each a round trip",
        )
    )


def pgbench(name: str, variables: dict[str, int]) -> Callable[[int], float]:
    def rate(number: int) -> float:
        books.settle()
        return floors.rate_of(
            name, clients=sizes.CLIENTS, seconds=sizes.SECONDS, variables=variables
        )

    return rate


def services(name: str) -> Callable[[int], float]:
    def rate(number: int) -> float:
        books.settle()
        command = ["tests.bench.client", name]
        seeds = range(number * sizes.CLIENTS, (number + 1) * sizes.CLIENTS)
        _seconds, told = race([[*command, str(seed), str(sizes.SECONDS)] for seed in seeds])
        return sum(client["done"] / client["seconds"] for client in told)

    return rate
