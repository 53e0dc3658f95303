"""Where the portal's navigation leads: `PORTAL_PLACES` gathers the places of every floor.

A page joins the navigation by one line there: the bar at the bottom of a phone, the column at the
side of a desktop and the phone's menu follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise

MOST_COUNTED = 99


@dataclass(frozen=True)
class Place:
    """A page that the navigation leads to; the bar of a phone has room for four."""

    name: str
    icon: str
    label: str | Promise
    is_in_bar: bool = False
    # The attribute of the login that says how many things wait there.
    counts: str = ""


@dataclass(frozen=True)
class ShownPlace:
    """A place as the navigation of one page shows it. `current` is "page" on the page itself,
    "true" on a page below it."""

    place: Place
    address: str
    current: str
    count: int

    @property
    def count_text(self) -> str:
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count)


def shown_places(path: str, user: object) -> Iterator[ShownPlace]:
    """The places in their order, as a login sees them on the page of a path."""
    places: list[Place] = settings.PORTAL_PLACES
    for place in places:
        address = reverse(place.name)
        count = int(getattr(user, place.counts, 0) or 0) if place.counts else 0
        yield ShownPlace(place, address, _current(address, path), count)


def _current(address: str, path: str) -> str:
    if path == address:
        return "page"
    return "true" if address != "/" and path.startswith(address) else ""
