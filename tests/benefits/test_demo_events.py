"""The demo's events: laid over its shop once, whatever members there are."""

import pytest
from django.test import Client

from benefits.demo.events import load
from benefits.models import Event, EventSession, Registration
from common.proof import configured_checks, prove
from loyalty.demo import logins
from loyalty.demo.loading import load_demo
from loyalty.models import PointsEntry
from members.models import Member
from tests.sharing import shared

pytestmark = pytest.mark.django_db


def shop() -> Member:
    load_demo(seed=7, members=40)
    load()
    return Member.objects.get(email=logins.MEMBER_EMAIL)


lead = shared(shop)


def test_tells_of_a_past_event_and_of_some_to_come(lead: Member, client: Client) -> None:
    assert Event.objects.filter(status="published").count() == 4
    own = {place.event.name_en: place.status for place in Registration.objects.for_member(lead)}
    assert own["An evening of autumn oolong"] == "attended"
    assert own["First tasting of the new harvest"] == "confirmed"
    evening = Registration.objects.filter(event__name_en="An evening of autumn oolong")
    statuses = set(evening.values_list("status", flat=True))
    assert statuses == {"attended", "no_show", "cancelled"}
    earned = PointsEntry.objects.filter(activity__kind="event_attended")
    assert earned.count() == evening.filter(status="attended").count()
    assert {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean} == (
        set()
    )
    assert lead.user is not None
    client.force_login(lead.user, backend="members.adapters.LoginBackend")
    assert "Throw your own cup" in client.get("/events/").content.decode()


def test_is_laid_once(lead: Member) -> None:
    before = (Event.objects.count(), EventSession.objects.count(), Registration.objects.count())
    load()
    after = (Event.objects.count(), EventSession.objects.count(), Registration.objects.count())
    assert after == before
