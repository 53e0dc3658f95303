"""One import of a file at a time; who lost the claim writes nothing more."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common import clock
from loyalty.errors import ImportUnderWay
from loyalty.models import EarningRule, Purchase, PurchaseImport, StagedInvoice, StagedRow
from loyalty.services.imports import applying, staging
from loyalty.services.imports.applying import apply_next
from loyalty.services.imports.claims import SILENCE, open_import, release
from loyalty.services.imports.formats import ONLINE_RETAIL
from loyalty.services.imports.staging import stage
from loyalty.services.presets import load_preset
from members.models import Member
from tests.loyalty.retail import HEADER, retail_file, row, run_import

pytestmark = pytest.mark.django_db

DEAD = "nowhere:1:0.00"


@pytest.fixture(autouse=True)
def plain() -> None:
    load_preset(name="plain")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return retail_file(tmp_path, [row(str(number)) for number in range(1, 6)])


def quietly(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def staged(path: Path) -> PurchaseImport:
    run = open_import(path, ONLINE_RETAIL)
    stage(run, path, ONLINE_RETAIL, quietly)
    return run


def taken_over(run: PurchaseImport, path: Path) -> PurchaseImport:
    """The same import, in the hands of somebody else after a long silence."""
    silent = clock.now() - SILENCE - timedelta(seconds=1)
    PurchaseImport.objects.filter(pk=run.pk).update(touched_at=silent)
    return open_import(path, ONLINE_RETAIL)


def test_refuses_a_second_import_of_the_file_even_in_this_process(path: Path) -> None:
    run = open_import(path, ONLINE_RETAIL)
    with pytest.raises(ImportUnderWay):
        open_import(path, ONLINE_RETAIL)
    with pytest.raises(CommandError, match="being imported by another process now"):
        run_import(path)
    assert not StagedRow.objects.exists()
    release(run)
    assert run_import(path)[0]["purchases"] == 5


@pytest.mark.parametrize(("silent_for", "is_taken"), [(-1, False), (1, True)])
def test_takes_over_from_another_host_after_silence_only(
    path: Path, silent_for: int, is_taken: bool
) -> None:
    run = open_import(path, ONLINE_RETAIL)
    heard = clock.now() - SILENCE - timedelta(seconds=10 * silent_for)
    PurchaseImport.objects.filter(pk=run.pk).update(owner=DEAD, touched_at=heard)
    if is_taken:
        assert open_import(path, ONLINE_RETAIL).token != run.token
    else:
        with pytest.raises(ImportUnderWay):
            open_import(path, ONLINE_RETAIL)


def test_takes_over_from_a_dead_process_of_this_host_at_once(path: Path) -> None:
    run = open_import(path, ONLINE_RETAIL)
    host = run.owner.rsplit(":", 2)[0]
    PurchaseImport.objects.filter(pk=run.pk).update(owner=f"{host}:999999999:1.00")
    assert open_import(path, ONLINE_RETAIL).token != run.token


def test_staging_stops_when_the_claim_is_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BATCH", 2)
    run = open_import(path, ONLINE_RETAIL)

    def lose(what: str, done: int, total: int) -> None:
        if done == 2:
            taken_over(run, path)

    with pytest.raises(ImportUnderWay):
        stage(run, path, ONLINE_RETAIL, lose)
    assert StagedRow.objects.count() == 2
    assert not StagedInvoice.objects.exists()


def test_settling_stops_when_the_claim_is_lost(path: Path) -> None:
    run = open_import(path, ONLINE_RETAIL)

    def lose(what: str, done: int, total: int) -> None:
        taken_over(run, path)

    with pytest.raises(ImportUnderWay):
        stage(run, path, ONLINE_RETAIL, lose)
    assert not StagedInvoice.objects.exists()
    assert PurchaseImport.objects.get().status == PurchaseImport.Status.STAGING


def test_a_loser_does_not_discard_what_the_winner_staged(path: Path) -> None:
    run = open_import(path, ONLINE_RETAIL)
    winner = taken_over(run, path)
    stage(winner, path, ONLINE_RETAIL, quietly)
    with pytest.raises(ImportUnderWay):
        stage(run, path, ONLINE_RETAIL, quietly)
    assert StagedInvoice.objects.of_import(winner).count() == 5


def test_applying_stops_when_the_claim_is_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "BATCH", 2)
    run = staged(path)
    assert apply_next(run)
    winner = taken_over(run, path)
    with pytest.raises(ImportUnderWay):
        apply_next(run)
    assert Purchase.objects.count() == 2
    release(run)
    assert apply_next(winner)
    assert Purchase.objects.count() == 4


def test_each_batch_is_a_sign_of_life(path: Path) -> None:
    run = staged(path)
    PurchaseImport.objects.update(touched_at=clock.now() - SILENCE)
    apply_next(run)
    assert PurchaseImport.objects.get().touched_at > clock.now() - timedelta(minutes=1)


@pytest.mark.parametrize("batch", [2, 500])
def test_two_files_with_the_same_invoices_record_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(applying, "BATCH", batch)
    (tmp_path / "other").mkdir()
    rows = [row(str(number), customer=str(number)) for number in range(1, 6)]
    rows.append(row("C9", customer="1", quantity="-1"))
    runs = [
        staged(retail_file(tmp_path, rows)),
        staged(retail_file(tmp_path / "other", [*rows, row("6", customer="5")])),
    ]
    for turn in range(8):
        apply_next(runs[turn % 2])
    assert (Purchase.objects.count(), Member.objects.count()) == (6, 5)
    assert sum(run.purchases for run in runs) == 6
    assert sum(run.refunds for run in runs) == 1
    assert [run.errors for run in runs] == [0, 0]
    assert StagedInvoice.objects.filter(status=StagedInvoice.Status.KNOWN).count() == 6


def test_the_later_of_two_files_refuses_what_was_recorded_otherwise(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = staged(retail_file(tmp_path, [row("1")]))
    later = staged(retail_file(tmp_path / "other", [row("1", price="11.00"), row("2")]))
    for run in (first, later):
        assert apply_next(run)
    assert (later.purchases, later.errors) == (1, 1)


def test_refuses_to_import_while_nothing_would_be_earned(path: Path) -> None:
    EarningRule.objects.update(is_current=False)
    with pytest.raises(CommandError, match=r"Load a programme first: manage\.py load_preset NAME"):
        run_import(path)
    assert not PurchaseImport.objects.exists()


def bad_file(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, row("1"), row("2", price="-5")]) + "\n")
    return path


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("shop.csv", "shop.errors.csv"),
        ("shop.errors.csv", "shop.errors.errors.csv"),
        ("shop", "shop.errors.csv"),
        ("shop.2011.csv", "shop.2011.errors.csv"),
    ],
)
def test_the_error_file_is_never_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, errors: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = bad_file(tmp_path, name)
    before = path.read_bytes()
    call_command("import_purchases", name, "--format", "online-retail")
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([name, errors])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path, "It is the file to import."),
        (lambda path: path.parent / "x" / ".." / path.name, "It is the file to import."),
        (lambda path: path.parent / "none" / "e.csv", "There is no such folder."),
        (lambda path: path.parent, "It is no plain file."),
    ],
)
def test_refuses_a_place_for_errors_that_will_not_do(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    (tmp_path / "x").mkdir()
    path = bad_file(tmp_path, "shop.csv")
    with pytest.raises(CommandError, match=reason):
        run_import(path, "--errors", str(make(path)))
    assert not PurchaseImport.objects.exists()


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_refuses_another_name_of_the_input(tmp_path: Path, link: str) -> None:
    path = bad_file(tmp_path, "shop.csv")
    getattr(tmp_path / "e.csv", link)(path)
    with pytest.raises(CommandError, match=r"It is the file to import\."):
        run_import(path, "--errors", str(tmp_path / "e.csv"))
    assert not PurchaseImport.objects.exists()


def test_errors_that_could_not_be_written_are_written_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, errors = bad_file(tmp_path, "shop.csv"), tmp_path / "errors.csv"
    with monkeypatch.context() as full:
        full.setattr(Path, "replace", no_space)
        with pytest.raises(CommandError, match=r"No space left on device\. All else is done"):
            run_import(path, "--errors", str(errors))
    assert [file.name for file in tmp_path.iterdir()] == ["shop.csv"]
    assert PurchaseImport.objects.get().status == PurchaseImport.Status.APPLYING
    summary, _told = run_import(path, "--errors", str(errors))
    assert (summary["purchases"], summary["errors"]) == (1, 1)
    assert errors.read_text().splitlines()[1].startswith("3,3,The price -5 is negative.")
    assert PurchaseImport.objects.get().status == PurchaseImport.Status.DONE


def no_space(path: Path, target: Path) -> Path:
    raise OSError(28, "No space left on device")
