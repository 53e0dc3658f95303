"""The beacon: what is recorded of whom, what is refused, and how members decide about it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from analytics.jobs import prune_behaviour
from analytics.models import BehaviourDay, BehaviourEvent
from analytics.services.behaviour import Seen, decide_on_visits, record_behaviour
from common import clock
from members.models import Consent, Member

PAGE = {"name": "page", "page": "/points/"}


@pytest.fixture
def agreed(member: Member) -> Member:
    decide_on_visits(member=member, is_granted=True)
    return member


def tell(client: Client, *events: Any, **headers: str) -> int:
    sent = {"events": json.dumps(list(events))}
    return client.post(reverse("seen"), sent, headers=headers or None).status_code


def test_records_what_a_member_who_agreed_does(signed_in: Client, agreed: Member) -> None:
    click = {"name": "click", "page": "/coupons/", "target": "claim-offer"}
    assert tell(signed_in, PAGE, click) == 204
    rows = BehaviourEvent.objects.order_by("pk").values_list("member", "name", "page", "target")
    assert list(rows) == [
        (agreed.pk, "page", "/points/", ""),
        (agreed.pk, "click", "/coupons/", "claim-offer"),
    ]
    day = BehaviourDay.objects.get()
    assert (day.member, day.business_date, day.events) == (agreed, clock.today(), 2)


def test_records_nothing_without_consent(signed_in: Client, member: Member) -> None:
    assert tell(signed_in, PAGE) == 204
    decide_on_visits(member=member, is_granted=True)
    decide_on_visits(member=member, is_granted=False)
    assert tell(signed_in, PAGE) == 204
    assert not BehaviourEvent.objects.exists()
    assert not BehaviourDay.objects.exists()


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_a_browser_that_asks_not_to_be_followed_is_not(
    header: str, signed_in: Client, agreed: Member
) -> None:
    assert tell(signed_in, PAGE, **{header: "1"}) == 204
    assert not BehaviourEvent.objects.exists()
    assert tell(signed_in, PAGE, **{header: "0"}) == 204
    assert BehaviourEvent.objects.count() == 1


def test_records_nothing_of_strangers(client: Client, programme: None) -> None:
    assert tell(client, PAGE) == 204
    assert not BehaviourEvent.objects.exists()


def test_asks_for_the_token_of_its_page(agreed: Member) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert agreed.user is not None
    browser.force_login(agreed.user, backend="members.adapters.LoginBackend")
    assert tell(browser, PAGE) == 403
    page = browser.get(reverse("points")).content.decode()
    token = page.split('name="regulars-beacon" content="')[1].split('"')[0]
    sent = {"events": json.dumps([PAGE]), "csrfmiddlewaretoken": token}
    assert browser.post(reverse("seen"), sent).status_code == 204
    assert BehaviourEvent.objects.count() == 1


@pytest.mark.parametrize(
    "event",
    [
        {"name": "keypress", "page": "/"},
        {"name": ["page"], "page": "/"},
        {"name": "page"},
        {"page": "/"},
        {"name": "page", "page": "points"},
        {"name": "page", "page": "//evil.example/?q=1"},
        {"name": "page", "page": "/points/?q=secret"},
        {"name": "page", "page": "/" + "x" * 200},
        {"name": "page", "page": 7},
        {"name": "page", "page": "/", "target": 7},
        {"name": "page", "page": "/", "text": "typed"},
        "page",
        None,
    ],
)
def test_refuses_what_is_no_event(event: Any, signed_in: Client, agreed: Member) -> None:
    assert tell(signed_in, PAGE, event) == 400
    assert not BehaviourEvent.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"events": "["}, 400),
        ({"events": "[" * 7_000}, 400),
        ({"events": "{}"}, 400),
        ({"events": "[]"}, 400),
        ({"events": json.dumps([PAGE] * 21)}, 400),
        ({"events": " " * 9_000}, 413),
    ],
)
def test_refuses_what_is_no_list_of_events(
    sent: dict[str, str], status: int, signed_in: Client, agreed: Member
) -> None:
    assert signed_in.post(reverse("seen"), sent).status_code == status
    assert not BehaviourEvent.objects.exists()


def test_a_strange_target_is_left_out(signed_in: Client, agreed: Member) -> None:
    assert tell(signed_in, {**PAGE, "target": "<script>"}) == 204
    assert BehaviourEvent.objects.get().target == ""


def test_a_day_has_an_end(agreed: Member, settings: Any) -> None:
    settings.BEHAVIOUR_EVENTS_A_DAY = 5
    events = [Seen(name="page", page="/")] * 3
    assert record_behaviour(member=agreed, events=events) == 3
    assert record_behaviour(member=agreed, events=events) == 0
    assert record_behaviour(member=agreed, events=events[:2]) == 2
    assert BehaviourEvent.objects.count() == BehaviourDay.objects.get().events == 5
    tomorrow = clock.now() + timedelta(days=1)
    assert record_behaviour(member=agreed, events=events, now=tomorrow) == 3


def test_pages_hold_the_beacon_only_for_who_agreed(signed_in: Client, member: Member) -> None:
    def pages() -> set[bool]:
        names = ("home", "points", "inbox", "visits", "coupons")
        return {"beacon.js" in signed_in.get(reverse(name)).content.decode() for name in names}

    assert pages() == {False}
    decide_on_visits(member=member, is_granted=True)
    assert pages() == {True}


def test_members_say_yes_and_no(signed_in: Client, member: Member) -> None:
    page = reverse("visits")
    assert "We do not count" in signed_in.get(page).content.decode()
    told = signed_in.post(page, {"answer": "yes"}, follow=True).content.decode()
    assert "From now on we count" in told
    tell(signed_in, PAGE, PAGE)
    assert "2 records are kept of you now." in signed_in.get(page).content.decode()
    told = signed_in.post(page, {"answer": "no"}, follow=True).content.decode()
    assert "has been erased" in told
    assert not BehaviourEvent.objects.exists()
    assert not BehaviourDay.objects.exists()
    said = Consent.objects.filter(member=member).order_by("pk")
    assert list(said.values_list("channel", "is_granted", "source")) == [
        ("visits", True, "portal"),
        ("visits", False, "portal"),
    ]


def test_a_wrong_answer_changes_nothing(signed_in: Client, member: Member) -> None:
    assert signed_in.post(reverse("visits"), {"answer": "maybe"}).status_code == 302
    assert not Consent.objects.exists()


def test_says_that_a_browser_is_heard(signed_in: Client) -> None:
    page = signed_in.get(reverse("visits"), headers={"Sec-GPC": "1"}).content.decode()
    assert "Your browser asks not to be followed." in page


@pytest.mark.parametrize(("days", "left"), [(179, 2), (180, 2), (181, 0)])
def test_is_forgotten_after_its_days(days: int, left: int, agreed: Member) -> None:
    record_behaviour(member=agreed, events=[Seen(name="page", page="/")] * 2)
    night = clock.today() + timedelta(days=days)
    assert prune_behaviour(night, 0, 0) == {"events": 2 - left}
    assert BehaviourEvent.objects.count() == left
    assert prune_behaviour(night, 0, 0) == {"events": 0}
