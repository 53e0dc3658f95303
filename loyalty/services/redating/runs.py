"""A run's way: previewed, then confirmed or withdrawn; what stopped may be tried again."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from common import clock
from common.integrity import broken_constraint
from common.jobs.steps import ranges_of
from common.periods import Period, PeriodIsZero
from loyalty.errors import (
    KeyReused,
    NotSpendable,
    RedateDatesReversed,
    RedateFindsNothing,
    RedateNotPreviewed,
    RedateNotStopped,
    RedatePreviewTooOld,
    RedateReasonMissing,
    RedateUnderWay,
)
from loyalty.models import PointType, RedateRange, RedateRun
from loyalty.services.ledger import check_reason
from members.models import User

from .figures import EVERYBODY, foreseen, list_lots

Status = RedateRun.Status


@transaction.atomic
def preview_redating(
    *,
    point_type: PointType,
    expiry: str,
    operator: User,
    reason: str,
    key: str,
    only_policy: str = "",
    earned_from: date | None = None,
    earned_until: date | None = None,
    now: datetime | None = None,
) -> RedateRun:
    """Foresee what a new validity would do to lots that are out; nothing changes yet.

    Means lots of the kind with points left that have not ended, of one validity and earned between
    two days if told so; not those that a restore opened. The same key gives the first run back.
    Refused: a kind that is not spent, no reason, days in reverse, and what would change nothing.
    """
    run = RedateRun(
        key=key,
        point_type=point_type,
        only_policy=str(Period.parse(only_policy)) if only_policy else "",
        earned_from=earned_from,
        earned_until=earned_until,
        expiry=str(Period.parse(expiry)),
        reason=reason,
        operator=operator,
        created_at=now or clock.now(),
    )
    if known := RedateRun.objects.filter(key=key).first():
        return _same(known, run)
    _check(run)
    list_lots(run, *EVERYBODY, now=run.created_at)
    run.preview = foreseen()
    if not run.preview["lots"]:
        raise RedateFindsNothing()
    run.save(force_insert=True)
    return run


@transaction.atomic
def confirm_redating(*, run: RedateRun, now: datetime | None = None) -> RedateRun:
    """Have a previewed run applied: its ranges are there for workers from now on.

    Confirming again changes nothing. Refused: a run that was withdrawn, a preview of another day,
    and while another run of the same kind of points is being applied.
    """
    at = now or clock.now()
    run = RedateRun.objects.select_for_update().get(pk=run.pk)
    if run.is_confirmed:
        return run
    if run.status != Status.PREVIEWED:
        raise RedateNotPreviewed(status=run.get_status_display())
    if clock.business_date(run.created_at) != clock.business_date(at):
        raise RedatePreviewTooOld()
    ranges = list(ranges_of(is_ranged=True))
    run.status, run.confirmed_at, run.ranges_total = Status.APPLYING, at, len(ranges)
    _begin(run)
    RedateRange.objects.bulk_create(
        (
            RedateRange(run=run, number=number, first_member_id=first, last_member_id=last)
            for number, (first, last) in enumerate(ranges, start=1)
        ),
        batch_size=500,
    )
    return run


@transaction.atomic
def withdraw_redating(*, run: RedateRun) -> RedateRun:
    """Let go of a preview; again changes nothing. Refused: a run that was confirmed."""
    run = RedateRun.objects.select_for_update().get(pk=run.pk)
    if run.status == Status.WITHDRAWN:
        return run
    if run.status != Status.PREVIEWED:
        raise RedateNotPreviewed(status=run.get_status_display())
    run.status = Status.WITHDRAWN
    run.save(update_fields=["status"])
    return run


@transaction.atomic
def resume_redating(*, run: RedateRun) -> RedateRun:
    """Have the failed ranges of a stopped run tried again. Refused: a run that has not stopped."""
    run = RedateRun.objects.select_for_update().get(pk=run.pk)
    if run.status == Status.APPLYING:
        return run
    if run.status != Status.FAILED:
        raise RedateNotStopped(status=run.get_status_display())
    RedateRange.objects.filter(run=run).try_again()
    run.status = Status.APPLYING
    run.save(update_fields=["status"])
    return run


def _check(run: RedateRun) -> None:
    if not run.point_type.is_spendable:
        raise NotSpendable(kind=run.point_type.name)
    if not run.reason.strip():
        raise RedateReasonMissing()
    check_reason(run.reason)
    if Period.parse(run.expiry).is_zero:
        raise PeriodIsZero(text=run.expiry)
    if run.earned_from and run.earned_until and run.earned_from > run.earned_until:
        raise RedateDatesReversed()


def _same(known: RedateRun, asked: RedateRun) -> RedateRun:
    facts = ("point_type_id", "only_policy", "earned_from", "earned_until", "expiry")
    if any(getattr(known, name) != getattr(asked, name) for name in facts):
        raise KeyReused(key=asked.key)
    return known


def _begin(run: RedateRun) -> None:
    """Save the run as confirmed; a constraint lets only one of a kind be under way."""
    try:
        with transaction.atomic():
            run.save(update_fields=["status", "confirmed_at", "ranges_total"])
    except IntegrityError as error:
        if broken_constraint(error, RedateRun) != "redate_one_at_a_time":
            raise
        raise RedateUnderWay() from error
