"""The edge servers that conftest lends to tests do answer."""

import pytest
import redis
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer


@pytest.mark.redis
def test_lends_a_redis(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping() is True


@pytest.mark.browser
def test_lends_a_chromium(live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page()
    response = page.goto(f"{live_server.url}/login/")
    assert response is not None
    assert response.status == 200
    page.close()
