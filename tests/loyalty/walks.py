"""Walks of the state machines: the same few in the suite, any number at random when asked."""

import os
from collections import Counter
from collections.abc import Set
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

MOST_ROUNDS = 6
# PostgreSQL's rounds are so many times shorter and as many times more at most: it stops sooner once
# it has met all. What the rules come to is the same on both; its own SQL is met in any round.
SHORTER = 3


def walk(
    machine: type[RuleBasedStateMachine],
    *,
    examples: int,
    steps: int,
    variable: str,
    seen: Counter[str],
    must_happen: Set[str],
) -> None:
    """Let a machine walk so many examples, and insist that it has met all that must happen.

    Hypothesis mixes the constants of every module that happens to be loaded into what it draws:
    which tests run beside this one decides what a seed meets. So an event that a round misses gets
    further rounds, of other seeds; an event that none of them meets is missing. `variable` names
    the environment's word for a walk of that many examples, at random.
    """
    seen.clear()
    asked = os.environ.get(variable)
    cut = SHORTER if connection.vendor == "postgresql" else 1
    found: dict[str, Any] = {
        "max_examples": int(asked or examples // cut),
        "stateful_step_count": steps,
    }
    for number in range(1 if asked else MOST_ROUNDS * cut):
        run_state_machine_as_test(
            machine if asked else seed(number)(machine),
            settings=settings(
                **found,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if must_happen <= set(+seen):
            break
    assert must_happen - set(+seen) == set()
