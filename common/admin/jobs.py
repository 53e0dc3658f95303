"""The job ledger as operators see it: what ran for which date, how far it is, what went wrong."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.jobs.dates import backlog
from common.models import JobRange, JobRun, JobStatus

from .bases import ReadOnlyModelAdmin, ReadOnlyTabularInline, display
from .columns import counts_text, duration_text, preformatted, progress_bar, state

STATUS_LOOKS = {
    JobStatus.PENDING.value: "note",
    JobStatus.RUNNING.value: "busy",
    JobStatus.DONE.value: "good",
    JobStatus.FAILED.value: "bad",
}


class JobRangeInline(ReadOnlyTabularInline):
    """The ranges of a run, the failed ones first, with the whole error of each."""

    model = JobRange
    fields = ("stretch", "shown_status", "tried", "counted", "claimed_by", "finished_at", "failure")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobRange]:
        ranges: QuerySet[JobRange] = super().get_queryset(request)
        urgency = {JobStatus.FAILED: 0, JobStatus.RUNNING: 1, JobStatus.PENDING: 2}
        return ranges.order_by(
            Case(*(When(status=status, then=Value(n)) for status, n in urgency.items()), default=3),
            "number",
        )

    @display(description=_("members"))
    def stretch(self, row: JobRange) -> str:
        return f"{row.first_member_id} – {row.last_member_id}"

    @display(description=_("status"))
    def shown_status(self, row: JobRange) -> SafeString:
        return state(row.get_status_display(), STATUS_LOOKS[row.status])

    @display(description=_("attempts"))
    def tried(self, row: JobRange) -> int:
        return row.attempts

    @display(description=_("counts"))
    def counted(self, row: JobRange) -> str:
        return counts_text(row.counts)

    @display(description=_("error"))
    def failure(self, row: JobRange) -> SafeString | None:
        return preformatted(row.error)


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyModelAdmin):
    """Every step of every night."""

    list_display = (
        "step_name",
        "business_date",
        "shown_status",
        "progress",
        "counted",
        "started_at",
        "duration",
    )
    list_filter = ("status",)
    ordering = ("-business_date", "-id")
    fields = (
        ("step_name", "business_date"),
        ("shown_status", "progress"),
        ("started_at", "finished_at", "duration"),
        "counted",
    )
    readonly_fields = tuple(
        name for row in fields for name in ([row] if isinstance(row, str) else row)
    )
    inlines = (JobRangeInline,)

    @display(description=_("step"))
    def step_name(self, run: JobRun) -> str:
        return run.step_name

    @display(description=_("status"))
    def shown_status(self, run: JobRun) -> SafeString:
        return state(run.get_status_display(), STATUS_LOOKS[run.status])

    @display(description=_("progress"))
    def progress(self, run: JobRun) -> SafeString:
        return progress_bar(run.ranges_done, run.ranges_total)

    @display(description=_("counts"))
    def counted(self, run: JobRun) -> str:
        return counts_text(run.counts)

    @display(description=_("duration"))
    def duration(self, run: JobRun) -> str | None:
        return duration_text(run.started_at, run.finished_at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with a word about nights that wait for an operator."""
        behind = backlog()
        if behind.needs_operator:
            text = ngettext(
                "%(owed)d night is owed: more than are caught up unasked. "
                "An operator must start them with %(command)s.",
                "%(owed)d nights are owed: more than are caught up unasked. "
                "An operator must start them with %(command)s.",
                behind.owed,
            )
            messages.warning(request, text % {"owed": behind.owed, "command": "run_nightly"})
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response
