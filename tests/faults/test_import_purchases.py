"""An import that was killed goes on and ends like one that was never killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.services.presets import load_preset
from tests.loyalty.retail import retail_file, row
from tests.nights.processes import Stage

INVOICES = 2_000
STAGED = "SELECT COUNT(*) FROM loyalty_stagedrow"
TOTALS = (
    "SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM loyalty_purchase",
    "SELECT COUNT(*), COALESCE(SUM(points), 0) FROM loyalty_pointsentry",
    "SELECT COUNT(*), COALESCE(SUM(balance), 0) FROM loyalty_pointsaccount",
    "SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM loyalty_purchaseline",
)


@pytest.fixture
def stage(transactional_db: None, tmp_path: Path) -> Iterator[Stage]:
    """Processes on a database with the programme `plain`."""
    load_preset(name="plain")
    stage = Stage(tmp_path)
    stage.environment["TEST_STEPS"] = ""
    yield stage
    stage.stop()


def test_goes_on_after_kill_9(stage: Stage, tmp_path: Path) -> None:
    rows = [row(str(number), customer=str(number % 50 + 1)) for number in range(INVOICES)]
    path = retail_file(tmp_path, rows)
    command = ("manage.py", "import_purchases", str(path), "--format", "online-retail")
    killed = stage.start(*command)
    stage.wait_for(lambda: stage.rows(TOTALS[0])[0][0] >= 500, "a batch is applied")
    stage.kill(killed)
    (purchases, _amount), *_others = [stage.rows(sql)[0] for sql in TOTALS]
    assert 0 < purchases < INVOICES
    assert purchases % 500 == 0
    summary = stage.run(*command).strip().splitlines()[-1]
    assert '"purchases": 2000' in summary
    assert '"members_created": 50' in summary
    assert '"points_earned": 20000' in summary
    assert [stage.rows(sql)[0] for sql in TOTALS] == [
        (2_000, 2_000_000),
        (2_000, 20_000),
        (50, 20_000),
        (2_000, 2_000_000),
    ]
    stage.prove()


def test_stages_anew_after_kill_9_while_reading(stage: Stage, tmp_path: Path) -> None:
    # A hundred invoices of 600 rows: reading takes three batches, applying only one.
    rows = [row(str(number % 100 + 1), customer=str(number % 100 + 1)) for number in range(60_000)]
    path = retail_file(tmp_path, rows)
    command = ("manage.py", "import_purchases", str(path), "--format", "online-retail")
    killed = stage.start(*command)
    stage.wait_for(lambda: stage.rows(STAGED)[0][0] > 0, "a batch is read")
    stage.kill(killed)
    assert 0 < stage.rows(STAGED)[0][0] < 60_000
    assert stage.rows("SELECT status FROM loyalty_purchaseimport") == [("staging",)]
    assert stage.rows(TOTALS[0]) == [(0, 0)]
    summary = stage.run(*command).strip().splitlines()[-1]
    assert '"purchases": 100' in summary
    assert [stage.rows(sql)[0] for sql in TOTALS] == [
        (100, 60_000_000),
        (100, 600_000),
        (100, 600_000),
        (60_000, 60_000_000),
    ]
    assert stage.rows("SELECT status FROM loyalty_purchaseimport") == [("done",)]
    assert stage.rows(STAGED) == [(0,)]
