"""The navigation: its places, the page it stands on, what waits there."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from common.places import shown_places
from members.models import Member

NOBODY = SimpleNamespace()


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", {"home": "page"}),
        ("/coupons/", {"coupons": "page"}),
        ("/coupons/offers/", {"coupons": "true"}),
        ("/rewards/orders/7/", {"rewards": "true"}),
        ("/birthday/", {}),
    ],
)
def test_marks_the_page_and_what_it_lies_below(path: str, marked: dict[str, str]) -> None:
    places = shown_places(path, NOBODY)
    assert {shown.place.name: shown.current for shown in places if shown.current} == marked


def test_has_room_for_four_in_the_bar_of_a_phone() -> None:
    assert sum(place.is_in_bar for place in settings.PORTAL_PLACES) == 4


@pytest.mark.parametrize(("waiting", "text"), [(0, "0"), (1, "1"), (99, "99"), (100, "99+")])
def test_counts_what_waits(waiting: int, text: str) -> None:
    person = SimpleNamespace(unread_notices=waiting)
    inbox = next(shown for shown in shown_places("/", person) if shown.place.name == "inbox")
    assert (inbox.count, inbox.count_text) == (waiting, text)


def test_leads_to_every_place_from_every_page(signed_in: Client, member: Member) -> None:
    page = signed_in.get("/birthday/").content.decode()
    for place in settings.PORTAL_PLACES:
        assert f'href="{reverse(place.name)}"' in page
