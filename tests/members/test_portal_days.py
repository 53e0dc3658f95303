"""A day in the portal is written once, whatever is opened, and answered at once."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import PortalDay
from members.services import record_visit
from tests.factories import member_with_login
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

NOON = local(2025, 5, 1, 12)


@pytest.mark.parametrize(
    ("at", "is_new"),
    [
        (local(2025, 5, 1), False),
        (local(2025, 5, 1, 23, 59, 59), False),
        (local(2025, 5, 2), True),
    ],
)
def test_counts_once_a_business_date(at: datetime, is_new: bool) -> None:
    member = member_with_login()
    assert record_visit(member=member, now=NOON)
    assert record_visit(member=member, now=at) is is_new
    assert PortalDay.objects.count() == 1 + is_new


@pytest.mark.parametrize("page", ["home", "points", "inbox"])
def test_any_page_makes_the_day(page: str, client: Client, django_assert_num_queries: Any) -> None:
    member = member_with_login()
    assert member.user is not None
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    assert client.get(reverse(page)).status_code == 200
    day = PortalDay.objects.get()
    assert (day.member, day.at.date()) == (member, day.at.date())
    with django_assert_num_queries(4):
        client.get(reverse("inbox"))
    assert PortalDay.objects.count() == 1
