"""Operators tell a segment something: written, looked at with its count, confirmed, watched."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from members.models import Announcement, Notice, Segment, User
from members.services import add_to_segment
from members.services.announcing import ANNOUNCING
from tests.factories import MemberFactory, OperatorFactory


@pytest.fixture
def segment(db: None) -> Segment:
    """Two members who like tea."""
    segment = Segment.objects.create(code="tea", name_en="Tea lovers", name_zh="茶友")
    add_to_segment(
        segment=segment, cards=[member.card_number for member in MemberFactory.create_batch(2)]
    )
    return segment


def page(name: str, row: Announcement | None = None) -> str:
    return reverse(f"admin:members_announcement_{name}", args=[row.pk] if row else [])


def words(segment: Segment, **values: Any) -> dict[str, Any]:
    return {
        "key": "k",
        "segment": segment.pk,
        "title_en": "Tea evening",
        "title_zh": "品茶之夜",
        "body_en": "Come on Friday.",
        "body_zh": "周五见。",
        **values,
    }


def test_is_written_counted_confirmed_sent_and_watched(
    desk: Client, operator: User, segment: Segment
) -> None:
    for _ in range(2):
        assert desk.post(page("new"), words(segment)).status_code == 302
    row = Announcement.objects.get()
    shown = desk.get(page("change", row)).content.decode()
    for text in ("Nobody has been told yet.", "active members of", "Tea evening", "品茶之夜"):
        assert text in shown
    asked = desk.get(page("send", row)).content.decode()
    assert "2 members of “Tea lovers” get “Tea evening”, each once." in asked
    assert not Notice.objects.exists()
    assert desk.post(page("send", row), {"key": "c"}).status_code == 302
    assert 'hx-trigger="every 2s"' in desk.get(page("change", row)).content.decode()
    row.refresh_from_db()
    ANNOUNCING.work_on(row)
    done = desk.get(page("progress", row))
    assert done.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.content.decode()
    assert (row.operator, row.sender, row.status, row.told) == (operator, operator, "done", 2)
    assert Notice.objects.count() == 2


def test_what_was_sent_begins_another(desk: Client, segment: Segment) -> None:
    desk.post(page("new"), words(segment))
    row = Announcement.objects.get()
    assert 'value="Tea evening"' in desk.get(page("copy", row)).content.decode()
    changed = words(segment, key="another", title_en="Tea again")
    assert desk.post(page("copy", row), changed).status_code == 302
    assert list(Announcement.objects.values_list("title_en", flat=True).order_by("pk")) == [
        "Tea evening",
        "Tea again",
    ]


def test_a_withdrawn_one_is_not_sent(desk: Client, segment: Segment) -> None:
    desk.post(page("new"), words(segment))
    row = Announcement.objects.get()
    desk.post(page("withdraw", row), {"key": "w"})
    refused = desk.post(page("send", row), {"key": "c"}).content.decode()
    assert "This announcement does not wait to be sent any more." in refused
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title_zh": ""}, "This field is required."),
        ({"body_en": "x" * 1001}, "at most 1000 characters"),
        ({"segment": 0}, "Select a valid choice."),
        ({"title_en": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_says_what_is_missing(
    desk: Client, segment: Segment, values: dict[str, Any], said: str
) -> None:
    response = desk.post(page("new"), words(segment) | values)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Announcement.objects.exists()


def test_who_may_write_may_not_send_for_that(client: Client, segment: Segment) -> None:
    writer = OperatorFactory(is_superuser=False)
    names = ("view_announcement", "add_announcement")
    writer.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(writer)
    assert client.post(page("new"), words(segment)).status_code == 302
    row = Announcement.objects.get()
    assert page("send", row) not in client.get(page("change", row)).content.decode()
    assert client.post(page("send", row), {"key": "c"}).status_code == 403
    row.refresh_from_db()
    assert row.status == "written"


def test_is_not_for_operators_who_only_look(client: Client, segment: Segment) -> None:
    looker = OperatorFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_announcement"))
    client.force_login(looker)
    assert client.get(page("changelist")).status_code == 200
    assert client.post(page("new"), words(segment)).status_code == 403
    assert not Announcement.objects.exists()
