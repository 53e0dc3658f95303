"""Runs over members: asked for, then walked through in ranges by any number of workers."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from analytics.errors import RunNotStopped
from analytics.models import HealthVersion, MemberRun, SegmentRule
from common import clock
from members.models import Member, User

Work = Callable[[MemberRun, int, int], int]
Finish = Callable[[MemberRun], None]

Status = MemberRun.Status


@transaction.atomic
def begin_run(
    *,
    kind: MemberRun.Kind,
    rule: SegmentRule | None = None,
    version: HealthVersion | None = None,
    operator: User | None = None,
) -> MemberRun:
    """Ask for a walk over everybody; a minute's task goes on with it until it is done.

    A segment that is being computed is not begun again: the run that goes on is given back.
    """
    if rule is not None:
        # The row is the lock: two who ask at once get one run.
        SegmentRule.objects.select_for_update().get(pk=rule.pk)
        if going_on := MemberRun.objects.unfinished().filter(rule=rule).first():
            return going_on
    return MemberRun.objects.create(
        kind=kind,
        rule=rule,
        version=version,
        operator=operator,
        business_date=clock.today(),
        members_total=Member.objects.count(),
    )


@transaction.atomic
def work_on_next(*, run_id: int, work: Work, finish: Finish) -> bool:
    """Do a run's next range, and mark it with what it did; whether there may be more to do.

    A range that somebody else has in hand is left alone.
    """
    run = MemberRun.objects.claimed().filter(pk=run_id).first()
    if run is None:
        return False
    after = Member.objects.after(run.last_member_id).values_list("pk", flat=True)
    ids = list(after[: settings.NIGHTLY_RANGE_SIZE])
    if not ids:
        finish(run)
        MemberRun.objects.filter(pk=run.pk).update(status=Status.DONE, finished_at=clock.now())
        return False
    run.changed += work(run, ids[0], ids[-1])
    run.members_done += len(ids)
    # Members may have joined since the run was asked for.
    run.members_total = max(run.members_total, run.members_done)
    run.last_member_id = ids[-1]
    run.save(update_fields=["changed", "members_done", "members_total", "last_member_id"])
    return True


def stop_run(*, run_id: int, error: str) -> None:
    """Keep why a range of a run failed; what was done before it stays."""
    MemberRun.objects.unfinished().filter(pk=run_id).update(status=Status.FAILED, error=error)


@transaction.atomic
def resume_run(*, run: MemberRun) -> MemberRun:
    """Go on where a run stopped. Refused: one that did not stop, or has a successor at work."""
    locked = MemberRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    others = MemberRun.objects.unfinished().filter(rule=locked.rule) if locked.rule_id else None
    if locked.status != Status.FAILED or (others is not None and others.exists()):
        raise RunNotStopped
    locked.status, locked.error = Status.WORKING, ""
    locked.save(update_fields=["status", "error"])
    return locked
