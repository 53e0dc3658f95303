"""What is written once stays: the database refuses every way to change it."""

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from common.append_only import (
    append_only_tables,
    drop_triggers,
    install_triggers,
    missing_triggers,
)
from loyalty.models import PointsAccount, PointsEntry, PointType
from tests.factories import MemberFactory

TABLE = "loyalty_pointsentry"


@pytest.fixture
def entry(db: None) -> PointsEntry:
    member = MemberFactory()
    kind = PointType.objects.create(code="test", name_en="Test points")
    account = PointsAccount.objects.create(member=member, point_type=kind, is_spendable=False)
    return PointsEntry.objects.create(
        account=account,
        number=1,
        kind=PointsEntry.Kind.ADJUST,
        points=5,
        balance_after=5,
        debt_after=0,
        at=member.joined_at,
        business_date=member.joined_on,
        key="test",
    )


def refused(statement: str) -> str:
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return str(refusal.value)


def problems() -> list[str | None]:
    messages = run_checks(tags=[Tags.database], databases=["default"])
    return [message.id for message in messages if (message.id or "").startswith("common.")]


def test_refuses_update_and_delete_in_sql(entry: PointsEntry) -> None:
    assert f"{TABLE} is append-only: UPDATE is refused" in refused(f"UPDATE {TABLE} SET points = 6")
    assert f"{TABLE} is append-only: DELETE is refused" in refused(f"DELETE FROM {TABLE}")
    assert PointsEntry.objects.get().points == 5


def test_refuses_update_and_delete_by_the_orm(entry: PointsEntry) -> None:
    entry.points = 6
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(update_fields=["points"])
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PointsEntry.objects.update(points=7)
    assert PointsEntry.objects.get().points == 5


def test_refuses_an_update_that_changes_nothing(entry: PointsEntry) -> None:
    refused(f"UPDATE {TABLE} SET points = points")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own way to rewrite a row")
def test_refuses_to_replace_a_row(entry: PointsEntry) -> None:
    refused(f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE}")
    refused(f"UPDATE OR REPLACE {TABLE} SET points = 6")
    assert PointsEntry.objects.get().points == 5


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own ways to rewrite")
def test_refuses_to_truncate_and_to_upsert(db: None) -> None:
    assert "TRUNCATE is refused" in refused(f"TRUNCATE {TABLE} CASCADE")


def test_lets_a_conflict_be_ignored(entry: PointsEntry) -> None:
    copy = PointsEntry.objects.get()
    copy.pk = None
    PointsEntry.objects.bulk_create([copy], ignore_conflicts=True)
    assert PointsEntry.objects.count() == 1


def test_stands_on_every_table_that_is_written_once(db: None) -> None:
    assert {TABLE, "loyalty_lotallocation", "loyalty_tierchange"} <= set(
        append_only_tables(connection)
    )
    assert missing_triggers(connection) == []


def test_is_lifted_and_put_back(entry: PointsEntry) -> None:
    drop_triggers(connection)
    tables = append_only_tables(connection)
    assert len(missing_triggers(connection)) == 2 * len(tables)
    PointsEntry.objects.update(points=6)
    install_triggers(connection)
    install_triggers(connection)
    assert missing_triggers(connection) == []
    refused(f"UPDATE {TABLE} SET points = 7")


def test_is_put_back_by_migrate(db: None) -> None:
    drop_triggers(connection)
    call_command("migrate", verbosity=0, skip_checks=True)
    assert missing_triggers(connection) == []


def test_is_reported_when_missing(db: None) -> None:
    assert problems() == []
    drop_triggers(connection)
    expected = 2 * len(append_only_tables(connection))
    assert problems() == ["common.W001"] * expected


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite disables no trigger")
def test_counts_a_disabled_trigger_as_missing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_append_only_change")
    assert missing_triggers(connection) == [(TABLE, "change")]
    install_triggers(connection)
    assert missing_triggers(connection) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has the pragma")
def test_reports_a_connection_that_lets_replace_through(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        try:
            assert problems() == ["common.W002"]
        finally:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert problems() == []
