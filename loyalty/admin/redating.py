"""Re-date runs: previewed, confirmed, watched and read by operators."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ReadOnlyModelAdmin, action, display
from common.admin.columns import preformatted, progress_bar, state
from common.csv_files import csv_response
from common.errors import DomainError
from common.forms import add_domain_error
from common.models import JobStatus
from common.numbers import format_number
from common.period_words import in_words
from common.templatetags.programme import day_text
from loyalty.forms import RedateForm
from loyalty.models import LotChange, RedateRun
from loyalty.services.redating.figures import Line, done_so_far, first_last_day, lines_of
from loyalty.services.redating.runs import (
    confirm_redating,
    preview_redating,
    resume_redating,
    withdraw_redating,
)
from members.models import User

Status = RedateRun.Status
STATUS_LOOKS = {
    Status.PREVIEWED.value: "note",
    Status.APPLYING.value: "busy",
    Status.DONE.value: "good",
    Status.FAILED.value: "bad",
    Status.WITHDRAWN.value: "plain",
}
# The buttons that a run's page has, by where the run stands.
BUTTONS = {
    Status.PREVIEWED.value: ("confirm", "withdraw"),
    Status.FAILED.value: ("resume", "changes"),
    Status.APPLYING.value: ("changes",),
    Status.DONE.value: ("changes",),
}
# A page shows so many lines; the file of changes has all.
MOST_LINES = 200
BATCH = 2000


@admin.register(RedateRun)
class RedateRunAdmin(ReadOnlyModelAdmin):
    """Every run, newest first."""

    empty_words = _(
        "“Re-date points” gives points that are out another validity: first a preview, then "
        "the change."
    )
    list_display = (
        "created_at",
        "point_type",
        "expiry",
        "foreseen_points",
        "applied_points",
        "shown_status",
        "operator",
    )
    list_select_related = ("point_type", "operator")
    actions_list = ("new",)
    actions_detail = ("confirm", "withdraw", "resume", "changes")
    change_form_before_template = "admin/loyalty/redaterun/overview.html"
    fields = (
        ("point_type", "new_validity"),
        ("only_policy", "earned_from", "earned_until"),
        "reason",
        ("operator", "created_at", "confirmed_at", "finished_at"),
        "failure",
    )

    def has_redate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_redaterun")

    def has_read_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_lotchange")

    def get_fields(self, request: HttpRequest, obj: RedateRun | None = None) -> Any:
        """An error only where there is one."""
        fields = super().get_fields(request, obj)
        is_failed = obj is not None and obj.status == Status.FAILED
        return fields if is_failed else [name for name in fields if name != "failure"]

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "<path:object_id>/progress/",
            self.admin_site.admin_view(self.progress_view),
            name="loyalty_redaterun_progress",
        )
        return [progress, *super().get_urls()]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Only what can be done where the run stands."""
        run = RedateRun.objects.filter(pk=object_id).first()
        allowed = BUTTONS.get(run.status, ()) if run else ()
        actions: list[Any] = super().get_actions_detail(request, object_id)
        return [found for found in actions if found.path in allowed]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The run's page: what was foreseen beside what came of it."""
        run = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(overview_of(run) if run else {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of a run's page that renews itself while the run is being applied."""
        run: RedateRun = self.object_or_404(request, object_id)
        context = overview_of(run)
        response = render(request, "admin/loyalty/redaterun/_progress.html", context)
        if run.status != Status.APPLYING:
            # The page shows more of a run that has ended: have the browser load it anew.
            response["HX-Refresh"] = "true"
        return response

    @action(
        description=_("Re-date points"), url_path="new", permissions=["redate"], icon="event_repeat"
    )
    def new(self, request: HttpRequest) -> HttpResponse:
        """Say which points get which validity; leads to the preview."""
        form = RedateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            operator = cast(User, request.user)
            try:
                run = preview_redating(operator=operator, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return HttpResponseRedirect(
                    reverse("admin:loyalty_redaterun_change", args=[run.pk])
                )
        return self.page(
            request,
            "admin/action_form.html",
            title=_("Preview a re-dating"),
            form=form,
            explanation=_(
                "Gives points that are out another validity. Nothing changes before you have seen "
                "how many points of how many members it concerns, and confirmed it."
            ),
            back=reverse("admin:loyalty_redaterun_changelist"),
        )

    @action(description=_("Apply"), url_path="confirm", permissions=["redate"], icon="check")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the previewed run applied."""
        return self._step(request, object_id, _("Apply"), confirm_text, confirm_redating)

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["redate"], icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let go of the preview."""
        return self._step(request, object_id, _("Withdraw"), withdraw_text, withdraw_redating)

    @action(description=_("Resume"), url_path="resume", permissions=["redate"], icon="replay")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try again what an error stopped."""
        return self._step(request, object_id, _("Resume"), resume_text, resume_redating)

    @action(
        description=_("Changes as CSV"), url_path="changes", permissions=["read"], icon="download"
    )
    def changes(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Every lot that the run has changed, in a file."""
        run: RedateRun = self.object_or_404(request, object_id)
        return csv_response(f"redate-{run.pk}", chain([csv_header()], csv_rows(run)))

    def _step(
        self,
        request: HttpRequest,
        object_id: str,
        title: Any,
        explain: Callable[[RedateRun], str],
        service: Callable[..., RedateRun],
    ) -> HttpResponse:
        run: RedateRun = self.object_or_404(request, object_id)

        def perform(run: RedateRun, data: dict[str, Any]) -> RedateRun:
            return service(run=run)

        return self.form_page(
            request,
            object_id,
            title=title,
            explanation=explain(run),
            perform=perform,
            success=stands_text,
        )

    @display(description=_("points foreseen"))
    def foreseen_points(self, run: RedateRun) -> str:
        return format_number(run.preview.get("points", 0))

    @display(description=_("points re-dated"))
    def applied_points(self, run: RedateRun) -> str | None:
        return format_number(run.applied["points"]) if run.applied else None

    @display(description=_("new validity"))
    def new_validity(self, run: RedateRun) -> str:
        return f"{run.expiry} ({in_words(run.expiry)})"

    @display(description=_("status"))
    def shown_status(self, run: RedateRun) -> SafeString:
        return state(run.get_status_display(), STATUS_LOOKS[run.status])

    @display(description=_("error"))
    def failure(self, run: RedateRun) -> SafeString | None:
        failed = run.ranges.filter(status=JobStatus.FAILED).order_by("number").first()
        return preformatted(failed.error) if failed else None


def overview_of(run: RedateRun) -> dict[str, Any]:
    """What a run's page shows above its facts."""
    done = {(line.before, line.after): line for line in lines_of(run.applied)}
    both: list[tuple[Line | None, Line | None]] = [
        (line, done.pop((line.before, line.after), None)) for line in lines_of(run.preview)
    ]
    both += [(None, line) for line in done.values()]
    return {
        "run": run,
        "shown_status": state(run.get_status_display(), STATUS_LOOKS[run.status]),
        "lines": both[:MOST_LINES],
        "lines_left_out": max(0, len(both) - MOST_LINES),
        "done": run.applied or done_so_far(run),
        "progress": progress_bar(run.ranges_done, run.ranges_total),
        "floor": first_last_day(clock.business_date(run.confirmed_at or run.created_at)),
    }


def confirm_text(run: RedateRun) -> str:
    """What applying does, before somebody does it."""
    text = ngettext(
        "%(lots)s lots of %(members)s member with %(points)s points get a new last valid day. "
        "It cannot be undone, only re-dated again.",
        "%(lots)s lots of %(members)s members with %(points)s points get a new last valid day. "
        "It cannot be undone, only re-dated again.",
        run.preview["members"],
    )
    figures = ("lots", "members", "points")
    return text % {name: format_number(run.preview[name]) for name in figures}


def withdraw_text(run: RedateRun) -> str:
    return gettext("The preview stays in the list. No points change.")


def resume_text(run: RedateRun) -> str:
    return gettext("What was done stays done; the members who are left are tried again.")


def stands_text(run: RedateRun) -> str:
    """Where a run stands after somebody did something to it."""
    if run.status == Status.APPLYING:
        return gettext("Workers begin within a minute. This page shows how far they are.")
    return gettext("The run's status: %(status)s.") % {"status": run.get_status_display()}


def csv_header() -> Sequence[str]:
    return [
        gettext("member"),
        gettext("lot"),
        gettext("points"),
        gettext("valid through, before"),
        gettext("valid through, after"),
        gettext("at"),
    ]


def csv_rows(run: RedateRun) -> Iterator[Sequence[object]]:
    """The run's changes in their order, read in batches."""
    changes = LotChange.objects.filter(run=run).select_related("lot__account__member")
    for change in changes.order_by("id").iterator(chunk_size=BATCH):
        before, after = change.last_day_before(), change.last_day_after()
        yield [
            change.lot.account.member.card_number,
            change.lot_id,
            change.points,
            before.isoformat() if before else day_text(None),
            after.isoformat() if after else day_text(None),
            change.at.astimezone(clock.zone()).isoformat(timespec="seconds"),
        ]
