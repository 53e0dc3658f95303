"""What `make demo` starts: a port that is free, one demo at a time, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
from honcho.environ import parse_procfile

from deploy import demo

SERVE_SLEEPERS = """
import sys
from deploy.demo import Servers
import signal
servers = Servers()
signal.signal(signal.SIGALRM, lambda *_: servers.terminate())
for number in range(3):
    servers.add_process(f"sleeper-{number}", "exec sleep 600")
servers.loop()
"""


def test_takes_the_next_free_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert demo.free_port(port) != port
        assert demo.answers(demo.free_port(port)) is False


def test_runs_once_at_a_time(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a+") as first, (tmp_path / "lock").open("a+") as second:
        assert demo.is_ours(first)
        assert not demo.is_ours(second)


def test_starts_web_worker_and_beat() -> None:
    procfile = parse_procfile((demo.ROOT / "deploy/Procfile.demo").read_text())

    assert list(procfile.processes) == ["web", "worker", "beat"]


def test_shares_nothing_with_a_developers_own_database() -> None:
    assert Path(demo.SETTINGS["VAR_DIR"]) == demo.ROOT / "var/demo"
    assert demo.SETTINGS["DATABASE_URL"] == "sqlite:///var/demo/demo.sqlite3"
    assert demo.SETTINGS["REDIS_URL"] == ""


def test_leaves_no_server_behind_even_when_stopped_while_starting() -> None:
    manager = subprocess.Popen(
        [sys.executable, "-c", SERVE_SLEEPERS],
        cwd=demo.ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert manager.stdout is not None
    manager.stdout.readline()
    children = psutil.Process(manager.pid).children(recursive=True)
    os.kill(manager.pid, signal.SIGTERM)
    manager.communicate(timeout=20)

    deadline = time.monotonic() + 5
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [child for child in children if child.is_running()] == []
    assert manager.returncode == 0
