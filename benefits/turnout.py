"""Who came to an event: figures of its sessions, and its places as a list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext

from benefits.models import Event, EventSession, Registration
from common import clock

ROWS_READ = 2_000


@dataclass(frozen=True)
class Turnout:
    """Places of one session, or of all of an event, by what became of them."""

    session: EventSession | None
    capacity: int
    registered: int
    waiting: int
    offered: int
    confirmed: int
    attended: int
    no_shows: int
    cancelled: int
    lapsed: int

    @property
    def share(self) -> float | None:
        """How many of those who were expected came; None while nobody was."""
        expected = self.attended + self.no_shows
        return self.attended / expected if expected else None

    @property
    def filled(self) -> float | None:
        """How many of the seats somebody holds or held to the end."""
        held = self.offered + self.confirmed + self.attended + self.no_shows
        return held / self.capacity if self.capacity else None


FIGURES = {
    "waiting": "waitlisted",
    "offered": "offered",
    "confirmed": "confirmed",
    "attended": "attended",
    "no_shows": "no_show",
    "cancelled": "cancelled",
    "lapsed": "lapsed",
}


def turnout_of(event: Event) -> list[Turnout]:
    """The figures of each session, by date; two queries."""
    counts: dict[str, Any] = {
        name: Count("pk", filter=Q(status=status)) for name, status in FIGURES.items()
    }
    by_session = Registration.objects.filter(event=event).order_by().values("session")
    rows: Iterable[Any] = by_session.annotate(registered=Count("pk"), **counts)
    names = ("registered", *FIGURES)
    found = {row["session"]: {name: row[name] for name in names} for row in rows}
    nothing = dict.fromkeys(names, 0)
    return [
        Turnout(session=session, capacity=session.capacity, **found.get(session.pk, nothing))
        for session in event.sessions.select_related("event")
    ]


def total_of(turnouts: Sequence[Turnout]) -> Turnout:
    """All sessions together; seats of those that were called off are none."""
    capacity = sum(
        found.capacity for found in turnouts if found.session and found.session.is_scheduled
    )
    sums = {
        name: sum(getattr(found, name) for found in turnouts) for name in ("registered", *FIGURES)
    }
    return Turnout(session=None, capacity=capacity, **sums)


def lines_of_places(event: Event) -> Iterator[Sequence[object]]:
    """The places of an event as a table, a line for each, in the operator's language."""
    yield [
        gettext("Registration"),
        gettext("Session"),
        gettext("Card"),
        gettext("Member"),
        gettext("Tier’s rank"),
        gettext("Status"),
        gettext("Points"),
        gettext("Registered at"),
        gettext("Changed at"),
    ]
    places = Registration.objects.filter(event=event).select_related("member", "session")
    ordered = places.order_by("session__starts_at", "session", "pk")
    for place in ordered.iterator(chunk_size=ROWS_READ):
        yield [
            place.number,
            _written(place.session.starts_at),
            place.member.card_number,
            place.member.display_name,
            place.rank,
            place.get_status_display(),
            place.points,
            _written(place.registered_at),
            _written(place.changed_at),
        ]


def _written(at: datetime) -> str:
    return f"{at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"
