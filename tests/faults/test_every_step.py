"""A process killed inside any step of the night: another finishes, and nothing happens twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from config.settings.base import NIGHTLY_STEPS
from members.models import Member
from tests.nights.processes import Stage

from .worlds import assert_done_once, members_with_everything

# Every step has the same runner around it: the embedded database, and Celery's worker, are asked
# for one of each kind, a step of ranges that posts, one that gives, one that is whole, and the
# proof. All others are killed on PostgreSQL, in the command.
EMBEDDED = {"expire_points", "grant_birthday_perks", "fit_lifetimes", "prove_ledger"}
STEPS = [path.rsplit(".", 1)[1] for path in NIGHTLY_STEPS]
OTHERS = [step for step in STEPS if step not in EMBEDDED]
# So many of the others are killed in one night, one after the other.
IN_A_ROW = 4
ROWS = [OTHERS[first : first + IN_A_ROW] for first in range(0, len(OTHERS), IN_A_ROW)]
# As the demo starts it: one process that works itself.
WORKER = (
    "-m", "celery", "-A", "config", "worker", "--pool", "solo",
    "--without-gossip", "--without-mingle", "-l", "INFO",
)  # fmt: skip


@pytest.fixture
def members(transactional_db: None) -> list[Member]:
    return members_with_everything()


@pytest.fixture
def stage(members: list[Member], tmp_path: Path) -> Iterator[Stage]:
    """Processes that run the product's own nights on the database that holds these members."""
    stage = Stage(tmp_path)
    stage.environment["DJANGO_SETTINGS_MODULE"] = "tests.faults.product_settings"
    stage.environment["REDIS_URL"] = ""
    stage.use("")
    yield stage
    stage.stop()


def send_tick(stage: Stage) -> None:
    """What beat does once a minute, by the queue in the stage's folder."""
    folders = {
        "data_folder_in": str(stage.folder / "messages"),
        "data_folder_out": str(stage.folder / "messages"),
        "control_folder": str(stage.folder / "control"),
    }
    with Celery(broker="filesystem://", set_as_current=False) as app:
        app.conf.broker_transport_options = folders
        app.send_task("common.tasks.tick")


@pytest.mark.parametrize("step", [step for step in STEPS if step in EMBEDDED])
def test_is_finished_by_another_after_kill_9(
    stage: Stage, members: list[Member], step: str
) -> None:
    (stage.folder / "hold").write_text(step)
    worker = stage.start(*WORKER)
    send_tick(stage)
    stage.wait_for((stage.folder / "inside").exists, f"{step} is done in a range, not committed")
    stage.kill(worker)
    stuck = stage.rows("SELECT step FROM common_jobrun WHERE status = 'running'")
    assert stuck == [(step,)]
    (stage.folder / "hold").unlink()
    stage.run("manage.py", "run_nightly")
    assert_done_once(stage, members)


@pytest.mark.postgres
@pytest.mark.parametrize("steps", ROWS, ids="+".join)
def test_is_finished_by_the_next_which_dies_in_a_later_step(
    stage: Stage, members: list[Member], steps: list[str]
) -> None:
    for step in steps:
        (stage.folder / "hold").write_text(step)
        night = stage.start("manage.py", "run_nightly")
        stage.wait_for((stage.folder / "inside").exists, f"{step} is done, not committed")
        stage.kill(night)
        stuck = stage.rows("SELECT step FROM common_jobrun WHERE status = 'running'")
        assert stuck == [(step,)]
        (stage.folder / "inside").unlink()
    (stage.folder / "hold").unlink()
    stage.run("manage.py", "run_nightly")
    assert_done_once(stage, members)
