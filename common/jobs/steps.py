"""Steps of a night: what they are and where the configured ones come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import update_wrapper

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

Counts = dict[str, int]
StepFunction = Callable[[date, int, int], Counts]
Population = Callable[[int], Iterator[tuple[int, int]]]
Earliest = Callable[[], date | None]

Figures = dict[str, int | str | None]

WHOLE = (0, 0)


@dataclass(frozen=True)
class Verdict:
    """What a guard says of a step's run for a date: let it through or hold it, by which figures.

    `figures` are whole numbers, and dates as ISO text; operators read them by their names in
    `NIGHTLY_COUNT_NAMES`.
    """

    holds: bool
    figures: Figures


Guard = Callable[[date], Verdict]


class Step:
    """One thing that a night does, callable like the function it was made of.

    The function takes (business_date, first_member_id, last_member_id), both ends included, and
    returns counts for people to read. The runner opens the transaction; the function must be safe
    to run again for the same date.

    `guard_path` names the function that is asked before a run of the step begins (None: nobody
    is asked). `is_latest_only` says that the step tells of its own night, so that an operator may
    run it again only for the last date.
    """

    def __init__(self, function: StepFunction, *, is_ranged: bool) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name: str = function.__name__
        self.is_ranged = is_ranged
        self.guard_path: str | None = None
        self.is_latest_only = False

    @property
    def guard(self) -> Guard | None:
        """The function that is asked before a run begins, looked up by its path."""
        if self.guard_path is None:
            return None
        guard: Guard = import_string(self.guard_path)
        return guard

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


def guarded(path: str) -> Callable[[Step], Step]:
    """Have a step's runs wait for a guard, a function of the business date that gives a Verdict.

    The last part of the path is the guard's name in the ledger.
    """

    def put_guard(step: Step) -> Step:
        step.guard_path = path
        return step

    return put_guard


def latest_only(step: Step) -> Step:
    """Mark a step that tells of its own night: it is not run again once a later date has run."""
    step.is_latest_only = True
    return step


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
