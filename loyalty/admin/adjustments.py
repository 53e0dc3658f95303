"""Adjustments as operators see them: what waits for a second pair of eyes, and every decision."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import action, display
from common.admin.columns import state
from common.numbers import format_number
from common.templatetags.programme import signed_points
from loyalty.errors import MakerCannotDecide
from loyalty.forms import ApproveForm, RejectForm
from loyalty.models import AdjustmentApproval, AdjustmentRequest, ApprovalNote
from loyalty.services.adjustments import (
    approve_adjustment,
    reject_adjustment,
    withdraw_adjustment,
)
from members.models import User

from .bases import MemberFactAdmin, link_to

Status = AdjustmentRequest.Status

STATUS_LOOKS = {
    Status.WAITING.value: "busy",
    Status.REJECTED.value: "bad",
    Status.WITHDRAWN.value: "plain",
    Status.POSTED.value: "good",
}
EVERY_STATUS = "all"


class QueueFilter(admin.SimpleListFilter):
    """What is still to decide, unless the operator asks for the others."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        others = [choice for choice in Status.choices if choice[0] != Status.WAITING]
        return [*others, (EVERY_STATUS, gettext("All"))]

    def choices(self, changelist: Any) -> Any:
        waiting, *others = super().choices(changelist)
        return [{**waiting, "display": Status.WAITING.label}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        asked = self.value()
        if asked == EVERY_STATUS:
            return queryset
        return queryset.filter(status=asked or Status.WAITING)


@admin.register(AdjustmentRequest)
class AdjustmentRequestAdmin(MemberFactAdmin):
    """The queue of what waits, newest first; approved, rejected or withdrawn on form pages."""

    empty_words = _(
        "Adjustments begin on a member's page; those above the limit wait here for a "
        "second operator."
    )
    member_path = "account__member"
    list_display = (
        "created_at",
        "member",
        "point_type",
        "signed",
        "reason",
        "maker",
        "approved",
        "shown_status",
    )
    list_filter = (QueueFilter,)
    list_select_related = ("account__member", "account__point_type", "maker")
    actions_detail = ("approve", "reject", "withdraw")
    fields = (
        ("member", "point_type", "signed"),
        "reason",
        ("asked_by", "created_at"),
        ("shown_status", "closed_at", "posted_as"),
        ("approved", "limit"),
        "decisions",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdjustmentRequest]:
        requests: QuerySet[AdjustmentRequest] = super().get_queryset(request)
        words = AdjustmentApproval.objects.select_related("checker", "note").order_by("pk")
        return requests.prefetch_related(Prefetch("approvals", words))

    def has_decide_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.approve_adjustmentrequest")

    def has_ask_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_pointsentry")

    def buttons_of(self, row: AdjustmentRequest) -> Collection[str] | None:
        """None on what is closed."""
        return None if row.is_waiting else ()

    @action(description=_("Approve"), url_path="approve", permissions=["decide"], icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say yes; the last yes that is needed posts the points."""

        def perform(row: AdjustmentRequest, data: dict[str, Any]) -> AdjustmentRequest:
            return approve_adjustment(request=row, checker=operator(request), note=data["note"])

        return self.form_page(
            request,
            object_id,
            title=_("Approve"),
            explanation=self._explanation(request, object_id),
            perform=perform,
            success=approved_message,
            form_class=ApproveForm,
        )

    @action(description=_("Reject"), url_path="reject", permissions=["decide"], icon="block")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say no, and why; nothing is posted."""

        def perform(row: AdjustmentRequest, data: dict[str, Any]) -> AdjustmentRequest:
            return reject_adjustment(request=row, checker=operator(request), note=data["note"])

        return self.form_page(
            request,
            object_id,
            title=_("Reject"),
            explanation=self._explanation(request, object_id),
            perform=perform,
            success=_("The adjustment was rejected. No points moved."),
            form_class=RejectForm,
        )

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["ask"], icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take one's own request back."""

        def perform(row: AdjustmentRequest, data: dict[str, Any]) -> AdjustmentRequest:
            return withdraw_adjustment(request=row, maker=operator(request))

        return self.form_page(
            request,
            object_id,
            title=_("Withdraw"),
            explanation=_("Nobody needs to decide on it then."),
            perform=perform,
            success=_("The adjustment was withdrawn. No points moved."),
        )

    def _explanation(self, request: HttpRequest, object_id: str) -> str:
        row = self.get_object(request, object_id)
        if row is None:
            return ""
        refusal = str(MakerCannotDecide()) if row.maker == request.user else ""
        return f"{refusal} {explanation(row)}".strip()

    @display(description=_("member"))
    def member(self, row: AdjustmentRequest) -> SafeString | None:
        return link_to(row.account.member)

    @display(description=_("kind of points"))
    def point_type(self, row: AdjustmentRequest) -> str:
        return row.account.point_type.name

    @display(description=_("points"))
    def signed(self, row: AdjustmentRequest) -> str:
        return signed_points(row.points)

    @display(description=_("asked for by"))
    def asked_by(self, row: AdjustmentRequest) -> SafeString | None:
        return link_to(row.maker)

    @display(description=_("approvals"))
    def approved(self, row: AdjustmentRequest) -> str:
        """How many of how many, and who."""
        words = [word for word in row.approvals.all() if word.decision == "approve"]
        names = ", ".join(str(word.checker) for word in words)
        count = f"{len(words)} / {row.approvals_needed}"
        return f"{count} · {names}" if names else count

    @display(description=_("limit then"))
    def limit(self, row: AdjustmentRequest) -> str:
        return format_number(row.limit_in_force)

    @display(description=_("status"))
    def shown_status(self, row: AdjustmentRequest) -> SafeString:
        return state(row.get_status_display(), STATUS_LOOKS[row.status])

    @display(description=_("ledger entry"))
    def posted_as(self, row: AdjustmentRequest) -> SafeString | None:
        return link_to(row.entry)

    @display(description=_("decisions"))
    def decisions(self, row: AdjustmentRequest) -> SafeString | None:
        lines = [[decision_line(word)] for word in row.approvals.all()]
        return format_html_join("", "<div>{}</div>", lines) or None


def operator(request: HttpRequest) -> User:
    """Who asks: the operators' side shows nothing to strangers."""
    return cast(User, request.user)


def approved_message(row: AdjustmentRequest) -> str:
    """What an approval led to."""
    if row.is_waiting:
        return gettext("You have approved. One more operator must approve before points move.")
    return gettext("You have approved: the points were adjusted.")


def explanation(row: AdjustmentRequest) -> str:
    """What is asked for, by whom and why, in sentences above the form."""
    text = gettext("%(maker)s asks for %(points)s points (%(kind)s): %(reason)s")
    return text % {
        "maker": row.maker,
        "points": signed_points(row.points),
        "kind": row.account.point_type.name,
        "reason": row.reason,
    }


def decision_line(word: AdjustmentApproval) -> SafeString:
    """Who decided what, with the note where there is one."""
    try:
        note = f" · {word.note.text}"
    except ApprovalNote.DoesNotExist:
        note = ""
    look = "good" if word.decision == AdjustmentApproval.Decision.APPROVE else "bad"
    return format_html("{} {}{}", state(word.get_decision_display(), look), word.checker, note)
