"""Events as operators write them: for whom, when, with how many seats; and who came."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from benefits.forms import (
    CancelEventForm,
    EventForm,
    EventSessionForm,
    EventWindowFormSet,
    PictureForm,
)
from benefits.jobs import settle_sessions
from benefits.models import Event, EventSession, EventWindow
from benefits.services.events import cancel_event, publish_event, set_event_picture
from benefits.turnout import lines_of_places, total_of, turnout_of
from common.admin import LastingModelAdmin, TabularInline, action, display
from common.admin.columns import state
from common.csv_files import csv_response
from common.numbers import format_number
from loyalty.admin.bases import link_to
from members.models import User

Status = Event.Status
STATUS_LOOKS = {
    Status.DRAFT.value: "busy",
    Status.PUBLISHED.value: "good",
    Status.CANCELLED.value: "bad",
}
# What can be done in which status.
STEPS = {
    Status.DRAFT.value: ("publish", "change_picture"),
    Status.PUBLISHED.value: ("change_picture", "turnout", "cancel"),
    Status.CANCELLED.value: ("turnout",),
}


class EventWindowInline(TabularInline):
    """From when on members of which tier may register before everyone."""

    model = EventWindow
    formset = EventWindowFormSet
    fields = ("tier", "opens_at")
    ordering = ("tier__rank",)
    verbose_name_plural = _("Earlier registration: a tier's time is also that of higher tiers")


class EventSessionInline(TabularInline):
    """The dates. Once members can see them, a session is moved or resized on a page of its own."""

    model = EventSession
    form = EventSessionForm
    fields = ("page", "starts_at", "ends_at", "capacity")
    readonly_fields = ("page",)
    ordering = ("starts_at",)
    hide_title = True
    verbose_name_plural = _("Sessions")

    def has_add_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        is_open = obj is None or obj.status != Status.CANCELLED
        return bool(super().has_add_permission(request, obj)) and is_open

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        is_open = obj is None or obj.is_draft
        return bool(super().has_change_permission(request, obj)) and is_open

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        is_open = obj is None or obj.is_draft
        return bool(super().has_delete_permission(request, obj)) and is_open

    @display(description=_("session"))
    def page(self, session: EventSession) -> SafeString | None:
        return link_to(session) if session.pk else None


@admin.register(Event)
class EventAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """Registrations keep the price at which they were made; a change is for later ones."""

    form = EventForm
    list_display = ("shown", "first_session", "costs", "shown_status", "published_at")
    list_filter = ("status",)
    search_fields = ("name_en", "name_zh", "theme_en", "theme_zh")
    ordering = ("-pk",)
    inlines = (EventWindowInline, EventSessionInline)
    readonly_fields = ("shown_status", "picture_state")
    actions_detail = ("publish", "change_picture", "turnout", "cancel")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name_en", "name_zh"),
                    ("theme_en", "theme_zh"),
                    ("description_en", "description_zh"),
                    ("shown_status", "picture_state"),
                )
            },
        ),
        (_("Where"), {"fields": (("place_en", "place_zh"), "link")}),
        (
            _("For whom"),
            {
                "fields": (("tiers", "segments"),),
                "description": _("Where nothing is chosen, nothing is limited."),
            },
        ),
        (
            _("Registration"),
            {
                "fields": (
                    ("points", "has_waitlist"),
                    ("opens_at", "closes_hours"),
                    ("accept_hours", "cancel_hours"),
                    "reminder_hours",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        events: QuerySet[Event] = super().get_queryset(request)
        return events.annotate(first_at=Min("sessions__starts_at"))

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        is_open = obj is None or obj.status != Status.CANCELLED
        return bool(super().has_change_permission(request, obj)) and is_open

    def has_manage_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_event")

    def has_turnout_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.view_registration")

    def buttons_of(self, row: Event) -> Collection[str]:
        return STEPS.get(row.status, ())

    @action(description=_("Publish"), url_path="publish", permissions=["manage"], icon="campaign")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Members see it from now on."""

        def perform(event: Event, data: dict[str, Any]) -> None:
            publish_event(event=event)

        return self.form_page(
            request,
            object_id,
            title=_("Publish"),
            explanation=_(
                "Every member sees it from now on, and whoever it is for can register when "
                "registration opens for them. It cannot become a draft again."
            ),
            perform=perform,
            success=_("The event was published."),
        )

    @action(
        description=_("Change the picture"),
        url_path="picture",
        permissions=["manage"],
        icon="image",
    )
    def change_picture(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show another picture with an event."""

        def perform(event: Event, data: dict[str, Any]) -> None:
            set_event_picture(event=event, content=data["content"])

        return self.form_page(
            request,
            object_id,
            title=_("Change the picture"),
            explanation=_("Members see it with the event. It replaces the one there is."),
            perform=perform,
            success=_("The picture was changed."),
            form_class=PictureForm,
        )

    @action(
        description=_("Attendance"), url_path="attendance", permissions=["turnout"], icon="groups"
    )
    def turnout(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Who registered and who came, by session; with ?csv=places each place as a file."""
        event: Event = self.object_or_404(request, object_id)
        if request.GET.get("csv") == "places":
            return csv_response(f"event-{event.pk}", lines_of_places(event))
        turnouts = turnout_of(event)
        return self.page(
            request,
            "admin/benefits/event/turnout.html",
            title=_("Attendance"),
            original=event,
            turnouts=turnouts,
            total=total_of(turnouts),
        )

    @action(
        description=_("Cancel the event"),
        url_path="cancel",
        permissions=["manage"],
        icon="event_busy",
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Call it off, with every session that has not begun."""

        def perform(event: Event, data: dict[str, Any]) -> None:
            operator = cast(User, request.user)
            sessions = cancel_event(event=event, operator=operator, reason=data["reason"])
            settle_sessions(sessions)

        return self.form_page(
            request,
            object_id,
            title=_("Cancel the event"),
            explanation=_(
                "Every session that has not begun is called off. Whoever has a place is told why "
                "and gets the points back, the last of many within minutes. This cannot be undone."
            ),
            perform=perform,
            success=_("The event was cancelled."),
            form_class=CancelEventForm,
        )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, event: Event) -> str:
        return event.name

    @display(description=_("first session"))
    def first_session(self, event: Event) -> Any:
        return event.first_at  # type: ignore[attr-defined]

    @display(description=_("costs points"))
    def costs(self, event: Event) -> str:
        return format_number(event.points) if event.points else gettext("free")

    @display(description=_("status"))
    def shown_status(self, event: Event) -> SafeString:
        return state(event.get_status_display(), STATUS_LOOKS[event.status])

    @display(description=_("picture"))
    def picture_state(self, event: Event) -> str:
        if not event.pk:
            return gettext("Save the event first, then choose its picture.")
        return gettext("There is one.") if hasattr(event, "picture") else gettext("None yet.")
