"""The queue of members to care for, what was done about them, and when they are missed."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analytics.forms import CareOutcomeForm, CareReportForm, DismissForm, OwnerForm
from analytics.models import CareTask
from analytics.reports.care import ActionOutcome, outcomes_by_action
from analytics.services.care import act_on_tasks, assign_tasks, dismiss_tasks
from common import clock
from common.admin import action, display
from common.admin.columns import spoken_date, state
from common.csv_files import csv_response
from common.errors import DomainError
from common.forms import add_domain_error
from common.money import format_money
from common.numbers import format_number
from loyalty.admin.bases import MemberFactAdmin, link_to
from members.models import User

Status = CareTask.Status
STATUS_LOOKS = {
    Status.OPEN.value: "busy",
    Status.ACTED.value: "note",
    Status.RETURNED.value: "good",
    Status.NOT_RETURNED.value: "bad",
    Status.DISMISSED.value: "plain",
    Status.REPLACED.value: "plain",
}
EVERY_STATUS = "all"
# What the report shows unless it is told otherwise.
REPORT_DAYS = 90

Perform = Callable[[Collection[int], dict[str, Any]], int]


class TaskQueueFilter(admin.SimpleListFilter):
    """What waits for somebody, unless the operator asks for the others."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        others = [choice for choice in Status.choices if choice[0] != Status.OPEN]
        return [*others, (EVERY_STATUS, gettext("All"))]

    def choices(self, changelist: Any) -> Any:
        waiting, *others = super().choices(changelist)
        return [{**waiting, "display": Status.OPEN.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        asked = self.value()
        if asked == EVERY_STATUS:
            return queryset
        return queryset.filter(status=asked or Status.OPEN)


class OwnerFilter(admin.SimpleListFilter):
    """One's own tasks, or those of nobody."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", gettext("Mine")), ("nobody", gettext("Nobody’s"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        match self.value():
            case "me":
                return queryset.filter(owner=cast(User, request.user))
            case "nobody":
                return queryset.filter(owner=None)
        return queryset


@admin.register(CareTask)
class CareTaskAdmin(MemberFactAdmin):
    """The queue, the soonest due first; assigned, acted upon and dismissed, one or many at once."""

    ordering = ("due_on", "pk")
    list_display = ("who", "of_level", "suggested", "spent", "due", "owner", "shown_status")
    list_filter = (TaskQueueFilter, OwnerFilter, "action")
    list_select_related = ("member", "level", "owner")
    actions = ("assign_chosen", "record_chosen", "dismiss_chosen")
    actions_list = ("report",)
    actions_detail = ("assign", "record", "dismiss")
    fields = (
        ("who", "of_level", "shown_status"),
        ("opened_on", "due_on", "owner"),
        "suggested",
        ("last_interaction_on", "last_purchase_on", "spent"),
        ("score", "past_score"),
        ("action", "acted_on", "acted_by"),
        "note",
        ("came_back_on", "ended_on"),
    )

    def has_care_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.change_caretask")

    def has_report_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.view_caretask")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CareTask]:
        tasks: QuerySet[CareTask] = super().get_queryset(request)
        is_list = (request.resolver_match.url_name or "").endswith("changelist")  # type: ignore[union-attr]
        return tasks if is_list else tasks.select_related("acted_by")

    def buttons_of(self, row: CareTask) -> Collection[str] | None:
        """None on what has ended; what was acted upon can only change hands."""
        if row.status not in CareTask.LIVE:
            return ()
        return None if row.status == Status.OPEN else ("assign",)

    @action(description=_("Assign"), url_path="assign", permissions=["care"], icon="person_add")
    def assign(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give one task an owner."""
        return self.form_page(
            request,
            object_id,
            title=_("Assign"),
            explanation=_("Who takes care of this member."),
            perform=lambda task, data: assign_tasks(task_ids=[task.pk], owner=data["owner"]),
            success=_("The task has its owner."),
            form_class=OwnerForm,
            initial={"owner": request.user},
        )

    @action(description=_("Record outcome"), url_path="record", permissions=["care"], icon="check")
    def record(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was done for one member."""
        return self.form_page(
            request,
            object_id,
            title=_("Record outcome"),
            explanation=_("What did you do for this member?"),
            perform=lambda task, data: _act(request, [task.pk], data),
            success=_("Recorded. The next nights look whether the member comes back."),
            form_class=CareOutcomeForm,
        )

    @action(description=_("Dismiss"), url_path="dismiss", permissions=["care"], icon="block")
    def dismiss(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Nothing is to be done for one member."""
        return self.form_page(
            request,
            object_id,
            title=_("Dismiss"),
            explanation=_("Nothing is done, and nothing is measured. This cannot be undone."),
            perform=lambda task, data: _dismiss(request, [task.pk], data),
            success=_("The task was dismissed."),
            form_class=DismissForm,
        )

    @admin.action(description=_("Assign"), permissions=["care"])
    def assign_chosen(self, request: HttpRequest, chosen: QuerySet[CareTask]) -> Any:
        """Give many tasks an owner."""
        return self._many(
            request,
            _("Assign"),
            OwnerForm,
            lambda ids, data: assign_tasks(task_ids=ids, owner=data["owner"]),
        )

    @admin.action(description=_("Record outcome"), permissions=["care"])
    def record_chosen(self, request: HttpRequest, chosen: QuerySet[CareTask]) -> Any:
        """What was done for many members."""
        return self._many(
            request,
            _("Record outcome"),
            CareOutcomeForm,
            lambda ids, data: _act(request, ids, data),
        )

    @admin.action(description=_("Dismiss"), permissions=["care"])
    def dismiss_chosen(self, request: HttpRequest, chosen: QuerySet[CareTask]) -> Any:
        """Nothing is to be done for many members."""
        return self._many(
            request, _("Dismiss"), DismissForm, lambda ids, data: _dismiss(request, ids, data)
        )

    def _many(
        self,
        request: HttpRequest,
        title: str | Promise,
        form_class: type[forms.Form],
        perform: Perform,
    ) -> HttpResponse:
        """A form page between the choice of rows and the deed; a refusal loses nothing."""
        ids = [int(pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
        is_sent = "perform" in request.POST
        form = form_class(request.POST) if is_sent else form_class()
        if is_sent and form.is_valid():
            try:
                done = perform(ids, form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, _told(done))
                return HttpResponseRedirect(request.get_full_path())
        return self.page(
            request,
            "admin/analytics/caretask/many.html",
            title=title,
            form=form,
            chosen=CareTask.objects.filter(pk__in=ids).select_related("member", "level"),
            action_name=request.POST.get("action"),
            back=request.get_full_path(),
        )

    @action(description=_("Outcomes"), url_path="report", permissions=["report"], icon="monitoring")
    def report(self, request: HttpRequest) -> HttpResponseBase:
        """Who came back, by what was done for them; with ?csv=1 as a file."""
        today = clock.today()
        asked = request.GET if "since" in request.GET else None
        known = {"since": today - timedelta(days=REPORT_DAYS), "until": today}
        form = CareReportForm(asked or known)
        rows: list[ActionOutcome] = []
        if form.is_valid():
            days = form.cleaned_data
            rows = outcomes_by_action(since=days["since"], until=days["until"])
            if "csv" in request.GET:
                return csv_response("care-outcomes", report_lines(rows))
            known = days
        return self.page(
            request,
            "admin/analytics/caretask/report.html",
            title=_("Outcomes of care"),
            form=form,
            rows=rows,
            since=known["since"],
            until=known["until"],
            back=reverse("admin:analytics_caretask_changelist"),
        )

    @display(description=_("member"))
    def who(self, task: CareTask) -> SafeString | None:
        return link_to(task.member)

    @display(description=_("warning level"))
    def of_level(self, task: CareTask) -> str:
        return task.level.name

    @display(description=_("suggested action"))
    def suggested(self, task: CareTask) -> str:
        return task.suggested_action

    @display(description=_("net spend of 365 days"))
    def spent(self, task: CareTask) -> str:
        return format_money(task.money_365)

    @display(description=_("due on"))
    def due(self, task: CareTask) -> SafeString | str:
        is_late = task.status == Status.OPEN and task.due_on < clock.today()
        return state(spoken_date(task.due_on), "bad") if is_late else spoken_date(task.due_on)

    @display(description=_("status"))
    def shown_status(self, task: CareTask) -> SafeString:
        return state(task.get_status_display(), STATUS_LOOKS[task.status])


def report_lines(rows: Sequence[ActionOutcome]) -> Iterator[Sequence[object]]:
    """The report as a file, in the operator's language."""
    yield [
        gettext("Action"),
        gettext("Tasks"),
        gettext("Came back"),
        gettext("Did not come back"),
        gettext("Still measured"),
        gettext("Share that came back"),
    ]
    for row in rows:
        share = "" if row.share is None else f"{row.share:.6f}"
        yield [row.name, row.tasks, row.returned, row.not_returned, row.waiting, share]


def _act(request: HttpRequest, ids: Collection[int], data: dict[str, Any]) -> int:
    operator = cast(User, request.user)
    return act_on_tasks(task_ids=ids, action=data["care"], note=data["note"], operator=operator)


def _dismiss(request: HttpRequest, ids: Collection[int], data: dict[str, Any]) -> int:
    operator = cast(User, request.user)
    return dismiss_tasks(task_ids=ids, note=data["note"], operator=operator)


def _told(count: int) -> str:
    text = ngettext("%(count)s task was changed.", "%(count)s tasks were changed.", count)
    return text % {"count": format_number(count)}
