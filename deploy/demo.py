"""`make demo`: the demo in one terminal, in a folder of its own, until Ctrl-C.

Brings the database up to date, loads the demo where there is none, starts the processes of
Procfile.demo and says where to look once the site answers. `--reset` removes the demo's folder.
"""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from honcho.environ import parse_procfile
from honcho.manager import Manager

from loyalty.demo import logins

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var/demo"
LOCK = ROOT / "var/demo.lock"
FIRST_PORT = 8000
PATIENCE_SECONDS = 60

# The demo is the same whatever .env says.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    "VAR_DIR": str(FOLDER),
    "DATABASE_URL": "sqlite:///var/demo/demo.sqlite3",
    "REDIS_URL": "",
    "DEBUG": "true",
    "SECRET_KEY": "demo-only-key-that-protects-nothing",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "TRUSTED_PROXY_COUNT": "0",
    "PROGRAMME_NAME": "Regulars",
    "PROGRAMME_TIMEZONE": "Asia/Shanghai",
    "PROGRAMME_CURRENCY": "CNY",
    "PHONENUMBER_DEFAULT_REGION": "CN",
    "PYTHONUNBUFFERED": "1",
}


class Servers(Manager):  # type: ignore[misc]
    """honcho's manager, which can also be told to stop while it is starting."""

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()
        else:
            signal.alarm(1)


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    # Whatever is under way ends with us: an interrupted load leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("a+") as lock:
        if not is_ours(lock):
            lock.seek(0)
            say(f"The demo is running already: {lock.read() or 'it is starting'}")
            return 1
        if "--reset" in arguments:
            shutil.rmtree(FOLDER, ignore_errors=True)
            return 0
        return run(lock)


def run(lock: IO[str]) -> int:
    """Load and serve until told to stop; 0 when that was by Ctrl-C or SIGTERM."""
    lock.truncate(0)
    port = free_port(int(os.environ.get("PORT", FIRST_PORT)))
    environment = os.environ | SETTINGS | {"PORT": str(port)}
    address = f"http://127.0.0.1:{port}/"
    manage = [sys.executable, "manage.py"]
    try:
        for step in (["migrate", "--verbosity", "0"], ["demo"]):
            # In a group of its own, so that Ctrl-C is ours to answer: we end it, without a trace.
            subprocess.run([*manage, *step], env=environment, check=True, process_group=0)
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    lock.write(address)
    lock.flush()
    return serve(environment, port, address)


def serve(environment: dict[str, str], port: int, address: str) -> int:
    """Run the Procfile's processes; however this ends, they end too."""
    servers = Servers()
    procfile = parse_procfile((ROOT / "deploy/Procfile.demo").read_text())
    for name, command in procfile.processes.items():
        servers.add_process(name, command, env=environment)
    announcer = threading.Thread(target=announce, args=(port, address), daemon=True)

    ours = os.getpid()

    def hang_up(*_: object) -> None:
        # honcho's own forks get the signal too; they end when their server does.
        if os.getpid() == ours:
            silence()
            servers.terminate()

    signal.signal(signal.SIGHUP, hang_up)
    signal.signal(signal.SIGALRM, lambda *_: servers.terminate())
    announcer.start()
    is_done = False
    try:
        servers.loop()
        is_done = True
    finally:
        if not is_done:
            # The terminal went away while something was being printed.
            silence()
            servers.kill()
    return 0 if servers.returncode in (130, 143) else int(servers.returncode or 0)


def announce(port: int, address: str) -> None:
    """Say where the demo is and how to sign in, once it answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not answers(port):
        if time.monotonic() > deadline:
            return
        time.sleep(0.2)
    lines = (
        f"Regulars is at  {address}",
        "",
        f"Operator        {logins.OPERATOR}  ·  {address}admin/",
        f"Member          {logins.MEMBER_PHONE}  or  {logins.MEMBER_EMAIL}",
        f"Password        {logins.PASSWORD}  (both)",
        "Codes           for joining and signing in are printed here",
        "",
        "Ctrl-C stops it; the data is kept. `make demo-reset` starts over.",
    )
    rule = "─" * 72
    say("\n".join(["", rule, *(f"  {line}".rstrip() for line in lines), rule, ""]))


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


def free_port(first: int) -> int:
    """The first port that nobody listens on, counting up; else any."""
    for port in (*range(first, first + 20), 0):
        with socket.socket() as probe:
            # A port that was closed a moment ago may be taken again.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No port is free.")


def is_ours(lock: IO[str]) -> bool:
    """Hold the lock for as long as we live; false while another holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
