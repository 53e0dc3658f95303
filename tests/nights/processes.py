"""Real processes of the project, on a database and in a folder that the test can see into."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.loyalty.tampering import broken

from . import steps

PATIENCE = 60


class Stage:
    """A folder, a database and the processes that were started on them.

    On SQLite the database is a file copied from the test's own, on PostgreSQL the test's own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "nights.sqlite3"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.nights.settings",
            "DATABASE_URL": self._prepare_database(),
            "TEST_FOLDER": str(folder),
            "VAR_DIR": str(folder / "var"),
            "PROGRAMME_TIMEZONE": "Asia/Shanghai",
            "NIGHTLY_HOUR": "0",
        }
        for name in ("messages", "control"):
            (folder / name).mkdir()

    def use(self, *names: str) -> None:
        """Choose the steps of the processes that start from now on."""
        self.environment["TEST_STEPS"] = ",".join(names)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start Python with these arguments, in a process group of its own."""
        log = self.folder / f"log-{len(self.processes)}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments to a good end and give its output."""
        process = self.start(*arguments)
        code = process.wait(timeout=PATIENCE)
        output = (self.folder / f"log-{len(self.processes) - 1}").read_text()
        assert code == 0, output
        return output

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 for a process and the children that it has forked."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=PATIENCE)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)

    def prove(self) -> None:
        """The books are clean: asked here where the database is the test's own, else over there."""
        if connection.vendor == "sqlite":
            assert "clean" in self.run("manage.py", "verify_ledger")
        else:
            assert broken() == {}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds, as committed."""
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file, timeout=20)) as file:
                return file.execute(sql).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def execute(self, sql: str) -> None:
        """Change what the database holds, for all to see."""
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file, timeout=20)) as file, file:
                file.execute(sql)
        else:
            with connection.cursor() as cursor:
                cursor.execute(sql)

    def effects(self) -> list[tuple[str, int]]:
        return self.rows(f"SELECT step, member_id FROM {steps.TABLE} ORDER BY 1, 2")

    def wait_for(self, is_so: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            has_failed = any((process.poll() or 0) > 0 for process in self.processes)
            if has_failed or time.monotonic() > deadline:
                logs = [log.read_text() for log in sorted(self.folder.glob("log-*"))]
                pytest.fail(f"Waited in vain until {what}.\n" + "\n---\n".join(logs))
            time.sleep(0.05)

    def _prepare_database(self) -> str:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)
            return f"sqlite:///{self.file}"
        url = urlsplit(os.environ["DATABASE_URL"])
        return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@pytest.fixture(name="stage")
def stage_fixture(nights: Any, transactional_db: None, tmp_path: Path) -> Iterator[Stage]:
    """A stage whose processes all end with the test."""
    stage = Stage(tmp_path)
    yield stage
    stage.stop()
