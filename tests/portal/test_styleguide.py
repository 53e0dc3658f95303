"""The style guide: for operators, every part of the pages, with the programme's tiers."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from benefits.samples import samples, tokens
from common import clock
from loyalty.models import Tier
from tests.factories import OperatorFactory

COMPONENTS = settings.BASE_DIR / "templates/components"
# What a page is wrapped in, and what only htmx is given.
NOT_SHOWN = {"_toasts_more.html"}


@pytest.fixture
def guide(client: Client, programme: None) -> str:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    return client.get("/styleguide/").content.decode()


def test_shows_every_tier_in_light_and_in_dark(guide: str) -> None:
    for code in ("member", "silver", "gold"):
        assert guide.count(f'class="guide-tier tier-{code}"') == 2
        assert guide.count(f'class="card tier-{code}"') == 2


def test_names_every_token_of_the_stylesheet(guide: str) -> None:
    sheet = Path(settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
    defined = set(re.findall(r"^ +--([a-z0-9-]+):", sheet, re.MULTILINE))
    assert {token.name for token in tokens()} == defined
    shown = {token.name for token in tokens() if token.sort != "other"}
    assert all(f"{name}" in guide for name in shown)
    assert {"brand", "text-hero", "space-4", "radius-lg"} <= shown


def test_shows_every_component(client: Client, programme: None) -> None:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    response = client.get("/styleguide/")
    used = {(template.name or "").rpartition("/")[2] for template in response.templates}
    assert {path.name for path in COMPONENTS.iterdir()} - NOT_SHOWN <= used


def test_shows_an_event_to_register_for_and_one_that_opens_later(guide: str) -> None:
    assert guide.count('class="event-tile"') == 4
    assert guide.count("4 seats left") == 4
    assert guide.count("Opens for you:") >= 4


def test_writes_nothing(programme: None, django_assert_num_queries: object) -> None:
    before = Tier.objects.count()
    shown = samples("light", clock.now())
    assert [tier.progress.tier.code for tier in shown.tiers if tier.progress.tier] == [
        "member",
        "silver",
        "gold",
    ]
    assert all(tier.least_contrast >= 4.5 for tier in shown.tiers)
    assert Tier.objects.count() == before


def test_does_without_tiers(client: Client, db: None) -> None:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    assert "There are no tiers yet" in client.get("/styleguide/").content.decode()


def test_speaks_chinese(client: Client, programme: None) -> None:
    client.force_login(OperatorFactory.create(), backend="members.adapters.LoginBackend")
    page = client.get("/styleguide/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "设计规范" in page
    assert "卡面对比度" in page
