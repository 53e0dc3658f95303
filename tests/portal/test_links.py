"""Every page of a member's is reached from the home page by links and buttons alone."""

import re

from django.test import Client
from django.urls import Resolver404, resolve

from members.models import Member
from tests.config.test_role_matrix import MATRIX, SHOWN
from tests.factories import OperatorFactory

from .worlds import ADDRESSES, NOT_PAGES, world_of

ADDRESS = re.compile(r'(?:href|action|src|content|data-url)="(/[^"#?]*)')
# Shown without a connection, by a friend's link, and to who has not shown lately who they are.
UNSEEN = {"offline", "shared_coupon", "account_reauthenticate", "confirm_by_code"}


def name_of(address: str) -> str:
    try:
        return resolve(address).url_name or ""
    except Resolver404:
        return ""


def test_links_lead_to_every_page(signed_in: Client, storied: Member) -> None:
    world_of(storied, OperatorFactory.create())
    found: set[str] = set()
    ahead, known = ["/"], {"/"}
    while ahead:
        address = ahead.pop()
        found.add(name_of(address))
        response = signed_in.get(address)
        if "text/html" not in response.get("Content-Type", "") or response.status_code != 200:
            continue
        for link in set(ADDRESS.findall(response.content.decode())) - known:
            known.add(link)
            if name_of(link) and not link.startswith(("/admin/", "/logout/")):
                ahead.append(link)
            found.add(name_of(link))
    pages = {name for name, roles in MATRIX.items() if roles[1] == SHOWN}
    assert (pages | set(ADDRESSES) | NOT_PAGES) - found == UNSEEN
