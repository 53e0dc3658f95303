"""Every route says who may see it, and a route that is not listed here fails the build."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from members.models import User
from tests.factories import OperatorFactory, member_with_login
from tests.sharing import shared

SHOWN = "200"
TO_SIGN_IN = "302 to the sign-in page"
TO_ADMIN = "302 to the operators' side"
TO_HOME = "302 to the home page"
TO_JOIN = "302 to the page for joining"
TO_FORGOTTEN = "302 to the page for forgotten passwords"
TO_SETTINGS = "302 to the page of the sign-in"
TO_CONFIRM = "302 to show who it is"
ONLY_POST = "405"
REFUSED = "403"
MISSING = "404"

ROLES = ("anonymous", "member", "operator")

# Pages that are asked for with GET, by URL name: what each role gets.
MATRIX: dict[str, tuple[str, str, str]] = {
    "account_login": (SHOWN, TO_HOME, TO_ADMIN),
    "request_code": (SHOWN, TO_HOME, TO_ADMIN),
    "mfa_authenticate": (TO_SIGN_IN, TO_HOME, TO_ADMIN),
    "account_logout": (TO_SIGN_IN, SHOWN, SHOWN),
    "account_signup": (SHOWN, TO_HOME, TO_ADMIN),
    "join_details": (TO_JOIN, TO_JOIN, TO_JOIN),
    "enter_code": (TO_SIGN_IN, TO_SETTINGS, TO_SETTINGS),
    "send_again": (ONLY_POST, ONLY_POST, ONLY_POST),
    "account_reset_password": (SHOWN, TO_HOME, TO_ADMIN),
    "new_password": (TO_FORGOTTEN, TO_FORGOTTEN, TO_FORGOTTEN),
    # WeChat is not configured here.
    "weixin_login": (ONLY_POST, ONLY_POST, ONLY_POST),
    "weixin_callback": (MISSING, MISSING, MISSING),
    "sign_in_settings": (TO_SIGN_IN, SHOWN, SHOWN),
    # Whoever has not shown lately who they are is asked to.
    "change_phone": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "change_email": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "account_change_password": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "account_reauthenticate": (TO_SIGN_IN, SHOWN, SHOWN),
    # An operator without a membership is reached nowhere.
    "confirm_by_code": (TO_SIGN_IN, SHOWN, TO_SETTINGS),
    "mfa_reauthenticate": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "mfa_index": (TO_SIGN_IN, TO_SETTINGS, TO_ADMIN),
    "mfa_activate_totp": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "mfa_deactivate_totp": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "mfa_view_recovery_codes": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "mfa_generate_recovery_codes": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "mfa_download_recovery_codes": (TO_SIGN_IN, TO_CONFIRM, TO_CONFIRM),
    "tie_wechat": (ONLY_POST, ONLY_POST, ONLY_POST),
    "forget_wechat": (TO_SIGN_IN, ONLY_POST, ONLY_POST),
    "devices": (TO_SIGN_IN, SHOWN, SHOWN),
    "end_device": (TO_SIGN_IN, ONLY_POST, ONLY_POST),
    "end_other_devices": (TO_SIGN_IN, ONLY_POST, ONLY_POST),
    "set_language": (ONLY_POST, ONLY_POST, ONLY_POST),
    "home": (TO_SIGN_IN, SHOWN, REFUSED),
    "card": (TO_SIGN_IN, SHOWN, REFUSED),
    "card_bars": (TO_SIGN_IN, SHOWN, REFUSED),
    "card_code": (TO_SIGN_IN, SHOWN, REFUSED),
    "styleguide": (TO_SIGN_IN, REFUSED, SHOWN),
    "manifest": (SHOWN, SHOWN, SHOWN),
    "service_worker": (SHOWN, SHOWN, SHOWN),
    "offline": (SHOWN, SHOWN, SHOWN),
    "tier_styles": (SHOWN, SHOWN, SHOWN),
    "coupons": (TO_SIGN_IN, SHOWN, REFUSED),
    "enter_coupon": (ONLY_POST, ONLY_POST, ONLY_POST),
    "coupon_offers": (TO_SIGN_IN, SHOWN, REFUSED),
    "work_out_purchase": (TO_SIGN_IN, SHOWN, REFUSED),
    "claim_offer": (ONLY_POST, ONLY_POST, ONLY_POST),
    "coupon": (TO_SIGN_IN, MISSING, REFUSED),
    "coupon_code": (TO_SIGN_IN, MISSING, REFUSED),
    "coupon_bars": (TO_SIGN_IN, MISSING, REFUSED),
    "share_coupon": (ONLY_POST, ONLY_POST, ONLY_POST),
    "shared_coupon": (TO_SIGN_IN, MISSING, REFUSED),
    "take_shared": (ONLY_POST, ONLY_POST, ONLY_POST),
    "open_group": (ONLY_POST, ONLY_POST, ONLY_POST),
    "coupon_group": (TO_SIGN_IN, MISSING, REFUSED),
    "join_group": (ONLY_POST, ONLY_POST, ONLY_POST),
    "events": (TO_SIGN_IN, SHOWN, REFUSED),
    "my_events": (TO_SIGN_IN, SHOWN, REFUSED),
    "event": (TO_SIGN_IN, MISSING, REFUSED),
    "event_picture": (TO_SIGN_IN, MISSING, REFUSED),
    "register_for_event": (TO_SIGN_IN, MISSING, REFUSED),
    "wait_for_event": (ONLY_POST, ONLY_POST, ONLY_POST),
    "event_place": (TO_SIGN_IN, MISSING, REFUSED),
    "event_ticket": (TO_SIGN_IN, MISSING, REFUSED),
    "event_calendar": (TO_SIGN_IN, MISSING, REFUSED),
    "accept_place": (TO_SIGN_IN, MISSING, REFUSED),
    "cancel_place": (TO_SIGN_IN, MISSING, REFUSED),
    "rewards": (TO_SIGN_IN, SHOWN, REFUSED),
    "reward": (TO_SIGN_IN, MISSING, REFUSED),
    "reward_picture": (TO_SIGN_IN, MISSING, REFUSED),
    "redeem": (TO_SIGN_IN, MISSING, REFUSED),
    "reward_orders": (TO_SIGN_IN, SHOWN, REFUSED),
    "reward_order": (TO_SIGN_IN, MISSING, REFUSED),
    "pickup_code": (TO_SIGN_IN, MISSING, REFUSED),
    "cancel_reward_order": (TO_SIGN_IN, MISSING, REFUSED),
    "return_reward": (TO_SIGN_IN, MISSING, REFUSED),
    "for_you": (TO_SIGN_IN, SHOWN, REFUSED),
    "points": (TO_SIGN_IN, SHOWN, REFUSED),
    "tier": (TO_SIGN_IN, SHOWN, REFUSED),
    "check_in": (TO_SIGN_IN, SHOWN, REFUSED),
    "check_in_today": (ONLY_POST, ONLY_POST, ONLY_POST),
    "birthday": (TO_SIGN_IN, SHOWN, REFUSED),
    "me": (TO_SIGN_IN, SHOWN, REFUSED),
    "profile": (TO_SIGN_IN, SHOWN, REFUSED),
    "privacy": (TO_SIGN_IN, SHOWN, REFUSED),
    "set_consent": (ONLY_POST, ONLY_POST, ONLY_POST),
    "data_json": (TO_SIGN_IN, SHOWN, REFUSED),
    "data_csv": (TO_SIGN_IN, SHOWN, REFUSED),
    "terms": (TO_SIGN_IN, SHOWN, REFUSED),
    "erase": (TO_SIGN_IN, SHOWN, REFUSED),
    "keep": (ONLY_POST, ONLY_POST, ONLY_POST),
    "help": (TO_SIGN_IN, SHOWN, REFUSED),
    "inbox": (TO_SIGN_IN, SHOWN, REFUSED),
    "read_notices": (ONLY_POST, ONLY_POST, ONLY_POST),
    "seen": (ONLY_POST, ONLY_POST, ONLY_POST),
    "visits": (TO_SIGN_IN, SHOWN, REFUSED),
}
# What a page is asked about: rows that are not the member's, so that they find nothing there.
ARGUMENTS: dict[str, dict[str, object]] = {
    "end_device": {"pk": 0},
    "claim_offer": {"pk": 0},
    "coupon": {"pk": 0},
    "coupon_code": {"pk": 0},
    "coupon_bars": {"pk": 0},
    "share_coupon": {"pk": 0},
    "shared_coupon": {"code": "0"},
    "take_shared": {"code": "0"},
    "open_group": {"pk": 0},
    "coupon_group": {"code": "0"},
    "join_group": {"code": "0"},
    "event": {"pk": 0},
    "event_picture": {"pk": 0, "digest": "0"},
    "register_for_event": {"pk": 0},
    "wait_for_event": {"pk": 0},
    "event_place": {"pk": 0},
    "event_ticket": {"pk": 0},
    "event_calendar": {"pk": 0},
    "accept_place": {"pk": 0},
    "cancel_place": {"pk": 0},
    "reward": {"pk": 0},
    "reward_picture": {"pk": 0, "digest": "0"},
    "redeem": {"pk": 0},
    "reward_order": {"pk": 0},
    "pickup_code": {"pk": 0},
    "cancel_reward_order": {"pk": 0},
    "return_reward": {"pk": 0},
}
# All of admin/ has one rule, and Django's admin asks for each model's permission besides.
ADMIN = (TO_SIGN_IN, REFUSED, SHOWN)
ADMIN_PREFIX = "admin/"


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        else:
            yield path, pattern


def admin_lists() -> list[str]:
    names = {pattern.name or "" for _, pattern in routes(get_resolver())}
    return [reverse(f"admin:{name}") for name in sorted(names) if name.endswith("_changelist")]


def answer(client: Client, address: str) -> str:
    response = client.get(address)
    if response.status_code != 302:
        return str(response.status_code)
    target = response.headers["Location"].split("?")[0]
    if target == reverse("admin:login") and target != address:
        # The admin has no form of its own: it sends on to the sign-in page, or refuses.
        return answer(client, target)
    known = {
        reverse("account_login"): TO_SIGN_IN,
        reverse("home"): TO_HOME,
        reverse("admin:index"): TO_ADMIN,
        reverse("account_signup"): TO_JOIN,
        reverse("account_reset_password"): TO_FORGOTTEN,
        reverse("sign_in_settings"): TO_SETTINGS,
        reverse("account_reauthenticate"): TO_CONFIRM,
    }
    return known.get(target, f"302 to {target}")


def signed_in() -> dict[str, Client]:
    """A browser of each role, signed in once for all tests."""
    people: dict[str, User | AnonymousUser | None] = {
        "anonymous": None,
        "member": member_with_login().user,
        "operator": OperatorFactory(),
    }
    clients = {role: Client() for role in ROLES}
    for role, person in people.items():
        if isinstance(person, User):
            clients[role].force_login(person)
    return clients


browsers = shared(signed_in)


@pytest.fixture
def clients(browsers: dict[str, Client], db: None) -> dict[str, Client]:
    """Browsers with nothing but these sessions: what another test's pages set is forgotten."""
    clients = {role: Client() for role in ROLES}
    for role, client in clients.items():
        client.cookies.update(deepcopy(browsers[role].cookies))
    return clients


def test_lists_every_route() -> None:
    found = {
        pattern.name or path
        for path, pattern in routes(get_resolver())
        if not path.startswith(ADMIN_PREFIX)
    }
    assert found == set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_holds_for(name: str, clients: dict[str, Client]) -> None:
    address = reverse(name, kwargs=ARGUMENTS.get(name))
    assert tuple(answer(clients[role], address) for role in ROLES) == MATRIX[name]


def test_holds_for_every_list_of_the_admin(clients: dict[str, Client]) -> None:
    for address in admin_lists():
        assert tuple(answer(clients[role], address) for role in ROLES) == ADMIN, address


def test_shows_no_list_to_an_operator_without_permissions(db: None) -> None:
    client = Client()
    client.force_login(OperatorFactory(is_superuser=False))
    assert {answer(client, address) for address in admin_lists()} == {REFUSED}


def test_sends_strangers_away_from_every_admin_route(clients: dict[str, Client]) -> None:
    for path, _ in routes(get_resolver()):
        if path.startswith(ADMIN_PREFIX) and "<" not in path and "(" not in path:
            if path == f"{ADMIN_PREFIX}logout/":
                continue
            assert answer(clients["anonymous"], f"/{path}") == TO_SIGN_IN, path
            assert answer(clients["member"], f"/{path}") == REFUSED, path
