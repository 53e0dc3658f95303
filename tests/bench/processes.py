"""Processes that get ready, wait for the word, work, and tell how it went."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

Work = Callable[[], dict[str, Any]]


def race(commands: Sequence[Sequence[str]]) -> tuple[float, list[dict[str, Any]]]:
    """Start Python modules with arguments, begin when all are ready: the seconds until the last
    was done, and what each told.
    """
    with _started(commands) as runners:
        for runner in runners:
            _expect(runner, "ready")
        started = time.perf_counter()
        for runner in runners:
            assert runner.stdin is not None
            runner.stdin.write("go\n")
            runner.stdin.flush()
        told = [json.loads(_expect(runner, "{")) for runner in runners]
        return time.perf_counter() - started, told


def work_when_told(work: Work) -> None:
    """The other end: in the process, when it is ready."""
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    told = work()
    told["memory_mb"] = _peak_memory_mb()
    sys.stdout.write(json.dumps(told) + "\n")


def _peak_memory_mb() -> float:
    """The most memory that this process had at once.

    Linux lets `ru_maxrss` begin with what the parent had when it started us: asked for elsewhere.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def database_url() -> str:
    """The address of the database that this process works in."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def _started(commands: Sequence[Sequence[str]]) -> Iterator[list[subprocess.Popen[str]]]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": database_url(),
    }
    runners = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    try:
        yield runners
    finally:
        for runner in runners:
            runner.kill() if runner.poll() is None else None
            runner.communicate()


def _expect(runner: subprocess.Popen[str], beginning: str) -> str:
    assert runner.stdout is not None
    line = runner.stdout.readline()
    assert line.startswith(beginning), f"{runner.args} ended instead of saying {beginning!r}."
    return line
