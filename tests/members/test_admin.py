"""Operators look after logins and stores."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Store, User
from tests.factories import PASSWORD, OperatorFactory, StoreFactory

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
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/members/user/")
        counts.append(len(queries))
        OperatorFactory.create_batch(9)
    assert counts[0] == counts[1]
