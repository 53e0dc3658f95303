"""The statements that post an entry: on PostgreSQL one, elsewhere several, with the same effect."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from common.sql import fetch_last
from loyalty.models import (
    EntryNote,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointType,
)
from loyalty.services.ledger import Kind, lock_base_account
from loyalty.services.points import redeem_points, restore_points
from members.models import Member

from .ledgers import account_of, member_with_points, new_member
from .programmes import base_points, local

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)
Post = Callable[[dict[str, object]], int]


def by_the_file_of_this_database(params: dict[str, object]) -> int:
    ((entry_id,),) = fetch_last("loyalty", "post_entry", params)
    return int(entry_id)


def values(member: Member, kind: str, points: int, **others: object) -> dict[str, object]:
    """What the ledger gives to the statements, for the next entry of a member's account."""
    account = account_of(member)
    return {
        "account": account.pk,
        "number": account.entry_count + 1,
        "kind": kind,
        "points": points,
        "debt_change": 0,
        "balance": account.balance + points,
        "debt": 0,
        "at": NOON,
        "business_date": NOON.date(),
        "key": "it",
        "breakdown": json.dumps({"rules": []}),
        "recorded_at": NOON,
        "purchase": None,
        "refund": None,
        "activity": None,
        "reverses": None,
        "operator": None,
        "opened": 0,
        "available_at": None,
        "expires_at": None,
        "expiry": "",
        "activated_on": None,
        "moves": "[]",
        "note": "",
        **others,
    }


def all_rows(member: Member) -> list[Any]:
    """Everything that a post may write, told without ids."""
    entries = PointsEntry.objects.filter(account__member=member).order_by("number")
    lots = PointsLot.objects.for_member(member).order_by("id")
    place = {lot.pk: number for number, lot in enumerate(lots)}
    allocations = LotAllocation.objects.filter(entry__in=entries).order_by("id")
    notes = EntryNote.objects.filter(entry__in=entries).order_by("id")
    return [
        PointsAccount.objects.filter(member=member).values_list("balance", "debt", "entry_count"),
        entries.values_list("number", "kind", "points", "balance_after", "key", "breakdown", "at"),
        lots.values_list("points", "remaining", "available_at", "expires_at", "expiry"),
        [(place[found.lot_id], found.points, found.reverses_id is None) for found in allocations],
        notes.values_list("text", flat=True),
    ]


def everything(post: Post) -> list[list[Any]]:
    """A credit with a lot and a note, a debit of two lots, and a restore that puts one back."""
    member = member_with_points(60, 40)
    first, second = PointsLot.objects.for_member(member).order_by("id")
    lot = {"opened": 7, "available_at": NOON, "expires_at": local(2026, 1, 1), "expiry": "12M"}
    post(values(member, "earn", 7, key="a", note="So it was", activated_on=NOON.date(), **lot))
    moves = json.dumps([[first.pk, -60, None], [second.pk, -5, None]])
    spent = post(values(member, "redeem", -65, key="b", moves=moves))
    taken = LotAllocation.objects.get(entry=spent, lot=first)
    back = json.dumps([[first.pk, 20, taken.pk], [first.pk, -4, None]])
    never = {"opened": 4, "available_at": NOON, "expires_at": None, "expiry": "never"}
    post(values(member, "restore", 20, key="c", moves=back, reverses=spent, **never))
    return [list(rows) for rows in all_rows(member)]


def test_the_file_of_this_database_writes_what_is_asked() -> None:
    base_points()
    account, entries, lots, allocations, notes = everything(by_the_file_of_this_database)
    assert account == [(62, 0, 5)]
    assert [entry[:5] for entry in entries[2:]] == [
        (3, "earn", 7, 107, "a"),
        (4, "redeem", -65, 42, "b"),
        (5, "restore", 20, 62, "c"),
    ]
    assert [lot[:2] for lot in lots] == [(60, 16), (40, 35), (7, 7), (4, 4)]
    assert allocations == [(0, -60, True), (1, -5, True), (0, 20, False), (0, -4, True)]
    assert notes == ["A start", "A start", "So it was"]


@pytest.mark.postgres
def test_both_files_write_the_same() -> None:
    base_points()
    plain = plain_statements("post_entry")

    def by_the_plain_file(params: dict[str, object]) -> int:
        with connection.cursor() as cursor:
            for statement in plain:
                cursor.execute(statement, params)
            return int(cursor.fetchone()[0])

    assert everything(by_the_plain_file) == everything(by_the_file_of_this_database)


def plain_statements(name: str) -> list[str]:
    """The statements for SQLite, its way to read JSON said in PostgreSQL's words."""
    text = (Path(apps.get_app_config("loyalty").path) / "sql" / f"{name}.sql").read_text()
    for place in (0, 1, 2):
        text = text.replace(
            f"json_extract(move.value, '$[{place}]')", f"CAST(move.value->>{place} AS bigint)"
        )
    text = text.replace("json_each(%(moves)s) move", "LISTED").replace("move.key", "move.place")
    listed = "json_array_elements(CAST(%(moves)s AS json)) WITH ORDINALITY move (value, place)"
    # Typed as their columns are: a bare NULL would be text.
    for column, kind in (
        ("available_at", "timestamptz"),
        ("expires_at", "timestamptz"),
        ("activated_on", "date"),
    ):
        text = text.replace(f"%({column})s", f"CAST(%({column})s AS {kind})")
    return [part for part in text.replace("LISTED", listed).split(";\n") if part.strip()]


def test_a_locked_account_is_read_whole() -> None:
    base_points(expiry="12M", holding="7D", name_zh="积分")
    member = member_with_points(5)
    account = account_of(member)
    held = lock_base_account(member)
    fields = [field.attname for field in PointsAccount._meta.concrete_fields]
    assert [getattr(held, name) for name in fields] == [getattr(account, name) for name in fields]
    kind = [field.attname for field in PointType._meta.concrete_fields]
    read = PointType.objects.base()
    assert [getattr(held.point_type, name) for name in kind] == [
        getattr(read, name) for name in kind
    ]


def test_an_account_without_an_entry_is_locked_as_well() -> None:
    base_points()
    held = lock_base_account(new_member())
    assert (held.balance, held.entry_count, held.last_entry_at) == (0, 0, None)


def test_takes_no_more_lots_than_it_needs() -> None:
    base_points()
    member = member_with_points(60, 40, 30)
    spent = redeem_points(member=member, points=100, key="s", now=NOON)
    assert list(spent.allocations.order_by("id").values_list("points", flat=True)) == [-60, -40]
    back = restore_points(redemption=spent, key="t", now=NOON)
    assert (back.kind, account_of(member).balance) == (Kind.RESTORE, 130)
