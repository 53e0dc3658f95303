"""The database goes away inside a night: restarted under a worker, or silent after a commit."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests import postgres
from tests.nights import steps
from tests.nights.fixtures import nights_fixture  # noqa: F401
from tests.nights.processes import Stage, stage_fixture  # noqa: F401

from .proxy import CutWire
from .test_every_step import WORKER, send_tick

pytestmark = pytest.mark.postgres

NIGHT = "2025-03-01"
EVERYTHING = [(step, member) for step in ("hold", "reward") for member in range(1, 31)]


class Server(Stage):
    """A stage on a PostgreSQL of its own, which a test may stop and start."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        super().__init__(folder)

    def _prepare_database(self) -> str:
        return self.url

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(sql)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with postgres.temporary_server() as url:
        server = Server(tmp_path, url)
        server.use("hold", "reward")
        server.environment["REDIS_URL"] = ""
        server.run("manage.py", "migrate", "--verbosity", "0")
        server.execute(steps.CREATE)
        try:
            yield server
        finally:
            server.stop()


def test_a_restart_inside_a_step_loses_nothing(server: Server) -> None:
    """The task fails and its message is gone; a later tick sends the range again."""
    hold = server.folder / "hold"
    hold.touch()
    server.start(*WORKER)
    send_tick(server)
    server.wait_for((server.folder / "inside").exists, "a range is done, not committed")
    postgres.restart(server.url)
    assert server.effects() == []
    hold.unlink()
    # The minutes after which a silent range counts as lost have passed.
    server.execute("UPDATE common_jobrange SET sent_at = '2025-03-01' WHERE sent_at IS NOT NULL")
    server.execute(
        "UPDATE common_jobrange SET claimed_at = '2025-03-01' WHERE claimed_at IS NOT NULL"
    )
    send_tick(server)
    server.wait_for(lambda: done(server) == [("hold", 3), ("reward", 3)], "the night is done")
    assert server.effects() == EVERYTHING
    assert "clean" in server.run("manage.py", "verify_ledger")


def done(stage: Stage) -> list[tuple[object, ...]]:
    return stage.rows(
        "SELECT step, ranges_done FROM common_jobrun WHERE status = 'done' ORDER BY id"
    )


@pytest.fixture
def wire(stage: Stage) -> Iterator[CutWire]:
    """The stage's processes speak to the database over a wire that can be cut."""
    url = urlsplit(os.environ["DATABASE_URL"])
    folder = Path(tempfile.mkdtemp(prefix="wire-", dir="/tmp"))
    wire = CutWire(folder, parse_qs(url.query)["host"][0])
    through = urlsplit(stage.environment["DATABASE_URL"])._replace(query=f"host={folder}")
    stage.environment["DATABASE_URL"] = through.geturl()
    yield wire
    wire.close()
    shutil.rmtree(folder)


def test_a_commit_without_an_answer_is_not_done_again(stage: Stage, wire: CutWire) -> None:
    """The first range is committed while its worker hears nothing but a broken connection."""
    hold = stage.folder / "hold"
    hold.touch()
    stage.use("hold", "reward")
    command = stage.start("manage.py", "run_nightly", "--date", NIGHT)
    stage.wait_for((stage.folder / "inside").exists, "a range is done, not committed")
    wire.is_armed = True
    hold.unlink()
    stage.wait_for(wire.has_cut.is_set, "the commit is done and its answer lost")
    command.wait(timeout=60)
    stage.run("manage.py", "run_nightly", "--date", NIGHT)
    assert done(stage) == [("hold", 3), ("reward", 3)]
    assert stage.effects() == EVERYTHING
    attempts = stage.rows("SELECT attempts FROM common_jobrange ORDER BY id")
    assert attempts == [(1,)] * 6
