"""Runs over members as operators watch them, and the button that has a stopped one go on."""

from collections.abc import Collection

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.models import MemberRun
from analytics.services.runs import resume_run
from common.admin import ReadOnlyModelAdmin, action, display
from common.admin.columns import duration_text, progress_bar, state, traceback_text
from common.numbers import format_number
from loyalty.admin.bases import link_to

Status = MemberRun.Status
STATUS_LOOKS = {
    Status.WORKING.value: "busy",
    Status.DONE.value: "good",
    Status.FAILED.value: "bad",
}


@admin.register(MemberRun)
class MemberRunAdmin(ReadOnlyModelAdmin):
    """One line per run, newest first."""

    list_display = ("created_at", "kind", "about", "progress", "shown_status", "operator")
    list_select_related = ("operator", "rule__segment", "version")
    actions_detail = ("resume",)
    fields = (
        ("kind", "about", "shown_status"),
        ("progress", "shown_changed", "business_date"),
        ("operator", "created_at", "took"),
        "failure",
    )

    def has_resume_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.change_segment")

    def buttons_of(self, row: MemberRun) -> Collection[str] | None:
        """Only what has stopped can go on."""
        return None if row.status == Status.FAILED else ()

    @action(description=_("Resume"), url_path="resume", permissions=["resume"], icon="replay")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have workers go on where the run stopped."""
        return self.form_page(
            request,
            object_id,
            title=_("Resume"),
            explanation=_("Workers go on where the run stopped. What was done stays."),
            perform=lambda run, data: resume_run(run=run),
            success=_("The run goes on within a minute."),
        )

    @display(description=_("about"))
    def about(self, run: MemberRun) -> SafeString | None:
        return link_to(run.rule.segment if run.rule else run.version)

    @display(description=_("progress"))
    def progress(self, run: MemberRun) -> SafeString:
        return progress_bar(run.members_done, run.members_total)

    @display(description=_("status"))
    def shown_status(self, run: MemberRun) -> SafeString:
        return state(run.get_status_display(), STATUS_LOOKS[run.status])

    @display(description=_("changed"))
    def shown_changed(self, run: MemberRun) -> str:
        return format_number(run.changed)

    @display(description=_("duration"))
    def took(self, run: MemberRun) -> str | None:
        return duration_text(run.created_at, run.finished_at)

    @display(description=_("error"))
    def failure(self, run: MemberRun) -> SafeString | None:
        return traceback_text("", run.error)
