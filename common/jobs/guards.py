"""Guards: what must look right, or be confirmed by an operator, before a night goes on.

A step names its guard by dotted path; it is asked once, when the run's turn comes, and its word is
kept. A run that is held keeps its night: no later step and no later date begins before an operator
confirms. A guard that fails holds too, with its error for the figures; it alone is asked again each
time, so that it lets go by itself once it works. Too many nights owed is the other guard; it holds
nights that are not opened yet.
"""

import logging
import traceback
from collections.abc import Mapping
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from common import clock
from common.models import GuardCheck, GuardConfirmation, JobRun, JobStatus

from .claims import is_busy
from .dates import DATE_JUMP, Backlog, backlog
from .errors import NothingToConfirm
from .steps import Figures, Guard, Verdict, step_named

logger = logging.getLogger(__name__)

# The one figure of a guard that failed: the last line of its traceback.
ERROR = "error"
MOST_ERROR = 500


def ask_guard(run: JobRun) -> None:
    """Ask the guard of a run whose turn has come, unless it has answered; `run` is refreshed."""
    if run.is_cleared or _has_answered(run):
        return
    _ask(run)
    run.refresh_from_db()


@transaction.atomic(durable=True)
def _ask(run: JobRun) -> None:
    row = JobRun.objects.select_for_update().get(pk=run.pk)
    if row.is_cleared or _has_answered(row):
        return
    guard = step_named(row.step).guard
    if guard is None:
        _clear(row)
        return
    verdict, error = _verdict(guard, row.business_date)
    known = held_check(row)
    if known is None or known.figures != verdict.figures:
        _keep(row, guard.__name__, verdict)
        if verdict.holds:
            words = (row, guard.__name__, verdict.figures)
            logger.error("%s is held by %s: %s.", *words, exc_info=error)
    if not verdict.holds:
        _clear(row)
        return
    row.status = JobStatus.HELD
    row.save(update_fields=["status"])


def _has_answered(run: JobRun) -> bool:
    """Whether the guard that holds a run has looked at it, rather than failed."""
    check = held_check(run)
    return check is not None and ERROR not in check.figures


def _verdict(guard: Guard, business_date: date) -> tuple[Verdict, Exception | None]:
    """What a guard says. One that fails holds: what nobody looked at does not go on unasked."""
    try:
        with transaction.atomic():
            return guard(business_date), None
    except Exception as error:  # a guard may fail in any way
        if is_busy(error):
            raise
        last_line = traceback.format_exception_only(error)[-1].strip()
        return Verdict(holds=True, figures={ERROR: last_line[:MOST_ERROR]}), error


def _keep(run: JobRun, name: str, verdict: Verdict) -> None:
    GuardCheck.objects.create(
        name=name,
        business_date=run.business_date,
        run=run,
        holds=verdict.holds,
        figures=verdict.figures,
    )


def _clear(run: JobRun) -> None:
    run.status = JobStatus.PENDING
    run.is_cleared = True
    run.save(update_fields=["status", "is_cleared"])


def held_check(run: JobRun) -> GuardCheck | None:
    """What the guard of a held run said; None for a run that is not held."""
    return GuardCheck.objects.of_run(run).first() if run.is_held else None


def waiting_check() -> GuardCheck | None:
    """What holds the nights now: a run's guard, else the jump of the date."""
    held = JobRun.objects.filter(status=JobStatus.HELD).order_by("business_date", "pk").first()
    if held:
        return held_check(held)
    behind = backlog()
    return jump_check(behind) if behind.needs_operator else None


def jump_check(behind: Backlog) -> GuardCheck | None:
    """What a tick noted of the nights owed, while nobody has confirmed it."""
    return GuardCheck.objects.waiting().of_dates().filter(business_date=behind.first).first()


def record_jump(behind: Backlog) -> GuardCheck:
    """Note once, for a silence, that more nights are owed than are caught up unasked."""
    check, _ = GuardCheck.objects.get_or_create(
        name=DATE_JUMP,
        business_date=behind.first,
        run=None,
        defaults={"holds": True, "figures": _jump(behind)},
    )
    return check


def _jump(behind: Backlog) -> Figures:
    return {"owed": behind.owed, "until": behind.due.isoformat()}


def figures_now(check: GuardCheck) -> Mapping[str, int | str | None]:
    """What the guard would go by at this moment: what an operator sees and confirms."""
    if check.run is None:
        return _jump(backlog())
    guard = step_named(check.run.step).guard
    if guard is None:
        kept: Figures = check.figures
        return kept
    verdict, _error = _verdict(guard, check.business_date)
    return verdict.figures


@transaction.atomic
def confirm_guard(
    *, check: GuardCheck, operator: AbstractBaseUser | None, by: str
) -> GuardConfirmation:
    """Let go what a guard holds; who, when and on which figures is kept.

    Doing it again gives the first confirmation back. Refused: what holds nothing any more
    (NothingToConfirm). Starts nothing: the next tick does, or `run_nightly`.
    """
    if check.run_id:
        run = JobRun.objects.select_for_update().get(pk=check.run_id)
    if known := GuardConfirmation.objects.filter(check_made=check).first():
        return known
    if not check.holds or not _is_current(check):
        raise NothingToConfirm
    confirmation = GuardConfirmation.objects.create(
        check_made=check,
        operator_id=operator.pk if operator else None,
        by=by,
        figures=figures_now(check),
        recorded_at=clock.now(),
    )
    if check.run_id:
        _clear(run)
    return confirmation


def _is_current(check: GuardCheck) -> bool:
    """Whether the check still holds what it held: its run, or the nights since the last one."""
    if check.run is None:
        behind = backlog()
        return behind.needs_operator and check.business_date == behind.first
    newest = GuardCheck.objects.of_run(check.run).first()
    return newest == check
