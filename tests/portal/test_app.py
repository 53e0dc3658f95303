"""The portal as an app: its manifest, its worker, its card, what sign-out leaves behind."""

import json
import re
import struct
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.views import ICONS, SHELL
from members.models import Member
from members.services import choose_language

CARD_QUERIES = 6
WORDS = {"en": ("Card", "Coupons", "Points"), "zh-hans": ("会员卡", "优惠券", "积分")}


def told_to_worker(client: Client) -> dict[str, object]:
    text = client.get("/service-worker.js").content.decode()
    found = re.search(r"const TOLD = (\{.*\});", text)
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.mark.parametrize("language", WORDS)
def test_names_itself_in_the_readers_language(client: Client, db: None, language: str) -> None:
    response = client.get("/manifest.webmanifest", headers={"accept-language": language})
    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["lang"], manifest["name"]) == (language, settings.PROGRAMME_NAME)
    assert tuple(place["name"] for place in manifest["shortcuts"]) == WORDS[language]


def test_has_icons_of_the_sizes_it_tells(client: Client, db: None) -> None:
    told = client.get("/manifest.webmanifest").json()["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in told} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }
    for path, sizes, _purpose in ICONS:
        head = Path(str(finders.find(path))).read_bytes()[:24]
        width, height = struct.unpack(">II", head[16:24])
        assert (head[:8], f"{width}x{height}") == (b"\x89PNG\r\n\x1a\n", sizes)


def test_has_a_worker_for_the_whole_site(client: Client, db: None) -> None:
    response = client.get("/service-worker.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    told = told_to_worker(client)
    assert told["card"] == ["/card/", "/card/code.svg", "/card/bars.svg"]
    doors = ["/login/", "/join/", "/code/", "/password/forgot/", "/password/new/"]
    assert (told["signIn"], told["signOut"]) == (doors, "/logout/")


@pytest.mark.parametrize("address", ["/card/", "/offline/"])
def test_the_worker_keeps_all_files_of_what_it_shows(
    signed_in: Client, member: Member, address: str
) -> None:
    page = signed_in.get(address).content.decode()
    used = set(re.findall(r'(?:href|src)="(/static/[^"#]+|/tiers\.css)', page))
    icons = {static(path) for path, _, _ in ICONS} | {static("icons/app-180.png")}
    assert used - icons <= set(told_to_worker(signed_in)["files"])  # type: ignore[call-overload]
    assert all(finders.find(path) for path in SHELL)


def test_speaks_the_language_that_the_worker_asks_for(client: Client, db: None) -> None:
    page = client.get("/offline/?language=zh-hans", headers={"accept-language": "en"})
    assert page["Content-Language"] == "zh-hans"
    assert "当前没有网络连接" in page.content.decode()
    assert "no connection" in client.get("/offline/?language=xx").content.decode()


def test_shows_the_card_whole(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(CARD_QUERIES):
        page = signed_in.get("/card/").content.decode()
    digits = member.card_number
    assert " ".join(digits[start : start + 4] for start in range(0, 16, 4)) in page
    for name in ("code", "bars"):
        picture = signed_in.get(f"/card/{name}.svg")
        assert picture["Content-Type"] == "image/svg+xml"
        assert f'src="/card/{name}.svg"' in page
    assert "no-store" in signed_in.get("/card/")["Cache-Control"]


def test_sign_out_empties_the_browser(signed_in: Client) -> None:
    assert "Clear-Site-Data" not in signed_in.get("/logout/")
    response = signed_in.post("/logout/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'


def test_keeps_no_snapshots_and_evaluates_nothing(signed_in: Client, member: Member) -> None:
    page = signed_in.get("/").content.decode()
    found = re.search(r"<meta name=\"htmx-config\" content='(.+?)'>", page)
    assert found is not None
    assert json.loads(found[1]) == {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
    }


def test_the_account_speaks_before_the_browser(signed_in: Client, member: Member) -> None:
    chinese = {"accept-language": "zh-CN"}
    assert "您好" in signed_in.get("/", headers=chinese).content.decode()
    choose_language(member=member, language="en")
    page = signed_in.get("/", headers=chinese)
    assert "Hello, " in page.content.decode()
    assert page["Content-Language"] == "en"


def test_leads_to_the_sign_in_page_where_htmx_finds_nobody(client: Client, db: None) -> None:
    response = client.post("/check-in/today/", headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/login/?next=/check-in/today/"
    assert response.content == b""
