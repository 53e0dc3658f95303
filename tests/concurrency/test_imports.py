"""Two files with the same invoices, imported at once on PostgreSQL: each is recorded once."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from common.errors import DomainError
from loyalty.models import PointsEntry, Purchase, PurchaseImport
from loyalty.services.imports import applying
from loyalty.services.imports.importing import import_purchases
from loyalty.services.presets import load_preset
from members.models import Member
from tests.loyalty.retail import retail_file, row

from .test_nights import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

INVOICES = 300


@pytest.fixture(autouse=True)
def small_batches(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "BATCH", 20)
    load_preset(name="plain")


def two_files(folder: Path, *, is_reversed: bool) -> list[Path]:
    """The same invoices twice, in the same order or from the last to the first."""
    rows = [row(str(number), customer=str(number)) for number in range(1, INVOICES + 1)]
    (folder / "other").mkdir()
    others = reversed(rows) if is_reversed else [*rows, row("A1")]
    return [retail_file(folder, rows), retail_file(folder / "other", others)]


def imported_at_once(paths: list[Path]) -> list[int | str]:
    """How many purchases each thread recorded, or what it was refused with."""
    turn = count()

    def import_one() -> int | str:
        path = paths[next(turn)]
        try:
            run = import_purchases(path=path, form="online-retail", progress=quietly)
        except DomainError as refusal:
            return refusal.code
        except DatabaseError:
            return "an error of the database"
        return run.purchases

    return at_once(len(paths), import_one)


def quietly(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@pytest.mark.parametrize("is_reversed", [True, False])
def test_two_files_share_their_invoices(tmp_path: Path, is_reversed: bool) -> None:
    purchases = imported_at_once(two_files(tmp_path, is_reversed=is_reversed))
    assert sum(int(number) for number in purchases) == INVOICES
    assert Purchase.objects.count() == Member.objects.count() == INVOICES
    assert PointsEntry.objects.count() == INVOICES
    assert set(PurchaseImport.objects.values_list("status", "errors")) == {("done", 0)}


def test_one_file_is_imported_by_one(tmp_path: Path) -> None:
    path = two_files(tmp_path, is_reversed=True)[0]
    outcomes = imported_at_once([path] * 4)
    assert sorted(map(str, outcomes)) == ["300", *["import_under_way"] * 3]
    assert Purchase.objects.count() == INVOICES


def test_control_without_turns_two_files_collide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_turn(run: PurchaseImport) -> None:
        run.refresh_from_db()

    monkeypatch.setattr(applying, "_take_turn", no_turn)
    outcomes = imported_at_once(two_files(tmp_path, is_reversed=False))
    assert any(isinstance(outcome, str) for outcome in outcomes)
