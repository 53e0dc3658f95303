"""Everything that is known of a member can be taken away, and no table is forgotten."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loyalty.models import EntryNote, PointsEntry
from loyalty.services.adjustments import adjust_points
from members.exports import member_csv_zip, member_json
from members.member_data import configured_exceptions, configured_tables
from members.models import Member, User
from members.services.merging import merge_members
from tests.factories import MemberFactory, OperatorFactory, member_with_login
from tests.loyalty.programmes import base_points

from .story import whole_member

pytestmark = pytest.mark.django_db


def referring_to(target: type[Model]) -> set[type[Model]]:
    """The tables with a foreign key to this one."""
    return {
        model
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is target and field.model is model
    }


def tables_of_members() -> set[type[Model]]:
    """Every table from which foreign keys lead to a member, over any number of tables between;
    and third parties' tables with a foreign key to a login, which may be a member's."""
    found: set[type[Model]] = {Member, User}
    waiting = [Member]
    while waiting:
        fresh = referring_to(waiting.pop()) - found
        found |= fresh
        waiting += fresh
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.module and "site-packages" not in str(config.path)
    }
    of_logins = {model for model in referring_to(User) if model._meta.app_label not in ours}
    of_logins |= {model for model in referring_to(User) if model._meta.auto_created}
    return found | of_logins | {model for login in of_logins for model in referring_to(login)}


def test_no_table_with_rows_of_members_is_forgotten() -> None:
    told = {table.model._meta.label for table in configured_tables()}
    left_out = configured_exceptions()
    assert told.isdisjoint(left_out)
    assert all(reason for reason in left_out.values())
    reached = {
        model._meta.label
        for model in tables_of_members()
        if not model.__name__.startswith("Historical")
    }
    assert sorted(reached - told - set(left_out)) == [], (
        "List these in their app's member_data.py: as a DataTable, or in left_out with a reason. "
        "What they hold in words is forgotten by a function of MEMBER_ERASURE."
    )


@pytest.fixture
def member(time_machine: Any) -> Member:
    time_machine.move_to(datetime(2025, 3, 21, 4, tzinfo=UTC))
    return whole_member()


def told_json(member: Member) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = json.loads("".join(member_json(member)))["tables"]
    return tables


def told_csv(member: Member) -> dict[str, list[dict[str, str]]]:
    archive = ZipFile(io.BytesIO(b"".join(member_csv_zip(member))))
    assert archive.testzip() is None
    return {
        name.removesuffix(".csv"): list(
            csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))
        )
        for name in archive.namelist()
    }


def test_every_table_is_told_with_all_rows_of_this_member_only(member: Member) -> None:
    adjust_points(member=MemberFactory.create(), points=5, key="x", reason="Of another")
    tables = told_json(member)
    assert [name for name, rows in tables.items() if not rows] == []
    for table in configured_tables():
        rows = table.model._default_manager.filter(**{table.path: member.pk})
        assert len(tables[table.name]) == rows.count(), table.name
    assert "Of another" not in json.dumps(tables)
    (person,) = tables["members.member"]
    assert (person["phone"], person["external_number"]) == ("+8613800004242", "C-4242")
    assert "password" not in tables["members.user"][0]
    assert {row["channel"] for row in tables["members.consent"]} == {"email", "sms", "visits"}
    assert tables["loyalty.purchase"][0]["amount"] == "900.00"
    assert tables["loyalty.standing"][0]["tier"] == "silver"


def test_both_files_tell_the_same(member: Member) -> None:
    by_json, by_csv = told_json(member), told_csv(member)
    assert by_csv.keys() == by_json.keys()
    for name, rows in by_json.items():
        assert [row.keys() for row in by_csv[name]] == [row.keys() for row in rows], name
        numbers = [str(row.get("id", "")) for row in rows]
        assert [row.get("id", "") for row in by_csv[name]] == numbers, name
    assert by_csv["loyalty.purchase"][0]["amount"] == "900.00"


def test_a_formula_stays_a_text() -> None:
    member = MemberFactory.create(given_name="=HYPERLINK(1)", family_name="＋1")
    (row,) = told_csv(member)["members.member"]
    assert (row["given_name"], row["family_name"]) == ("'=HYPERLINK(1)", "'＋1")
    # A program gets the name itself.
    assert told_json(member)["members.member"][0]["given_name"] == "=HYPERLINK(1)"


def entries(member: Member, count: int) -> None:
    for number in range(count):
        adjust_points(member=member, points=5, key=f"a{number}-{count}", reason="Again")


def queries(member: Member) -> list[int]:
    counts = []
    for written in (member_json, member_csv_zip):
        with CaptureQueriesContext(
            connection,
        ) as sent:
            for _part in written(member):  # type: ignore[operator]
                pass
        counts.append(len(sent))
    return counts


def test_queries_do_not_grow_with_the_rows() -> None:
    base_points()
    member = MemberFactory.create()
    entries(member, 1)
    few = queries(member)
    entries(member, 10)
    # One besides for the tables: who was merged into the member.
    assert queries(member) == few == [len(configured_tables()) + 1] * 2


def test_the_files_of_a_kept_member_hold_what_the_merged_one_left() -> None:
    base_points()
    kept, merged = MemberFactory.create(), MemberFactory.create()
    adjust_points(member=merged, points=7, key="a", reason="Before they were one")
    merge_members(
        kept=kept, merged=merged, operator=OperatorFactory(), reason="One person", key="m"
    )
    tables = told_json(kept)
    assert [row["id"] for row in tables["members.member"]] == [kept.pk, merged.pk]
    assert [row["points"] for row in tables["loyalty.pointsentry"]] == [7, -7, 7]
    assert tables["loyalty.entrynote"][0]["text"] == "Before they were one"
    assert len(told_csv(kept)["members.member"]) == 2


def test_is_sent_in_parts() -> None:
    """What is held of it at a time is bounded: no part is much larger than the others."""
    base_points()
    member = MemberFactory.create()
    adjust_points(member=member, points=5, key="a", reason="x")
    entry = PointsEntry.objects.get()
    EntryNote.objects.filter(entry=entry).update(text="x" * 500)
    for _number in range(400):
        adjust_points(member=member, points=1, key=f"n{_number}", reason="y" * 500)
    parts = list(member_json(member))
    assert len(parts) > 3
    assert max(map(len, parts)) < 2 * 64 * 1024


@pytest.fixture
def signed_in(client: Client) -> Client:
    member = member_with_login()
    assert member.user is not None
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    return client


@pytest.mark.parametrize(
    ("name", "kind"), [("data_json", "application/json"), ("data_csv", "application/zip")]
)
def test_is_a_file_of_the_members_own(signed_in: Client, name: str, kind: str) -> None:
    response = signed_in.get(reverse(name))
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.streaming
    assert b"".join(response)  # type: ignore[arg-type]
