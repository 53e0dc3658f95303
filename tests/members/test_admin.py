"""Operators look after logins and stores."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Store, User
from tests.factories import (
    PASSWORD,
    MemberFactory,
    OperatorFactory,
    StoreFactory,
    member_with_login,
)

pytestmark = pytest.mark.django_db

STRONG = "a lantern on the pier"


@pytest.fixture
def operator(client: Client) -> User:
    user = OperatorFactory.create()
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "page",
    [
        "/admin/members/user/",
        "/admin/members/user/add/",
        "/admin/members/store/",
        "/admin/members/store/add/",
        "/admin/auth/group/",
    ],
)
def test_page_opens(client: Client, operator: User, page: str) -> None:
    StoreFactory.create()
    assert client.get(page).status_code == HTTPStatus.OK


def test_new_operator_can_sign_in(client: Client, operator: User) -> None:
    form = {
        "username": "berta",
        "email": "berta@shop.example",
        "is_staff": "on",
        "password1": STRONG,
        "password2": STRONG,
    }
    assert client.post("/admin/members/user/add/", form).status_code == HTTPStatus.FOUND
    fresh = Client()
    response = fresh.post("/login/", {"login": "berta@shop.example", "password": STRONG})
    assert response["Location"] == "/admin/"
    assert fresh.get("/admin/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("taken", "refusal"),
    [
        ({"username": "Berta"}, "A user with that username already exists."),
        ({"email": "BERTA@shop.example"}, "Someone signs in with this e-mail address already."),
    ],
)
def test_refuses_what_differs_in_case_only(
    client: Client, operator: User, taken: dict[str, str], refusal: str
) -> None:
    User.objects.create_user("berta", "berta@shop.example")
    form = {"username": "carla", "password1": STRONG, "password2": STRONG, **taken}
    response = client.post("/admin/members/user/add/", form)
    assert response.status_code == HTTPStatus.OK
    assert refusal in response.content.decode()
    assert User.objects.count() == 2


def test_logins_are_switched_off_not_deleted(client: Client, operator: User) -> None:
    other = OperatorFactory.create()
    page = client.get(f"/admin/members/user/{other.pk}/delete/")
    assert page.status_code == HTTPStatus.FORBIDDEN


def test_right_to_change_logins_is_no_right_to_rule(client: Client) -> None:
    clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    administrator = OperatorFactory.create()
    client.force_login(clerk)
    own = f"/admin/members/user/{clerk.pk}/change/"
    client.post(
        own, {"username": "clerk", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    )
    clerk.refresh_from_db()
    assert clerk.is_superuser is False
    page = client.get(f"/admin/members/user/{administrator.pk}/password/")
    assert page.status_code == HTTPStatus.FORBIDDEN


@pytest.fixture
def clerk(client: Client) -> User:
    """Signed in, with the right to add, see and change logins and nothing else."""
    rights = ["add_user", "change_user", "view_user", "change_group", "add_group", "view_group"]
    user = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return user


def colleague(*rights: str, **details: bool) -> User:
    user = User.objects.create_user("dora", password=PASSWORD, is_staff=True, **details)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def password_set(client: Client, user: User) -> int:
    """The status of an attempt to set a login's password."""
    form = {"password1": STRONG, "password2": STRONG, "usable_password": "true"}
    return client.post(f"/admin/members/user/{user.pk}/password/", form).status_code


def changed(client: Client, user: User, **form: str) -> int:
    """The status of an attempt to change a login."""
    return client.post(f"/admin/members/user/{user.pk}/change/", form).status_code


@pytest.mark.parametrize("is_active", [True, False])
def test_login_with_rights_that_one_lacks_is_out_of_reach(
    client: Client, clerk: User, is_active: bool
) -> None:
    other = colleague("view_user", "change_store", is_active=is_active)
    assert password_set(client, other) == HTTPStatus.FORBIDDEN
    assert changed(client, other, username="mine", is_active="on") == HTTPStatus.FORBIDDEN
    other.refresh_from_db()
    assert other.check_password(PASSWORD)
    assert (other.username, other.is_active) == ("dora", is_active)


def test_rights_through_a_group_count(client: Client, clerk: User) -> None:
    other = colleague()
    group = Group.objects.create(name="Stores")
    group.permissions.set(Permission.objects.filter(codename="change_store"))
    other.groups.add(group)
    assert password_set(client, other) == HTTPStatus.FORBIDDEN


def test_login_with_no_more_rights_gets_a_new_password(client: Client, clerk: User) -> None:
    other = colleague("view_user")
    assert password_set(client, other) == HTTPStatus.FOUND
    other.refresh_from_db()
    assert other.check_password(STRONG)


def test_nobody_but_an_administrator_gives_rights(client: Client, clerk: User) -> None:
    other = User.objects.create_user("berta")
    group = Group.objects.create(name="Stores")
    rights = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": str(group.pk),
        "user_permissions": str(Permission.objects.get(codename="change_store").pk),
    }
    assert changed(client, other, username="berta", is_active="on", **rights) == HTTPStatus.FOUND
    form = {"username": "carla", "is_staff": "on", "password1": STRONG, "password2": STRONG}
    client.post("/admin/members/user/add/", form | rights)
    for name in ("berta", "carla"):
        user = User.objects.get(username=name)
        assert (user.is_staff, user.is_superuser) == (False, False)
        assert not user.groups.exists()
        assert not user.user_permissions.exists()
    page = client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Mine"})
    assert page.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("who", ["clerk", "operator"])
def test_members_login_is_only_switched(
    client: Client, who: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(who)
    user = member_with_login().user
    assert user is not None
    assert client.get(f"/admin/members/user/{user.pk}/change/").status_code == HTTPStatus.OK
    assert password_set(client, user) == HTTPStatus.FORBIDDEN
    name = user.username
    form = {"username": "mine", "email": "mine@shop.example", "is_staff": "on"}
    assert changed(client, user, **form, is_superuser="on") == HTTPStatus.FOUND
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (user.username, user.email, user.is_active) == (name, "", False)
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_administrator_edits_an_operator_who_is_a_member(client: Client, operator: User) -> None:
    other = colleague()
    MemberFactory.create(user=other)
    assert password_set(client, other) == HTTPStatus.FOUND


def test_store_remembers_who_changed_it(client: Client, operator: User) -> None:
    store = StoreFactory.create(code="S1", name_en="Bund")
    form = {
        "code": "S1",
        "name_en": "The Bund",
        "name_zh": "外滩店",
        "city": "上海",
        "is_active": "on",
    }
    client.post(f"/admin/members/store/{store.pk}/change/", form)
    latest = store.history.latest()
    assert (latest.name_en, latest.history_user) == ("The Bund", operator)
    assert client.get(f"/admin/members/store/{store.pk}/history/").status_code == HTTPStatus.OK
    assert Store.objects.get().name_en == "The Bund"


def test_list_asks_the_same_whatever_its_length(client: Client, operator: User) -> None:
    counts = []
    client.get("/admin/members/user/")  # the alerts above every page are kept for a while
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/members/user/")
        counts.append(len(queries))
        OperatorFactory.create_batch(9)
    assert counts[0] == counts[1]
