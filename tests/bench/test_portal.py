"""The portal's home page of a member with 500 entries, against a bare page."""

import io
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import _TestState

from common import clock
from loyalty.models import PointsEntry
from loyalty.services.points import earn_points, redeem_points
from members.models import Member
from members.services import record_visit
from tests.factories import login_of, member_with_login
from tests.loyalty.programmes import full_programme

from . import bare, sizes
from .contest import compete
from .report import Figure, Report

pytestmark = pytest.mark.bench

ENTRIES = 500
# Of these the first so many; they are held for a week, then the rest redeems some.
EARNED = 400
REQUESTS = 60
AT_LEAST = 0.5
P95_AT_MOST_MS = 150


class BareRequest(WSGIRequest):
    urlconf = "tests.bench.bare"


class BareHandler(WSGIHandler):
    request_class = BareRequest


class Requests:
    """So many requests of one page by one signed-in member; their times are kept."""

    def __init__(self, handler: WSGIHandler, session: str) -> None:
        self.handler = handler
        self.environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_COOKIE": f"sessionid={session}",
            "HTTP_ACCEPT_ENCODING": "gzip",
            "HTTP_ACCEPT_LANGUAGE": "zh-CN",
        }
        self.times: list[float] = []

    def once(self) -> int:
        """Answer one request; the length of what it sends."""
        statuses: list[str] = []
        environ = self.environ | {"wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"}
        started = time.perf_counter()
        answer = self.handler(environ, lambda status, headers: statuses.append(status))
        length = sum(len(part) for part in answer)
        self.times.append(time.perf_counter() - started)
        assert statuses == ["200 OK"]
        return length

    def __call__(self, number: int) -> float:
        started = time.perf_counter()
        for _request in range(REQUESTS):
            self.once()
        return time.perf_counter() - started


@pytest.fixture(name="session", scope="module")
def session_fixture(report: Report) -> str:
    """The session of a member who earned and redeemed in 250 days and was here today."""
    full_programme()
    member: Member = member_with_login(joined_at=clock.now() - timedelta(days=400))
    start = clock.now() - timedelta(days=300)
    for number in range(ENTRIES):
        at = start + timedelta(hours=12 * number)
        write: Callable[..., PointsEntry] = earn_points if number < EARNED else redeem_points
        write(member=member, points=20, key=str(number), now=at)
    assert PointsEntry.objects.for_member(member).count() == ENTRIES
    record_visit(member=member)
    client = Client()
    client.force_login(login_of(member), backend="members.adapters.LoginBackend")
    return client.cookies["sessionid"].value


def statements_of(page: Requests) -> list[tuple[str, Any]]:
    """What one request sends to the database."""
    sent: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(note):
        page.once()
    return sent


def test_home_keeps_up_with_a_bare_page(
    session: str, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests watch every template that is rendered; nobody does in production.
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
    home, floor = Requests(WSGIHandler(), session), Requests(BareHandler(), session)
    # As production's pool does: no request opens a connection of its own.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    for page in (home, floor):
        page.once()
    whole, asked_by_both = statements_of(home), statements_of(floor)
    bare.STATEMENTS[:] = whole[len(asked_by_both) :]
    assert len(bare.STATEMENTS) > 10
    home.times.clear()
    contest = compete(sizes.ROUNDS, {"bare": floor, "home": home})
    p95 = statistics.quantiles(home.times, n=20)[-1] * 1000
    report.add(
        Figure(name="portal home, 95th percentile", median=p95, unit="ms", at_most=P95_AT_MOST_MS)
    )
    note = f"{len(whole)} queries, {home.once():,} bytes sent"
    report.add(
        Figure(
            name=f"portal home, member with {ENTRIES} entries",
            floor=contest.median("bare") / REQUESTS * 1000,
            median=contest.median("home") / REQUESTS * 1000,
            unit="ms",
            ratio=contest.ratio("bare", "home"),
            at_least=AT_LEAST,
            note=note,
        )
    )
