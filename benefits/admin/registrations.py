"""Places of members at events as operators see them."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.forms import CancelEventForm
from benefits.models import Registration, RegistrationStep
from benefits.rules.events import ticket_code
from benefits.services.attendance import check_in_guest
from benefits.services.registrations import cancel_registration
from common.admin import action, display
from common.admin.columns import state
from common.numbers import format_number
from loyalty.admin.bases import MemberFactAdmin, link_to
from members.models import User

from .steps import StepInline

Status = Registration.Status
STATUS_LOOKS = {
    Status.WAITLISTED.value: "busy",
    Status.OFFERED.value: "note",
    Status.CONFIRMED.value: "good",
    Status.ATTENDED.value: "good",
    Status.NO_SHOW.value: "bad",
    Status.CANCELLED.value: "plain",
    Status.LAPSED.value: "plain",
}
# What can be done in which status.
STEPS = {
    Status.WAITLISTED.value: ("cancel",),
    Status.OFFERED.value: ("cancel",),
    Status.CONFIRMED.value: ("attend", "cancel"),
    Status.NO_SHOW.value: ("attend",),
}


def place_state(place: Registration) -> SafeString:
    """A place's status as a label."""
    return state(place.get_status_display(), STATUS_LOOKS[place.status])


class RegistrationStepInline(StepInline):
    """The steps of a place."""

    model = RegistrationStep


@admin.register(Registration)
class RegistrationAdmin(MemberFactAdmin):
    """Every place, the newest first."""

    search_help_text = _("Registration, ticket, or member: card, phone, e-mail, number or name")
    list_display = ("number", "of_session", "holder", "shown_status", "costs", "registered_at")
    list_filter = ("status",)
    list_select_related = ("member", "session__event")
    inlines = (RegistrationStepInline,)
    actions_detail = ("attend", "cancel")
    fields = (
        ("number", "of_session"),
        ("holder", "shown_status"),
        ("ticket", "rank"),
        ("costs", "of_entry", "back_by"),
        ("registered_at", "changed_at"),
        ("offered_until", "reminded_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        places: QuerySet[Registration] = super().get_queryset(request)
        is_list = (request.resolver_match.url_name or "").endswith("changelist")  # type: ignore[union-attr]
        return places if is_list else places.select_related("entry", "restored_by")

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        typed = text.strip().upper()
        digits = typed.removeprefix("E")
        if typed.startswith("E") and digits.isdecimal():
            return queryset.filter(pk=int(digits[:18]))
        if tickets := list(queryset.filter(code=ticket_code(text)).values_list("pk", flat=True)):
            return queryset.filter(pk__in=tickets)
        return super().find(queryset, text)

    def has_place_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_registration")

    def buttons_of(self, row: Registration) -> Collection[str]:
        return STEPS.get(row.status, ())

    @action(description=_("Was there"), url_path="attend", permissions=["place"], icon="how_to_reg")
    def attend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let in without a ticket, or put right who was missed at the door."""

        def perform(place: Registration, data: dict[str, Any]) -> None:
            operator = cast(User, request.user)
            check_in_guest(session=place.session, code=place.code, operator=operator)

        return self.form_page(
            request,
            object_id,
            title=_("Was there"),
            explanation=_(
                "The member counts as a guest and gets what attending brings. This is final."
            ),
            perform=perform,
            success=_("The member is down as a guest."),
        )

    @action(
        description=_("Cancel the place"),
        url_path="cancel",
        permissions=["place"],
        icon="person_remove",
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a member's place away, with a reason."""

        def perform(place: Registration, data: dict[str, Any]) -> None:
            operator = cast(User, request.user)
            cancel_registration(registration=place, operator=operator, reason=data["reason"])

        return self.form_page(
            request,
            object_id,
            title=_("Cancel the place"),
            explanation=_(
                "The member is told why and gets the points back; the seat goes to whoever waits. "
                "This cannot be undone."
            ),
            perform=perform,
            success=_("The place was cancelled."),
            form_class=CancelEventForm,
        )

    @display(description=_("number"))
    def number(self, place: Registration) -> str:
        return place.number

    @display(description=_("session"))
    def of_session(self, place: Registration) -> SafeString | None:
        return link_to(place.session)

    @display(description=_("member"))
    def holder(self, place: Registration) -> SafeString | None:
        return link_to(place.member)

    @display(description=_("status"))
    def shown_status(self, place: Registration) -> SafeString:
        return place_state(place)

    @display(description=pgettext_lazy("event", "ticket"))
    def ticket(self, place: Registration) -> str:
        return place.shown_code

    @display(description=_("points"))
    def costs(self, place: Registration) -> str:
        return format_number(place.points)

    @display(description=_("redeemed by"))
    def of_entry(self, place: Registration) -> SafeString | None:
        return link_to(place.entry)

    @display(description=_("restored by"))
    def back_by(self, place: Registration) -> SafeString | None:
        return link_to(place.restored_by)
