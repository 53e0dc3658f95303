"""Who came to the events of a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from analytics.rules.periods import Period
from benefits.models import Event, EventSession, Registration
from benefits.turnout import FIGURES, Turnout
from common import clock

# A place that cost points keeps them unless it was given back.
_KEPT = Q(restored_by__isnull=True)


@dataclass(frozen=True)
class EventTurnout:
    """An event's sessions that began in a period; no event is all of them together.

    `turnout` are their places by what became of them; sessions that were called off have no seats.
    `points` is what members paid with for places that were not given back.
    """

    event: Event | None
    sessions: int
    turnout: Turnout
    points: int


def event_turnouts(period: Period) -> list[EventTurnout]:
    """Each event of which a session began in these days, the last to begin first; three queries."""
    start, end = clock.start_of(period.first), clock.start_of(period.end)
    sessions = EventSession.objects.filter(starts_at__gte=start, starts_at__lt=end)
    by_event = (
        sessions.order_by()
        .values("event")
        .annotate(sessions=Count("pk"), seats=Sum("capacity", filter=Q(status="scheduled")))
    )
    seats = {row["event"]: row for row in by_event}
    places = _places(start, end)
    events = Event.objects.in_bulk(list(seats))
    nothing = dict.fromkeys(("registered", "points", *FIGURES), 0)
    found = [
        _turnout(events[pk], row["sessions"], row["seats"] or 0, places.get(pk, nothing))
        for pk, row in seats.items()
    ]
    return sorted(found, key=lambda turnout: -(turnout.event.pk if turnout.event else 0))


def all_events(turnouts: Iterable[EventTurnout]) -> EventTurnout:
    """All of them together."""
    each = list(turnouts)
    names = ("capacity", "registered", *FIGURES)
    sums = {name: sum(getattr(one.turnout, name) for one in each) for name in names}
    return EventTurnout(
        event=None,
        sessions=sum(one.sessions for one in each),
        turnout=Turnout(session=None, **sums),
        points=sum(one.points for one in each),
    )


def _places(start: datetime, end: datetime) -> dict[int, dict[str, int]]:
    """Places of the sessions, counted by event and what became of them."""
    counts: dict[str, Any] = {
        name: Count("pk", filter=Q(status=status)) for name, status in FIGURES.items()
    }
    places = Registration.objects.filter(session__starts_at__gte=start, session__starts_at__lt=end)
    paid = Sum("points", filter=_KEPT & Q(entry__isnull=False))
    by_event = places.order_by().values("event")
    rows: Iterable[Any] = by_event.annotate(registered=Count("pk"), paid=paid, **counts)
    return {
        row["event"]: {"points": row["paid"] or 0}
        | {name: row[name] for name in ("registered", *FIGURES)}
        for row in rows
    }


def _turnout(event: Event, sessions: int, seats: int, places: dict[str, int]) -> EventTurnout:
    counts = {name: number for name, number in places.items() if name != "points"}
    return EventTurnout(
        event=event,
        sessions=sessions,
        turnout=Turnout(session=None, capacity=seats, **counts),
        points=places["points"],
    )
