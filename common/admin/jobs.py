"""The job ledger as operators see it: what ran, how far it is, what went wrong, what to do."""

import logging
from collections.abc import Collection
from datetime import date
from typing import Any, cast

from celery import current_app
from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from common.alerts import forget_alerts
from common.jobs.errors import NothingToConfirm
from common.jobs.guards import confirm_guard, figures_now, held_check
from common.jobs.operating import resume_run, run_again
from common.models import GuardCheck, JobAttempt, JobRange, JobRun, JobStatus

from .bases import ReadOnlyModelAdmin, ReadOnlyTabularInline, action, display
from .columns import (
    counts_text,
    duration_text,
    figures_text,
    guard_text,
    progress_bar,
    spoken_date,
    state,
    traceback_text,
)
from .nights import STATUS_LOOKS, check_text, night_context, range_error, shown_duration, ways_of
from .nights import shown_status as status_of

logger = logging.getLogger(__name__)

# A page of something that runs asks for itself again after so many seconds.
REFRESH_SECONDS = "5"


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
        return traceback_text("", row.error)


class GuardCheckInline(ReadOnlyTabularInline):
    """What the step's guard said, and who let it go on."""

    model = GuardCheck
    fields = ("recorded_at", "named", "figured", "outcome")
    readonly_fields = fields
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GuardCheck]:
        checks: QuerySet[GuardCheck] = super().get_queryset(request)
        return checks.select_related("confirmation")

    @display(description=_("guard"))
    def named(self, check: GuardCheck) -> str:
        return guard_text(check.name)

    @display(description=_("figures"))
    def figured(self, check: GuardCheck) -> str:
        return figures_text(check.figures)

    @display(description=_("outcome"))
    def outcome(self, check: GuardCheck) -> SafeString:
        return outcome_of(check)


class JobAttemptInline(ReadOnlyTabularInline):
    """What the run had come to each time before an operator started it anew."""

    model = JobAttempt
    fields = (
        "number",
        "shown_status",
        "started_at",
        "duration",
        "progress",
        "counted",
        "failures",
        "ended",
        "operator",
        "recorded_at",
    )
    readonly_fields = fields
    ordering = ("-number",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobAttempt]:
        attempts: QuerySet[JobAttempt] = super().get_queryset(request)
        return attempts.select_related("operator")

    @display(description=_("status"))
    def shown_status(self, attempt: JobAttempt) -> SafeString:
        return state(attempt.get_status_display(), STATUS_LOOKS[attempt.status])

    @display(description=_("duration"))
    def duration(self, attempt: JobAttempt) -> str | None:
        return duration_text(attempt.started_at, attempt.finished_at)

    @display(description=_("progress"))
    def progress(self, attempt: JobAttempt) -> SafeString:
        return progress_bar(attempt.ranges_done, attempt.ranges_total)

    @display(description=_("counts"))
    def counted(self, attempt: JobAttempt) -> str:
        return counts_text(attempt.counts)

    @display(description=_("error"))
    def failures(self, attempt: JobAttempt) -> SafeString | None:
        errors = [range_error(JobRange(**error)) for error in attempt.errors]
        return format_html("{}" * len(errors), *errors) if errors else None


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyModelAdmin):
    """Every step of every night."""

    empty_words = _("The first night makes the first entries here.")
    list_display = (
        "step_name",
        "night",
        "shown_status",
        "progress",
        "counted",
        "started_at",
        "duration",
    )
    list_filter = ("status",)
    ordering = ("-business_date", "-id")
    fields = (
        ("step_name", "night"),
        ("shown_status", "progress"),
        ("started_at", "finished_at", "duration"),
        "counted",
    )
    readonly_fields = tuple(
        name for row in fields for name in ([row] if isinstance(row, str) else row)
    )
    actions_detail = ("resume", "run_again", "confirm")

    def get_inlines(self, request: HttpRequest, obj: JobRun | None = None) -> list[Any]:
        """The ranges always; what the guard said and earlier attempts where there are any."""
        if obj is None:
            return [JobRangeInline]
        guards = [GuardCheckInline] if obj.checks.exists() else []
        attempts = [JobAttemptInline] if obj.attempts_before.exists() else []
        return [JobRangeInline, *guards, *attempts]

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("common.add_jobattempt")

    def has_confirm_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("common.add_guardconfirmation")

    def buttons_of(self, row: JobRun) -> Collection[str]:
        """Only those that fit the run as it stands."""
        has_failed = row.ranges.filter(status=JobStatus.FAILED).exists()
        return ways_of(row, has_failed=has_failed)

    @action(description=_("Resume"), url_path="resume", permissions=["operate"], icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the failed ranges another go."""

        def perform(run: JobRun, data: dict[str, Any]) -> None:
            resume_run(run=run, operator=operator(request))
            _go_on()

        return self.form_page(
            request,
            object_id,
            title=_("Resume"),
            explanation=_(
                "The ranges that failed get another go at once; what was done stays done. "
                "Find out why they failed first: the error is below the run."
            ),
            perform=perform,
            success=_("The failed ranges are tried again within a minute."),
        )

    @action(
        description=_("Run again"), url_path="run-again", permissions=["operate"], icon="replay"
    )
    def run_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Run a finished step once more for its date."""

        def perform(run: JobRun, data: dict[str, Any]) -> None:
            run_again(run=run, operator=operator(request))
            _go_on()

        return self.form_page(
            request,
            object_id,
            title=_("Run again"),
            explanation=_(
                "The step runs once more for this date, over every member. Nothing is done twice: "
                "it finds what it did and only adds what was not there yet. Later nights stay as "
                "they are, and what the run had come to is kept."
            ),
            perform=perform,
            success=_("The step runs again within a minute."),
        )

    @action(
        description=_("Look and confirm"),
        url_path="confirm",
        permissions=["confirm"],
        icon="verified",
    )
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a held run go on."""
        check = held_check(self.object_or_404(request, object_id))

        def perform(run: JobRun, data: dict[str, Any]) -> None:
            confirm(check, request)

        return self.form_page(
            request,
            object_id,
            title=_("Confirm"),
            explanation=explanation_of(check) if check else str(NothingToConfirm()),
            perform=perform,
            success=_("Confirmed. The night goes on within a minute."),
        )

    @display(description=_("step"))
    def step_name(self, run: JobRun) -> str:
        return run.step_name

    @display(description=_("business date"))
    def night(self, run: JobRun) -> SafeString:
        day = run.business_date.isoformat()
        address = reverse("admin:common_jobrun_night", args=[day])
        return format_html('<a class="fact-link" href="{}">{}</a>', address, day)

    @display(description=_("status"))
    def shown_status(self, run: JobRun) -> SafeString:
        return status_of(run)

    @display(description=_("progress"))
    def progress(self, run: JobRun) -> SafeString:
        return progress_bar(run.ranges_done, run.ranges_total)

    @display(description=_("counts"))
    def counted(self, run: JobRun) -> str:
        return counts_text(run.counts)

    @display(description=_("duration"))
    def duration(self, run: JobRun) -> str | None:
        return shown_duration(run)

    def get_urls(self) -> list[URLPattern]:
        """The page of one night besides Django's own."""
        night = path(
            "night/<str:day>/",
            self.admin_site.admin_view(self.night_view),
            name="common_jobrun_night",
        )
        return [night, *super().get_urls()]

    def night_view(self, request: HttpRequest, day: str) -> HttpResponse:
        """All steps of a business date in their order."""
        self.check_may_view(request)
        try:
            night = date.fromisoformat(day)
        except ValueError as error:
            raise Http404 from error
        context = night_context(
            night,
            may_operate=self.has_operate_permission(request),
            may_confirm=self.has_confirm_permission(request),
        )
        if not context["steps"]:
            raise Http404
        title = gettext("Night of %(date)s") % {"date": spoken_date(night)}
        response = self.page(request, "admin/common/jobrun/night.html", title=title, **context)
        return renewing(response, is_running=context["is_running"])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; it renews itself while something runs."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        is_running = "cl" in shown and JobRun.objects.filter(status=JobStatus.RUNNING).exists()
        return renewing(response, is_running=is_running)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The run's page; it renews itself while the run does something."""
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        run = (getattr(response, "context_data", None) or {}).get("original")
        is_running = isinstance(run, JobRun) and run.status == JobStatus.RUNNING
        return renewing(response, is_running=is_running)


def operator(request: HttpRequest) -> AbstractBaseUser:
    """Who asks: the operators' side shows nothing to strangers."""
    return cast(AbstractBaseUser, request.user)


def confirm(check: GuardCheck | None, request: HttpRequest) -> None:
    """Confirm in the name of who asks; workers go on at once."""
    if check is None:
        raise NothingToConfirm
    confirm_guard(check=check, operator=operator(request), by=request.user.get_username())
    _go_on()


def explanation_of(check: GuardCheck) -> str:
    """What is held, the figures as they are now, and what confirming means."""
    consequence = gettext(
        "Nothing of it has been done, and nothing after it runs. If the figures are right, "
        "confirm: the night goes on, and that you confirmed these figures is recorded."
    )
    return f"{check_text(check, figures_now(check))} {consequence}"


def outcome_of(check: GuardCheck) -> SafeString:
    """Whether a guard let through, holds, or was confirmed and by whom."""
    if not check.holds:
        return state(gettext("let through"), "good")
    try:
        word = check.confirmation
    except GuardCheck.confirmation.RelatedObjectDoesNotExist:
        return state(gettext("waits for an operator"), "bad")
    when = word.recorded_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return format_html("{} {} · {}", state(gettext("confirmed"), "good"), word.by, when)


def renewing(response: HttpResponse, *, is_running: bool) -> HttpResponse:
    """Have the browser ask again, without any script, while something runs."""
    if is_running:
        response["Refresh"] = REFRESH_SECONDS
    return response


def _go_on() -> None:
    """Wake a worker now; where the queue is away, beat's next tick does it."""
    forget_alerts()
    try:
        current_app.send_task("common.tasks.tick")
    except OperationalError:
        logger.warning("The queue was not reached; the next tick goes on.")
