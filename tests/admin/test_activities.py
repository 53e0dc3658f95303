"""Operators see what members did, and record it by hand; catalogue rows are theirs to keep."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from loyalty.models import Activity, Channel, Partner, PointsEntry, ProductCategory
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points, earning_rule, local

NOON = local(2025, 3, 1, 12)
RECORD = "admin:loyalty_activity_record"


@pytest.fixture
def member(db: None) -> Member:
    base = base_points()
    earning_rule(base, code="review", trigger="review", points=20, per_amount=None)
    earning_rule(base, code="profile", trigger="profile_completed", points=50, per_amount=None)
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def record(desk: Client, who: Member, **sent: Any) -> str:
    told = {"key": "k", "member": who.card_number, "kind": "review", "reference": "R-1"}
    told |= {"on": "2025-03-01", "time": "11:00", **sent}
    with time_machine.travel(NOON, tick=False):
        return desk.post(reverse(RECORD), told, follow=True).content.decode()


def test_are_recorded_by_hand_and_earn_once(desk: Client, member: Member) -> None:
    assert "The activity is recorded: +20 Points." in record(desk, member)
    record(desk, member, key="another")
    record(desk, member, reference="R-2")
    assert Activity.objects.count() == 2
    assert PointsEntry.objects.total() == 40
    assert Activity.objects.earliest("pk").at == NOON - timedelta(hours=1)


def test_without_a_reference_the_form_itself_counts_once(desk: Client, member: Member) -> None:
    for _ in range(2):
        record(desk, member, reference="")
    assert PointsEntry.objects.total() == 20


def test_a_profile_is_completed_once_ever(desk: Client, member: Member) -> None:
    for reference in ("first", "second"):
        record(desk, member, kind="profile_completed", reference=reference)
    assert Activity.objects.get().key == "once"
    assert PointsEntry.objects.total() == 50


def test_without_a_rule_they_are_kept_and_said_to_earn_nothing(
    desk: Client, member: Member
) -> None:
    assert "No rule gives points for it." in record(desk, member, kind="share")
    assert not PointsEntry.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"on": "2025-03-02"}, "This lies in the future: March 2, 2025"),
        ({"time": "12:11"}, "This lies in the future"),
        ({"kind": "purchase"}, "Select a valid choice"),
        ({"kind": "check_in"}, "Select a valid choice"),
        ({"member": "nobody at all"}, "No member is found for “nobody at all”."),
    ],
)
def test_refuses_what_cannot_be(
    desk: Client, member: Member, sent: dict[str, str], words: str
) -> None:
    assert words in record(desk, member, **sent)
    assert not Activity.objects.exists()


@pytest.mark.parametrize("model", [Channel, Partner, ProductCategory])
def test_catalogue_rows_are_added_and_renamed(desk: Client, model: Any) -> None:
    name = f"admin:loyalty_{model._meta.model_name}"
    sent = {"code": "app", "name_en": "App", "name_zh": "小程序"}
    assert desk.post(reverse(f"{name}_add"), sent).status_code == 302
    row = model.objects.get()
    page = reverse(f"{name}_change", args=[row.pk])
    desk.post(page, {**sent, "code": "other", "name_en": "The app"})
    row.refresh_from_db()
    assert (row.code, row.name_en) == ("app", "The app")
    assert "already exists" in desk.post(reverse(f"{name}_add"), sent).content.decode()
    assert page in desk.get(reverse(f"{name}_changelist")).content.decode()
