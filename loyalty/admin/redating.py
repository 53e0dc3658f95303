"""Re-date runs: previewed, confirmed, watched and read by operators."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.admin.shared_work import SharedWorkAdmin, resume_text
from common.csv_files import csv_response
from common.errors import DomainError
from common.forms import add_domain_error
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
class RedateRunAdmin(SharedWorkAdmin):
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
    fields = (
        ("point_type", "new_validity"),
        ("only_policy", "earned_from", "earned_until"),
        "reason",
        ("operator", "created_at", "confirmed_at", "finished_at"),
        "failure",
    )

    folder = "admin/loyalty/redaterun"
    looks = STATUS_LOOKS
    buttons = BUTTONS
    at_work = (Status.APPLYING,)

    def has_redate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_redaterun")

    def has_read_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_lotchange")

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
        return self.step(
            request, object_id, _("Apply"), confirm_text, lambda run: confirm_redating(run=run)
        )

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["redate"], icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let go of the preview."""
        return self.step(
            request, object_id, _("Withdraw"), withdraw_text, lambda run: withdraw_redating(run=run)
        )

    @action(description=_("Resume"), url_path="resume", permissions=["redate"], icon="replay")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try again what an error stopped."""
        return self.step(
            request, object_id, _("Resume"), resume_text, lambda run: resume_redating(run=run)
        )

    @action(
        description=_("Changes as CSV"), url_path="changes", permissions=["read"], icon="download"
    )
    def changes(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Every lot that the run has changed, in a file."""
        run: RedateRun = self.object_or_404(request, object_id)
        return csv_response(f"redate-{run.pk}", chain([csv_header()], csv_rows(run)))

    def overview_of(self, run: RedateRun) -> dict[str, Any]:
        done = {(line.before, line.after): line for line in lines_of(run.applied)}
        both: list[tuple[Line | None, Line | None]] = [
            (line, done.pop((line.before, line.after), None)) for line in lines_of(run.preview)
        ]
        both += [(None, line) for line in done.values()]
        return {
            "run": run,
            "lines": both[:MOST_LINES],
            "lines_left_out": max(0, len(both) - MOST_LINES),
            "done": run.applied or done_so_far(run),
            "floor": first_last_day(clock.business_date(run.confirmed_at or run.created_at)),
        }

    def stands_text(self, run: RedateRun) -> str:
        return gettext("The run's status: %(status)s.") % {"status": run.get_status_display()}

    @display(description=_("points foreseen"))
    def foreseen_points(self, run: RedateRun) -> str:
        return format_number(run.preview.get("points", 0))

    @display(description=_("points re-dated"))
    def applied_points(self, run: RedateRun) -> str | None:
        return format_number(run.applied["points"]) if run.applied else None

    @display(description=_("new validity"))
    def new_validity(self, run: RedateRun) -> str:
        return f"{run.expiry} ({in_words(run.expiry)})"


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
