"""A member's own places at events: the ticket, the calendar, accepting and cancelling."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from benefits.agenda import ShownPlace, places_of, shown_place
from benefits.catalogue import spendable_of
from benefits.models import Registration
from benefits.pictures import qr_picture
from benefits.rules.calendar_files import Appointment, calendar_file
from benefits.services.registrations import accept_offer, cancel_registration
from common import clock
from common.errors import DomainError
from members.models import Member
from members.views import member_page

Status = Registration.Status


@require_safe
@member_page
def my_events(request: HttpRequest, member: Member) -> HttpResponse:
    """Every place, the newest first."""
    context = {"member": member, "places": places_of(member)}
    return render(request, "events/places.html", context)


@require_safe
@member_page
def event_place(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One place: the ticket, or how far it is, and what its member can still do."""
    shown = _own(member, pk)
    context = {"member": member, "shown": shown, "place": shown.place, "event": shown.place.event}
    return render(request, "events/place.html", context)


@require_safe
@member_page
def event_ticket(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """The ticket as a QR code: the address of the operators' page at the door, with the code."""
    places = Registration.objects.for_member(member)
    place = get_object_or_404(places, pk=pk, status=Status.CONFIRMED)
    door = reverse("admin:benefits_eventsession_check_in", args=[place.session_id])
    return qr_picture(f"{request.build_absolute_uri(door)}?code={place.code}")


@require_safe
@member_page
def event_calendar(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """The date for the calendar of the phone; only for a seat that is the member's."""
    held = [Status.CONFIRMED, Status.OFFERED]
    place = get_object_or_404(Registration.objects.for_member(member), pk=pk, status__in=held)
    event, session = place.event, place.session
    page = request.build_absolute_uri(reverse("event_place", args=[place.pk]))
    is_offered = place.status == Status.OFFERED
    appointment = Appointment(
        uid=f"registration-{place.pk}@{request.get_host()}",
        number=session.moves,
        written_at=session.moved_at or place.changed_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        title=event.name,
        text=event.description,
        place=event.place,
        address=page if is_offered else event.link or page,
        is_tentative=is_offered,
        is_cancelled=not session.is_scheduled,
    )
    response = HttpResponse(calendar_file(appointment), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="event-{place.number}.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def accept_place(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Say what the seat costs, and take it once that is confirmed; a second tap changes nothing."""
    shown = _own(member, pk)
    if request.method == "POST":
        try:
            accept_offer(registration=shown.place)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("You have a seat. This is your ticket."))
        return redirect("event_place", pk)
    if not shown.is_acceptable:
        return redirect("event_place", pk)
    context = {"member": member, "shown": shown, "place": shown.place, "event": shown.place.event}
    return render(request, "events/accept.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def cancel_place(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Say what comes back, and cancel once that is confirmed; a second tap changes nothing."""
    shown = _own(member, pk)
    if request.method == "POST":
        try:
            cancel_registration(registration=shown.place)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Cancelled. Thank you for telling us."))
        return redirect("event_place", pk)
    if not shown.is_cancellable:
        return redirect("event_place", pk)
    context = {"member": member, "shown": shown, "place": shown.place, "event": shown.place.event}
    return render(request, "events/cancel.html", context)


def _own(member: Member, pk: int) -> ShownPlace:
    """A place of the member; another's is not there."""
    now = clock.now()
    places = Registration.objects.for_member(member).select_related("event__picture", "member")
    places = places.defer("event__picture__content").with_place_in_line()
    place = get_object_or_404(places, pk=pk)
    return shown_place(place, now, spendable_of(member, now) if place.points else 0)
