"""Steps of a night: what they are and where the configured ones come from."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import update_wrapper

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

Counts = dict[str, int]
StepFunction = Callable[[date, int, int], Counts]
Population = Callable[[int], Iterator[tuple[int, int]]]
Earliest = Callable[[], date | None]

WHOLE = (0, 0)


class Step:
    """One thing that a night does, callable like the function it was made of.

    The function takes (business_date, first_member_id, last_member_id), both ends included, and
    returns counts for people to read. The runner opens the transaction; the function must be safe
    to run again for the same date.
    """

    def __init__(self, function: StepFunction, *, is_ranged: bool) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name: str = function.__name__
        self.is_ranged = is_ranged

    def __call__(self, business_date: date, first_member_id: int, last_member_id: int) -> Counts:
        return self.function(business_date, first_member_id, last_member_id)

    def __repr__(self) -> str:
        return f"<Step {self.name}>"


def ranged_step(function: StepFunction) -> Step:
    """Mark a function as a step over facts of members: any range of them, even one."""
    return Step(function, is_ranged=True)


def whole_step(function: StepFunction) -> Step:
    """Mark a function as a step that cannot be cut: it runs once per date, for (0, 0)."""
    return Step(function, is_ranged=False)


def nightly_steps() -> list[Step]:
    """The steps of a night in order; the ledger knows each by its function's name."""
    steps = [_load_step(path) for path in settings.NIGHTLY_STEPS]
    names = [step.name for step in steps]
    for name in names:
        if names.count(name) > 1:
            raise ImproperlyConfigured(f"NIGHTLY_STEPS holds two steps named {name}.")
    return steps


def step_named(name: str) -> Step:
    """The configured step of that name."""
    for step in nightly_steps():
        if step.name == name:
            return step
    raise ImproperlyConfigured(f"NIGHTLY_STEPS holds no step named {name}.")


def ranges_of(*, is_ranged: bool) -> Iterator[tuple[int, int]]:
    """The stretches of member ids that a step is cut into now; none when there are no members."""
    if not is_ranged:
        return iter([WHOLE])
    return _population()(settings.NIGHTLY_RANGE_SIZE)


def has_members() -> bool:
    """Whether there is anybody for whom a night could run."""
    return next(_population()(settings.NIGHTLY_RANGE_SIZE), None) is not None


def earliest_night() -> date | None:
    """The first date that the first night ever may have; None when anything may be."""
    earliest: Earliest = import_string(settings.NIGHTLY_EARLIEST)
    return earliest()


def _load_step(path: str) -> Step:
    step = import_string(path)
    if not isinstance(step, Step):
        raise ImproperlyConfigured(
            f"{path} in NIGHTLY_STEPS is neither a ranged_step nor a whole_step."
        )
    return step


def _population() -> Population:
    population: Population = import_string(settings.NIGHTLY_POPULATION)
    return population
