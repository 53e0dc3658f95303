"""What members are told of their places at events, in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benefits.models import EventSession, Registration
from common import clock
from common.models import in_active_language
from common.numbers import active_locale, format_number
from members.notices import NoticeKind, NoticeText, told_name
from members.services import write_notice

EVENT_PLACE = "event_place"
EVENT_REMINDER = "event_reminder"
EVENT_CANCELLED = "event_cancelled"
EVENT_MOVED = "event_moved"

Params = Mapping[str, Any]


def tell_of_place(registration: Registration, *, at: datetime) -> None:
    """Tell a member that a place is confirmed, kept for them, or gone."""
    until = registration.offered_until
    write_notice(
        member=registration.member,
        kind=EVENT_PLACE,
        key=f"event-place:{registration.pk}:{registration.status}",
        params=_params(registration)
        | {"status": registration.status, "until": until.isoformat() if until else ""},
        at=at,
    )


def tell_of_cancelled(registration: Registration, *, reason: str, at: datetime) -> None:
    """Tell a member that an operator cancelled their place, or the whole session, and why."""
    session = registration.session
    given_back = registration.points if registration.restored_by_id else 0
    write_notice(
        member=registration.member,
        kind=EVENT_CANCELLED,
        key=f"event-cancelled:{registration.pk}",
        params=_params(registration)
        | {"reason": reason, "points": given_back, "is_session": not session.is_scheduled},
        at=at,
    )


def tell_of_move(registration: Registration, *, at: datetime) -> None:
    """Tell a member that a session takes place at another time."""
    write_notice(
        member=registration.member,
        kind=EVENT_MOVED,
        key=f"event-moved:{registration.pk}:{registration.session.moves}",
        params=_params(registration),
        at=at,
    )


def remind(registration: Registration, *, at: datetime) -> None:
    """Remind a member of a session that is near; once for each time that it has."""
    write_notice(
        member=registration.member,
        kind=EVENT_REMINDER,
        key=f"event-reminder:{registration.pk}:{registration.session.moves}",
        params=_params(registration),
        at=at,
    )


def _params(registration: Registration) -> dict[str, Any]:
    event, session = registration.event, registration.session
    return {
        "name_en": event.name_en,
        "name_zh": event.name_zh,
        "place_en": event.place_en,
        "place_zh": event.place_zh,
        "starts_at": session.starts_at.isoformat(),
    }


def place_words(params: Params) -> NoticeText:
    """“You have a seat”: which event, when and where; or until when one is kept."""
    titles = {
        "confirmed": gettext("You have a seat: %(name)s"),
        "offered": gettext("A seat is free for you: %(name)s"),
        "lapsed": gettext("You have no seat: %(name)s"),
    }
    bodies = {
        "confirmed": gettext("%(when)s. Your ticket is among your events."),
        "offered": gettext("%(when)s. Accept it before %(until)s, else it goes on to the next."),
        "lapsed": gettext("%(when)s. The seat went on, or none came free."),
    }
    status = params["status"]
    told = _told(params) | {"until": told_moment(params["until"]) if params["until"] else ""}
    return NoticeText(title=titles[status] % told, body=bodies[status] % told)


def reminder_words(params: Params) -> NoticeText:
    """“Soon: …”, when and where."""
    told = _told(params)
    return NoticeText(
        title=gettext("Soon: %(name)s") % told,
        body=gettext("%(when)s. Have your ticket ready at the door.") % told,
    )


def cancelled_words(params: Params) -> NoticeText:
    """“Cancelled: …”, why, and what came back."""
    told = _told(params) | {"reason": params["reason"], "points": format_number(params["points"])}
    body = gettext("Your place on %(when)s was cancelled: %(reason)s")
    if params["is_session"]:
        body = gettext("%(when)s does not take place: %(reason)s")
    title = gettext("Cancelled: %(name)s") % told
    text = body % told
    if params["points"]:
        text = f"{text} {gettext('Your %(points)s points are back.') % told}"
    return NoticeText(title=title, body=text)


def moved_words(params: Params) -> NoticeText:
    """“Another time: …”, and that it may be cancelled."""
    told = _told(params)
    return NoticeText(
        title=gettext("Another time: %(name)s") % told,
        body=gettext("New: %(when)s. If you cannot come then, you may cancel until it begins.")
        % told,
    )


def told_moment(text: str) -> str:
    """An instant as a notice keeps it, in the programme's zone, as the reader writes it."""
    local = datetime.fromisoformat(text).astimezone(clock.zone())
    day = format_date(local, "medium", locale=active_locale())
    return f"{day} {format_time(local, 'short', locale=active_locale())}"


def _told(params: Params) -> dict[str, str]:
    when = told_moment(params["starts_at"])
    place = in_active_language(params["place_en"], params["place_zh"])
    return {"name": told_name(params), "when": f"{when}, {place}" if place else when}


def is_reminded_by_now(session: EventSession, at: datetime) -> bool:
    """Whether a reminder would come right behind the confirmation itself."""
    return session.remind_at is not None and session.remind_at <= at


KINDS = [
    NoticeKind(
        code=EVENT_PLACE,
        name=_("Places at events"),
        words=place_words,
        icon="event",
        page="my_events",
    ),
    NoticeKind(
        code=EVENT_REMINDER,
        name=_("Reminders of events"),
        words=reminder_words,
        icon="clock",
        page="my_events",
    ),
    NoticeKind(
        code=EVENT_CANCELLED,
        name=_("Events cancelled"),
        words=cancelled_words,
        icon="alert",
        page="my_events",
    ),
    NoticeKind(
        code=EVENT_MOVED,
        name=_("Events moved"),
        words=moved_words,
        icon="event",
        page="my_events",
    ),
]
