"""How the nights are: what is done, owed, running, failed or held, for pages and for monitoring."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Max

from common import clock
from common.models import JobRun, JobStatus, LedgerProof

from .dates import Backlog, backlog, confirmed_until
from .steps import has_members, nightly_steps


@dataclass(frozen=True)
class NightlyStatus:
    """The nights at an instant.

    `owed` are the dates up to the one due now whose night is not complete, in order. They are
    overdue when the first of them is not complete by its hour and the days of grace.
    """

    last_complete: date | None
    owed: list[date]
    is_overdue: bool
    running: list[JobRun] = field(default_factory=list)
    failed: list[JobRun] = field(default_factory=list)
    held: list[JobRun] = field(default_factory=list)
    jump: Backlog | None = None
    broken_proof: LedgerProof | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether the nights do not go on, or not in time, unless somebody looks at them."""
        return bool(self.is_overdue or self.failed or self.held or self.jump)


def nightly_status() -> NightlyStatus:
    """How the nights are now, in a constant number of queries."""
    steps = [step.name for step in nightly_steps()]
    open_runs = list(JobRun.objects.unfinished().filter(step__in=steps))
    by_status = {status: [run for run in open_runs if run.status == status] for status in JobStatus}
    # A step that is run again was complete before: its night is not owed once more.
    repeats = set(JobRun.objects.unfinished().repeated().values_list("pk", flat=True))
    opened = {run.business_date for run in open_runs if run.pk not in repeats}
    complete = JobRun.objects.exclude(business_date__in=opened)
    last_complete: date | None = complete.aggregate(last=Max("business_date"))["last"]
    behind = backlog()
    owed = _owed(behind, opened)
    proof = LedgerProof.objects.order_by("-pk").first()
    return NightlyStatus(
        last_complete=last_complete,
        owed=owed,
        is_overdue=bool(owed) and clock.now() >= deadline(owed[0]),
        running=by_status[JobStatus.RUNNING],
        failed=by_status[JobStatus.FAILED],
        held=by_status[JobStatus.HELD],
        jump=behind if _waits(behind) else None,
        broken_proof=proof if proof and not proof.is_clean else None,
    )


def deadline(night: date) -> datetime:
    """When a night must be complete: its hour in the programme's zone, and the grace."""
    begins = datetime.combine(night, time(settings.NIGHTLY_HOUR), tzinfo=clock.zone())
    return begins + timedelta(minutes=settings.NIGHTLY_GRACE_MINUTES)


def _owed(behind: Backlog, opened: set[date]) -> list[date]:
    if behind.latest is None:
        # The first night of all is today's, as soon as there is anybody.
        is_today = behind.due == clock.today()
        return [behind.due] if is_today and has_members() else []
    later = {behind.latest + timedelta(days=day) for day in range(1, behind.owed + 1)}
    return sorted(opened | later)


def _waits(behind: Backlog) -> bool:
    confirmed = confirmed_until() if behind.needs_operator else None
    return behind.needs_operator and (
        confirmed is None or confirmed <= (behind.latest or confirmed)
    )
