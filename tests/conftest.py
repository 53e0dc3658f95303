"""What every test stands on: skips that say why, triggers that let a flush pass, edge servers."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from common.alerts import forget_alerts
from common.append_only import drop_triggers

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REDISES = ("redis-server", "valkey-server")
TRANSACTIONAL_FIXTURES = {"transactional_db", "django_db_reset_sequences", "live_server"}


def first_found(names: tuple[str, ...]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, say what it lacks, and begin with the browser."""
    is_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    lacks = {
        "postgres": "" if is_postgresql else "SQLite has no row locks: run under tests.postgres",
        "browser": "" if first_found(CHROMIUMS) else "no Chromium is installed",
        "redis": "" if first_found(REDISES) else "no redis-server or valkey-server is installed",
    }
    for item in items:
        for marker, reason in lacks.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
    # The longest first: what is left at the end is short, so that all workers end together.
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(autouse=True)
def _lift_append_only_triggers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the flush after a transactional test empty append-only tables.

    Runs before that flush because it asks for the database first; the flush's own post_migrate
    puts the triggers back.
    """
    marker = request.node.get_closest_marker("django_db")
    asks_for_it = marker is not None and bool(marker.kwargs.get("transaction"))
    if not asks_for_it and not TRANSACTIONAL_FIXTURES & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    drop_triggers(connection)


@pytest.fixture(autouse=True)
def _forget_alerts() -> None:
    """No page shows what another test's nights were like: alerts are cached for some seconds."""
    forget_alerts()


@pytest.fixture(autouse=True)
def _forget_language() -> None:
    """No test speaks the language of the last page that another asked for in this process."""
    translation.deactivate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless, one for the session."""
    # Playwright runs an event loop in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # Containers run tests as root, where Chromium's sandbox cannot start.
        running = playwright.chromium.launch(
            executable_path=first_found(CHROMIUMS), args=["--no-sandbox"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty Redis or Valkey, stopped after the session."""
    folder: Path = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    executable = first_found(REDISES)
    assert executable is not None
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([executable, *options], stdout=log, stderr=log)
    try:
        wait_until_open(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_until_open(port: int, *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing listens on port {port} after {seconds} seconds.")
