"""Sessions of events as operators run them: seats, times, guests at the door."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.forms import (
    CancelEventForm,
    CapacityForm,
    CheckInForm,
    MoveSessionForm,
    RegisterGuestForm,
)
from benefits.jobs import settle_sessions
from benefits.models import EventSession, Registration
from benefits.services.attendance import check_in_guest, ticket_of
from benefits.services.events import cancel_session, move_session, set_capacity
from benefits.services.registrations import join_waitlist, register_member
from common import clock
from common.admin import ReadOnlyModelAdmin, ReadOnlyTabularInline, action, display
from common.admin.columns import progress_bar, state
from common.errors import DomainError
from common.forms import add_domain_error
from loyalty.admin.bases import link_to
from members.models import User
from members.services import members_by_card

from .registrations import place_state


class WhenFilter(admin.SimpleListFilter):
    """Sessions to come, or those that are over."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [("coming", _("to come")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = clock.now()
        known = {"coming": Q(ends_at__gt=now), "over": Q(ends_at__lte=now)}
        asked = self.value()
        return queryset.filter(known[asked]) if asked in known else queryset


class RegistrationInline(ReadOnlyTabularInline):
    """Who has a place or had one."""

    model = Registration
    fields = ("number", "who", "shown_status", "points", "registered_at")
    readonly_fields = fields
    ordering = ("-rank", "registered_at", "pk")
    verbose_name_plural = _("Places, in the order of the waitlist")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        places: QuerySet[Registration] = super().get_queryset(request)
        return places.select_related("member")

    @display(description=_("registration"))
    def number(self, place: Registration) -> SafeString | None:
        return link_to(place)

    @display(description=_("member"))
    def who(self, place: Registration) -> SafeString | None:
        return link_to(place.member)

    @display(description=_("status"))
    def shown_status(self, place: Registration) -> SafeString:
        return place_state(place)


@admin.register(EventSession)
class EventSessionAdmin(ReadOnlyModelAdmin):
    """Every date of every event, the latest first."""

    list_display = ("of_event", "starts_at", "ends_at", "seats", "shown_status")
    list_filter = (WhenFilter, "status")
    list_select_related = ("event",)
    search_fields = ("event__name_en", "event__name_zh")
    ordering = ("-starts_at", "-pk")
    inlines = (RegistrationInline,)
    actions_detail = ("check_in", "register", "move", "resize", "cancel")
    fields = (
        ("of_event", "shown_status"),
        ("starts_at", "ends_at"),
        ("seats", "moves"),
        "cancel_reason",
    )

    def has_manage_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_eventsession")

    def has_door_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_registration")

    def buttons_of(self, row: EventSession) -> Collection[str]:
        return _possible(row, clock.now())

    @action(
        description=_("Check guests in"),
        url_path="check-in",
        permissions=["door"],
        icon="qr_code_scanner",
    )
    def check_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page at the door, made for a phone: a ticket is scanned or typed in, and lets in
        once.
        """
        session: EventSession = self.object_or_404(request, object_id)
        form = CheckInForm(request.POST or None)
        place = None
        if form.is_valid():
            try:
                place = check_in_guest(
                    session=session,
                    code=form.cleaned_data["code"],
                    operator=cast(User, request.user),
                )
            except DomainError as error:
                add_domain_error(form, error, "code")
            else:
                text = gettext("Welcome: %(guest)s") % {"guest": place.member}
                messages.success(request, text)
                return redirect(request.path)
        elif code := request.GET.get("code", ""):
            form, place = _read(session, code)
        context = {"session": session, "form": form, "place": place, **_here(session)}
        return TemplateResponse(request, "admin/benefits/eventsession/check_in.html", context)

    @action(
        description=_("Register a member"),
        url_path="register",
        permissions=["door"],
        icon="person_add",
    )
    def register(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A seat for a member who called or came by."""

        def perform(session: EventSession, data: dict[str, Any]) -> Registration:
            (member,) = members_by_card([data["card_number"].replace(" ", "")])
            give = join_waitlist if data["is_waiting"] else register_member
            operator = cast(User, request.user)
            return give(session=session, member=member, key=data["key"], operator=operator)

        return self.form_page(
            request,
            object_id,
            title=_("Register a member"),
            explanation=_(
                "The member gets a seat as if they had registered themselves: what it costs in "
                "points is taken now, and who may register holds for them too."
            ),
            perform=perform,
            success=_("The member was registered and told."),
            form_class=RegisterGuestForm,
        )

    @action(description=_("Move"), url_path="move", permissions=["manage"], icon="event_repeat")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another time."""

        def perform(session: EventSession, data: dict[str, Any]) -> None:
            move_session(session=session, starts_at=data["starts_at"], ends_at=data["ends_at"])

        session: EventSession = self.object_or_404(request, object_id)
        local = clock.zone()
        return self.form_page(
            request,
            object_id,
            title=_("Move"),
            explanation=_(
                "Whoever has a place is told of the new time, and may cancel until it begins."
            ),
            perform=perform,
            success=_("The session was moved."),
            form_class=MoveSessionForm,
            initial={
                "starts_at": session.starts_at.astimezone(local),
                "ends_at": session.ends_at.astimezone(local),
            },
        )

    @action(
        description=_("Change the seats"),
        url_path="seats",
        permissions=["manage"],
        icon="event_seat",
    )
    def resize(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """More seats, or fewer."""

        def perform(session: EventSession, data: dict[str, Any]) -> None:
            set_capacity(session=session, capacity=data["capacity"])

        session: EventSession = self.object_or_404(request, object_id)
        return self.form_page(
            request,
            object_id,
            title=_("Change the seats"),
            explanation=_(
                "There cannot be fewer than are taken. New seats are offered to the waitlist at "
                "once."
            ),
            perform=perform,
            success=_("The number of seats was changed."),
            form_class=CapacityForm,
            initial={"capacity": session.capacity},
        )

    @action(
        description=_("Cancel the session"),
        url_path="cancel",
        permissions=["manage"],
        icon="event_busy",
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """It does not take place."""

        def perform(session: EventSession, data: dict[str, Any]) -> None:
            operator = cast(User, request.user)
            gone = cancel_session(session=session, operator=operator, reason=data["reason"])
            settle_sessions([gone])

        return self.form_page(
            request,
            object_id,
            title=_("Cancel the session"),
            explanation=_(
                "Whoever has a place is told why and gets the points back, the last of many within "
                "minutes. This cannot be undone."
            ),
            perform=perform,
            success=_("The session was cancelled."),
            form_class=CancelEventForm,
        )

    @display(description=_("event"))
    def of_event(self, session: EventSession) -> SafeString | None:
        return link_to(session.event)

    @display(description=_("seats"))
    def seats(self, session: EventSession) -> SafeString:
        return progress_bar(session.taken, session.capacity)

    @display(description=_("status"))
    def shown_status(self, session: EventSession) -> SafeString:
        if not session.is_scheduled:
            return state(session.get_status_display(), "bad")
        if session.ends_at <= clock.now():
            return state(gettext("over"), "plain")
        return state(session.get_status_display(), "good")


def _possible(session: EventSession, at: datetime) -> set[str]:
    if not session.is_scheduled or session.event.is_draft:
        return set()
    if session.starts_at <= at:
        return {"check_in"}
    return {"check_in", "register", "move", "resize", "cancel"}


def _here(session: EventSession) -> dict[str, int]:
    """How many guests are in, and how many are still expected."""
    places = Registration.objects.filter(session=session)
    statuses = list(places.values_list("status", flat=True))
    attended, expected = (
        sum(found == status for found in statuses)
        for status in (Registration.Status.ATTENDED, Registration.Status.CONFIRMED)
    )
    return {"attended": attended, "expected": expected}


def _read(session: EventSession, code: str) -> tuple[CheckInForm, Registration | None]:
    """A ticket whose address a phone's own camera has opened: whose it is, before it is used."""
    try:
        return CheckInForm(initial={"code": code}), ticket_of(session, code)
    except DomainError as error:
        form = CheckInForm({"code": code})
        form.is_valid()
        add_domain_error(form, error, "code")
        return form, None
