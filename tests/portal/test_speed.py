"""How much the home page sends, measured by Chromium, with files as production serves them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, expect

from members.models import Member

from .browsing import PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST_VISIT = 100_000
LATER_VISIT = 20_000
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class ServedByWhitenoise:
    """Where Django's own server would serve the sources of static files: nothing in between."""

    def __new__(cls, application: WSGIHandler) -> Any:
        return application


@contextmanager
def serving() -> Iterator[str]:
    """The site as it is in production: by its middleware alone, files gathered and compressed."""
    shared = {
        connection.alias: connection
        for connection in connections.all()
        if connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    }
    for connection in shared.values():
        connection.inc_thread_sharing()
    server = LiveServerThread("localhost", ServedByWhitenoise, connections_override=shared)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    try:
        if server.error:
            raise server.error
        yield f"http://{server.host}:{server.port}"
    finally:
        server.terminate()
        for connection in shared.values():
            connection.dec_thread_sharing()


class Traffic:
    """What a page takes from the network, headers included, pictures left out."""

    def __init__(self, page: Page) -> None:
        self.kinds: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._note)
        session.on("Network.loadingFinished", self._weigh)

    def _note(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["response"]["mimeType"]

    def _weigh(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def total(self) -> float:
        return sum(
            size for name, size in self.sizes.items() if self.kinds.get(name) not in PICTURES
        )

    def begin(self) -> None:
        self.sizes.clear()


def test_home_is_light(browser: Browser, storied: Member, settings: Any, tmp_path: Path) -> None:
    """Under 100 kB on a first visit, the sign-in page before it included; under 20 kB later."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", verbosity=0, interactive=False)
    with serving() as address:
        context = browser.new_context(base_url=address, service_workers="block", **PHONE)
        page = context.new_page()
        traffic = Traffic(page)
        sign_in(page, storied)
        page.wait_for_load_state("networkidle")
        first = traffic.total
        traffic.begin()
        page.goto("/")
        expect(page.locator(".card")).to_be_visible()
        page.wait_for_load_state("networkidle")
        later = traffic.total
        context.close()
    kinds = set(traffic.kinds.values())
    assert {"text/html", "text/css", "text/javascript", "image/svg+xml"} <= kinds
    assert 10_000 < first < FIRST_VISIT
    assert 1_000 < later < LATER_VISIT
