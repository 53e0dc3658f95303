"""The queue of members to care for, the report by action, and the warning levels."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from analytics.jobs import measure_members, open_care_tasks
from analytics.models import CareTask, WarningLevel
from common import clock
from members.models import User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import local

LIST = "admin:analytics_caretask_changelist"
REPORT = "admin:analytics_caretask_report"


@pytest.fixture
def tasks(db: None) -> list[CareTask]:
    """Three members of whom nothing was heard, and a task for each."""
    WarningLevel.objects.create(
        kind="no_interaction", threshold=30, rank=1, name_en="Quiet", action_en="Write a card"
    )
    for number in range(3):
        MemberFactory.create(joined_at=local(2024, 1, 1), given_name=f"G{number}")
    measure_members(clock.today(), 1, 2**62)
    open_care_tasks(clock.today(), 1, 2**62)
    return list(CareTask.objects.order_by("pk"))


def page_of(task: CareTask, name: str) -> str:
    return reverse(f"admin:analytics_caretask_{name}", args=[task.pk])


def chosen(tasks: list[CareTask], action: str, **sent: Any) -> dict[str, Any]:
    return {"action": action, "_selected_action": [task.pk for task in tasks], **sent}


def test_the_queue_shows_what_waits(desk: Client, tasks: list[CareTask]) -> None:
    CareTask.objects.filter(pk=tasks[0].pk).update(
        status="dismissed", ended_on=clock.today(), note="Moved"
    )
    page = desk.get(reverse(LIST))
    assert list(page.context["cl"].result_list) == tasks[1:]
    assert "Write a card" in page.content.decode()
    everything = desk.get(reverse(LIST), {"status": "all"})
    assert len(everything.context["cl"].result_list) == 3


def test_the_queue_begins_with_what_is_due_first(desk: Client, tasks: list[CareTask]) -> None:
    late = clock.today() - timedelta(days=1)
    CareTask.objects.filter(pk=tasks[2].pk).update(opened_on=late, due_on=late)
    page = desk.get(reverse(LIST))
    assert list(page.context["cl"].result_list) == [tasks[2], tasks[0], tasks[1]]
    assert "state-bad" in page.content.decode()


def test_finds_ones_own(desk: Client, operator: User, tasks: list[CareTask]) -> None:
    CareTask.objects.filter(pk=tasks[1].pk).update(owner=operator)
    for owner, found in (("me", [tasks[1]]), ("nobody", [tasks[0], tasks[2]])):
        page = desk.get(reverse(LIST), {"owner": owner})
        assert list(page.context["cl"].result_list) == found


def test_one_task_is_assigned_and_acted_upon(
    desk: Client, operator: User, tasks: list[CareTask]
) -> None:
    task = tasks[0]
    desk.post(page_of(task, "assign"), {"key": "k", "owner": operator.pk})
    desk.post(page_of(task, "record"), {"key": "k", "care": "call", "note": "Friendly"})
    task.refresh_from_db()
    assert (task.owner, task.status, task.action) == (operator, "acted", "call")
    assert (task.acted_by, task.acted_on, task.note) == (operator, clock.today(), "Friendly")
    again = desk.post(page_of(task, "record"), {"key": "k", "care": "gift"})
    assert "only 0 are open now" in again.content.decode()
    task.refresh_from_db()
    assert task.action == "call"
    page = desk.get(page_of(task, "change")).content.decode()
    assert page_of(task, "assign") in page
    assert page_of(task, "record") not in page


def test_a_task_is_dismissed_with_a_reason(desk: Client, tasks: list[CareTask]) -> None:
    task = tasks[0]
    assert "This field is required" in desk.post(page_of(task, "dismiss"), {}).content.decode()
    desk.post(page_of(task, "dismiss"), {"key": "k", "note": "Moved away"})
    task.refresh_from_db()
    assert (task.status, task.note, task.ended_on) == ("dismissed", "Moved away", clock.today())
    assert page_of(task, "assign") not in desk.get(page_of(task, "change")).content.decode()


def test_many_tasks_are_acted_upon_at_once(
    desk: Client, operator: User, tasks: list[CareTask]
) -> None:
    page = desk.post(reverse(LIST), chosen(tasks[:2], "record_chosen")).content.decode()
    assert page.count("· Quiet") == 2
    assert set(CareTask.objects.values_list("status", flat=True)) == {"open"}
    sent = chosen(tasks[:2], "record_chosen", perform="", key="k", note="")
    refused = desk.post(reverse(LIST), sent).content.decode()
    assert "This field is required" in refused
    done = desk.post(reverse(LIST), {**sent, "care": "coupon"}, follow=True).content.decode()
    assert "2 tasks were changed." in done
    statuses = CareTask.objects.order_by("pk").values_list("status", "action")
    assert list(statuses) == [("acted", "coupon"), ("acted", "coupon"), ("open", "")]


def test_a_late_form_for_many_changes_none(desk: Client, tasks: list[CareTask]) -> None:
    desk.post(page_of(tasks[0], "dismiss"), {"key": "k", "note": "Moved away"})
    sent = chosen(tasks, "record_chosen", perform="", key="k", care="call", note="")
    page = desk.post(reverse(LIST), sent).content.decode()
    assert "Of the 3 tasks chosen only 2 are open now" in page
    assert not CareTask.objects.filter(action="call").exists()


def test_many_are_assigned_and_dismissed(
    desk: Client, operator: User, tasks: list[CareTask]
) -> None:
    sent = chosen(tasks, "assign_chosen", perform="", key="k", owner=operator.pk)
    desk.post(reverse(LIST), sent)
    assert CareTask.objects.filter(owner=operator).count() == 3
    sent = chosen(tasks, "dismiss_chosen", perform="", key="k", note="A test")
    desk.post(reverse(LIST), sent)
    assert CareTask.objects.filter(status="dismissed").count() == 3


def test_only_who_may_change_tasks_acts(client: Client, tasks: list[CareTask]) -> None:
    reader = OperatorFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_caretask"))
    client.force_login(reader)
    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(reverse(REPORT)).status_code == 200
    for name in ("assign", "record", "dismiss"):
        assert client.get(page_of(tasks[0], name)).status_code == 403
    sent = chosen(tasks, "dismiss_chosen", perform="", key="k", note="A test")
    client.post(reverse(LIST), sent)
    assert set(CareTask.objects.values_list("status", flat=True)) == {"open"}


def test_the_report_tells_by_action(desk: Client, tasks: list[CareTask]) -> None:
    desk.post(page_of(tasks[0], "record"), {"key": "k", "care": "call", "note": ""})
    page = desk.get(reverse(REPORT)).content.decode()
    assert "phone call" in page
    today = clock.today().isoformat()
    answer = desk.get(reverse(REPORT), {"since": today, "until": today, "csv": "1"})
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines == [
        "Action,Tasks,Came back,Did not come back,Still measured,Share that came back",
        "none,2,0,2,0,0.000000",
        "phone call,1,0,0,1,",
    ]


def test_the_report_refuses_days_that_go_backwards(desk: Client, tasks: list[CareTask]) -> None:
    page = desk.get(reverse(REPORT), {"since": "2025-02-01", "until": "2025-01-01"})
    assert "The first day comes after the last one." in page.content.decode()


def test_suggested_levels_are_added_by_a_button(desk: Client) -> None:
    address = reverse("admin:analytics_warninglevel_suggest")
    assert "30 days without interaction" in desk.get(address).content.decode()
    assert not WarningLevel.objects.exists()
    assert "3 levels were added." in desk.post(address, follow=True).content.decode()
    assert "0 levels were added." in desk.post(address, follow=True).content.decode()


def test_a_level_that_cannot_be_meant_is_refused_in_words(desk: Client) -> None:
    sent = {
        "name_en": "Fell", "kind": "falling_score", "threshold": 20, "until_days": 40, "rank": 1,
        "is_active": "on", "action_en": "Call", "due_days": 3, "quiet_days": 90,
    }  # fmt: skip
    address = reverse("admin:analytics_warninglevel_add")
    page = desk.post(address, sent).content.decode()
    assert "Points fallen are from 1 to 100" in page
    desk.post(address, {**sent, "until_days": ""})
    assert WarningLevel.objects.get().history.count() == 1
