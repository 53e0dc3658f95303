"""`python -m tests.postgres` gives a command a server, and takes it away again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.environment import BASE_DIR

PRINT_SERVER = "import os; print(os.environ['DATABASE_URL'].split('host=')[1], flush=True)"


def begin(code: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "TEST_DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def postmaster_of(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))


def test_returns_the_exit_code_of_the_command() -> None:
    with begin(f"{PRINT_SERVER}; raise SystemExit(7)") as runner:
        output, _ = runner.communicate(timeout=60)
    assert runner.returncode == 7
    assert not Path(output.strip()).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_the_server_when_it_is_told_to_stop(number: signal.Signals) -> None:
    with begin(f"{PRINT_SERVER}; import time; time.sleep(60)") as runner:
        assert runner.stdout is not None
        data = Path(runner.stdout.readline().strip())
        postmaster = postmaster_of(data)
        time.sleep(0.1)
        runner.send_signal(number)
        assert runner.wait(timeout=60) == 128 + number
    assert not postmaster.is_running()
    assert not data.exists()
