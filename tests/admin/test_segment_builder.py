"""The builder of segments, files of members, and runs: on the operators' side."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analytics.jobs import measure_members, work_on_runs
from analytics.models import MemberRun, SegmentRule
from common import clock
from members.models import Member, MemberTag, Segment, SegmentMembership, Tag
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import local


@pytest.fixture
def segment(db: None) -> Segment:
    return Segment.objects.create(code="tea", name_en="Tea lovers", name_zh="茶友")


@pytest.fixture
def people(db: None) -> list[Member]:
    """Five members, measured; two of them are tagged."""
    people = [MemberFactory.create(joined_at=local(2024, 1, 1)) for _ in range(5)]
    tag = Tag.objects.create(code="vip", name_en="Guest of honour", name_zh="贵宾")
    for member in people[:2]:
        MemberTag.objects.create(tag=tag, member=member)
    measure_members(clock.today(), 1, 2**62)
    return people


def page_of(segment: Segment, name: str) -> str:
    return reverse(f"admin:members_segment_{name}", args=[segment.pk])


def rows(*told: dict[str, Any], match: str = "all", **more: str) -> dict[str, Any]:
    """The page's data as a browser sends it: each row has field, operator, value, and group 1."""
    sent: dict[str, Any] = {"match": match, "new_group": "1", "row": [], **more}
    for number, row in enumerate(told):
        sent["row"].append(row["field"])
        for name, value in {"group": "1", **row}.items():
            if name != "field":
                sent[f"r{number}-{name}"] = value
    return sent


TAGGED = {"field": "tag", "operator": "one_of", "value": ["vip"]}
LONG_HERE = {"field": "joined_ago", "operator": "at_least", "value": "30"}


def test_rows_are_added_and_removed_without_a_script(desk: Client, segment: Segment) -> None:
    page = page_of(segment, "conditions")
    assert "No conditions yet" in desk.get(page).content.decode()
    added = desk.post(page, {"match": "all", "new_field": "money_90", "new_group": "2", "add": ""})
    forms = added.context["builder"]
    assert forms.names == ["money_90"]
    assert [number for number, _match, _rows in forms.groups] == ["2"]
    assert 'name="r0-value"' in added.content.decode()
    typed = {"field": "money_90", "operator": "at_most", "value": "70", "group": "2"}
    more = desk.post(page, rows(typed, new_field="tag", add=""))
    forms = more.context["builder"]
    assert forms.names == ["money_90", "tag"]
    assert (forms.rows[0]["value"].value(), forms.rows[0]["operator"].value()) == ("70", "at_most")
    left = desk.post(page, rows({**typed, "remove": "on"}, TAGGED, tidy=""))
    assert left.context["builder"].names == ["tag"]
    assert left.context["builder"].rows[0]["value"].value() == ["vip"]
    assert not SegmentRule.objects.exists()


def test_counts_before_anything_is_saved(
    desk: Client, segment: Segment, people: list[Member]
) -> None:
    page = desk.post(page_of(segment, "conditions"), rows(TAGGED, LONG_HERE, count=""))
    told = page.content.decode()
    assert "2 members" in told
    assert "tag is one of Guest of honour and joining was at least 30 days ago" in told
    assert not SegmentRule.objects.exists()
    either = rows(TAGGED, {**LONG_HERE, "group": "2"}, match="any", count="")
    assert "5 members" in desk.post(page_of(segment, "conditions"), either).content.decode()


def test_saves_and_has_everybody_looked_at(
    desk: Client, segment: Segment, people: list[Member]
) -> None:
    desk.post(page_of(segment, "conditions"), rows(TAGGED, save="", match_1="any"))
    rule = SegmentRule.objects.get()
    assert rule.definition == {
        "match": "all",
        "groups": [
            {
                "match": "any",
                "conditions": [{"field": "tag", "operator": "one_of", "value": ["vip"]}],
            }
        ],
    }
    page = desk.get(page_of(segment, "change")).content.decode()
    assert "Workers have looked at 0 of 5 members." in page
    work_on_runs()
    page = desk.get(page_of(segment, "change")).content.decode()
    assert "Members of whom it is true: tag is one of Guest of honour." in page
    assert "2 members on" in page
    assert SegmentMembership.objects.open().count() == 2
    shown = desk.get(page_of(segment, "conditions")).context["builder"]
    assert (shown.names, shown.joins["match_1"].value()) == (["tag"], "any")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (rows(save=""), "Add at least one condition."),
        (rows({**TAGGED, "value": []}, save=""), "This field is required"),
        (rows({**TAGGED, "value": ["nobody"]}, save=""), "is not one of the available choices"),
        (rows({**TAGGED, "operator": "gte"}, save=""), "is not one of the available choices"),
        (rows({**TAGGED, "group": "6"}, save=""), "is not one of the available choices"),
        (rows({**LONG_HERE, "value": "-1"}, save=""), "greater than or equal to 0"),
        (rows({**LONG_HERE, "value": ""}, save=""), "This field is required"),
        (rows(TAGGED, match="some", save=""), "is not one of the available choices"),
        (rows({**LONG_HERE, "field": "user__password"}, save=""), "Add at least one condition."),
    ],
)
def test_says_what_does_not_fit(
    sent: dict[str, Any], words: str, desk: Client, segment: Segment, people: list[Member]
) -> None:
    assert words in desk.post(page_of(segment, "conditions"), sent).content.decode()
    assert not SegmentRule.objects.exists()


def test_every_field_can_be_added(desk: Client, segment: Segment, people: list[Member]) -> None:
    page = page_of(segment, "conditions")
    choices = desk.get(page).context["form"].fields["new_field"].choices
    names = [name for _chapter, fields in choices[1:] for name, _label in fields]
    for name in names:
        answer = desk.post(page, {"match": "all", "new_field": name, "new_group": "1", "add": ""})
        assert answer.context["builder"].names == [name]


def test_what_is_computed_is_not_changed_by_hand(
    desk: Client, segment: Segment, people: list[Member]
) -> None:
    page = desk.get(page_of(segment, "change")).content.decode()
    assert page_of(segment, "list_file") in page
    assert page_of(segment, "stop") not in page
    desk.post(page_of(segment, "conditions"), rows(TAGGED, save=""))
    work_on_runs()
    page = desk.get(page_of(segment, "change")).content.decode()
    for name in ("put", "take", "list_file"):
        assert page_of(segment, name) not in page
    desk.post(page_of(segment, "compute"), {"key": "k"})
    assert MemberRun.objects.filter(status="working").count() == 1
    desk.post(page_of(segment, "stop"), {"key": "k"})
    assert not SegmentRule.objects.get().is_active
    assert page_of(segment, "list_file") in desk.get(page_of(segment, "change")).content.decode()


def cards_file(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("cards.csv", "\n".join(lines).encode())


def test_a_file_lists_exactly_its_members(
    desk: Client, segment: Segment, people: list[Member]
) -> None:
    page = page_of(segment, "list_file")
    first, second, third = (member.card_number for member in people[:3])
    file = cards_file("card;name", f"{first};王", "", f"{second[:4]} {second[4:]}")
    told = desk.post(page, {"key": "k", "file": file}, follow=True).content.decode()
    assert "2 members joined, 0 left." in told
    file = cards_file(second, third)
    told = desk.post(page, {"key": "k", "file": file}, follow=True).content.decode()
    assert "1 member joined, 1 left." in told
    refused = desk.post(page, {"key": "k", "file": cards_file(first, "", "123")}).content.decode()
    assert "Nobody holds the cards of these lines: 3: 123 (1 in all)." in refused
    inside = SegmentMembership.objects.open().values_list("member__card_number", flat=True)
    assert set(inside) == {second, third}


@pytest.mark.parametrize("content", [b"\xff\xfe1", b"1" * (4 * 1024 * 1024 + 1), b""])
def test_refuses_a_file_that_is_no_list(content: bytes, desk: Client, segment: Segment) -> None:
    file = SimpleUploadedFile("cards.csv", content)
    page = desk.post(page_of(segment, "list_file"), {"key": "k", "file": file})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_a_stopped_run_is_resumed_by_a_button(desk: Client, segment: Segment) -> None:
    MemberFactory.create(joined_at=local(2024, 1, 1))
    desk.post(page_of(segment, "conditions"), rows(LONG_HERE, save=""))
    run = MemberRun.objects.get()
    page = reverse("admin:analytics_memberrun_resume", args=[run.pk])
    assert "Only a run that an error stopped" in desk.post(page, {"key": "k"}).content.decode()
    MemberRun.objects.update(status="failed", error="Traceback\nBoom")
    address = reverse("admin:analytics_memberrun_change", args=[run.pk])
    assert "Boom" in desk.get(address).content.decode()
    assert "goes on within a minute" in desk.post(page, {"key": "k"}, follow=True).content.decode()
    work_on_runs()
    run.refresh_from_db()
    assert run.status == "done"


def test_only_who_may_change_segments_does(client: Client, segment: Segment) -> None:
    reader = OperatorFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(reader)
    assert client.get(page_of(segment, "change")).status_code == 200
    for name in ("conditions", "compute", "stop", "list_file"):
        assert client.get(page_of(segment, name)).status_code == 403, name


def test_an_old_definition_still_shows_its_page(desk: Client, segment: Segment) -> None:
    desk.post(page_of(segment, "conditions"), rows(LONG_HERE, save=""))
    SegmentRule.objects.update(members=0, computed_on=clock.today() - timedelta(days=1))
    listed = desk.get(reverse("admin:members_segment_changelist")).content.decode()
    assert "conditions" in listed
