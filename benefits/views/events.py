"""Events on the portal: look, confirm what it costs, register or wait."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits.agenda import ShownEvent, ShownSession, agenda_of, shown_event
from benefits.forms import ClaimForm, RegisterForm
from benefits.models import Event, EventPicture, EventSession
from benefits.services.registrations import join_waitlist, register_member
from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from common.htmx import part_asked
from members.models import Member
from members.views import member_page

PICTURE_SECONDS = 3600
# The id of the event on its page, which htmx puts anew.
EVENT_PART = "event"


@require_safe
@member_page
def events(request: HttpRequest, member: Member) -> HttpResponse:
    """What is coming: the member's own, what they can have, and what opens later."""
    context = {"member": member, "agenda": agenda_of(member, clock.now())}
    return render(request, "events/events.html", context)


@require_safe
@member_page
def event_detail(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One event with its sessions, and what the member can do about each."""
    shown = _shown(member, get_object_or_404(Event.objects.public().whole(), pk=pk))
    return render(request, "events/event.html", _whole(member, shown))


@require_safe
@member_page
@cache_control(private=True, max_age=PICTURE_SECONDS)
def event_picture(request: HttpRequest, member: Member, pk: int, digest: str) -> HttpResponse:
    """An event's picture, as what it was checked to be."""
    public = EventPicture.objects.exclude(event__status=Event.Status.DRAFT)
    picture = get_object_or_404(public, event=pk, digest=digest)
    return HttpResponse(bytes(picture.content), content_type=picture.media_type)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def register_for_event(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Say what a seat costs, and take it once that is confirmed.

    Sent twice with one key it registers once. A refusal is told on the page, with nothing lost.
    Where htmx asks from the event's page, the event stays in its place and says how it stands.
    """
    session = _session(pk)
    if request.method != "POST":
        shown = _shown(member, session.event)
        if _of(shown, session).state != "open":
            return redirect("event", session.event_id)
        return _confirm(request, member, shown, session, RegisterForm.for_event(shown.event))
    form = RegisterForm(request.POST)
    if form.is_valid():
        # A second tap finds its place though the last seat may be gone by now.
        try:
            place = register_member(session=session, member=member, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, gettext("You have a seat. This is your ticket."))
            if part_asked(request) == EVENT_PART:
                return _part(request, member, session)
            return redirect("event_place", place.pk)
    session = _session(pk)
    shown = _shown(member, session.event)
    if part_asked(request) == EVENT_PART and not session.event.points:
        for refusal in form.non_field_errors():
            messages.error(request, str(refusal))
        return _part(request, member, session)
    return _confirm(request, member, shown, session, form.at_price(shown.event))


@require_POST
@member_page
def wait_for_event(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Join the waitlist of a session; a second tap changes nothing."""
    session = _session(pk)
    form = ClaimForm(request.POST)
    if form.is_valid():
        key = form.cleaned_data["key"]
        try:
            place = join_waitlist(session=session, member=member, key=key)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("We tell you as soon as a seat is free for you."))
            if part_asked(request) != EVENT_PART:
                return redirect("event_place", place.pk)
    if part_asked(request) == EVENT_PART:
        return _part(request, member, session)
    return redirect("event", session.event_id)


def _part(request: HttpRequest, member: Member, session: EventSession) -> HttpResponse:
    """The event as it stands now, for its page."""
    shown = _shown(member, Event.objects.whole().get(pk=session.event_id))
    return render(request, "events/_event.html", _whole(member, shown))


def _whole(member: Member, shown: ShownEvent) -> dict[str, object]:
    key = RegisterForm.for_event(shown.event)["key"].value()
    return {"member": member, "shown": shown, "event": shown.event, "key": key}


def _confirm(
    request: HttpRequest,
    member: Member,
    shown: ShownEvent,
    session: EventSession,
    form: RegisterForm,
) -> HttpResponse:
    context = {
        "member": member,
        "shown": shown,
        "event": shown.event,
        "of": _of(shown, session),
        "session": session,
        "form": form,
    }
    is_part = part_asked(request) is not None
    return render(request, "events/_confirm.html" if is_part else "events/confirm.html", context)


def _session(pk: int) -> EventSession:
    """A session that members may know of."""
    sessions = EventSession.objects.select_related("event")
    return get_object_or_404(sessions.exclude(event__status=Event.Status.DRAFT), pk=pk)


def _shown(member: Member, event: Event) -> ShownEvent:
    return shown_event(event, member, clock.now())


def _of(shown: ShownEvent, session: EventSession) -> ShownSession:
    """This session among those that are shown; one that is over is told with the first."""
    found = (one for one in shown.sessions if one.session.pk == session.pk)
    return next(found, shown.sessions[0])
