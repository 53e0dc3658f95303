"""The operators' bases: form pages over services, lists without counts, looking without writing."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Store
from tests.common.admin_site import PERFORMED
from tests.factories import MemberFactory, OperatorFactory, StoreFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.admin_site")]


@pytest.fixture(autouse=True)
def _nothing_performed() -> Iterator[None]:
    PERFORMED.clear()
    yield
    PERFORMED.clear()


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(OperatorFactory())
    return client


@pytest.fixture
def onlooker(client: Client) -> Client:
    user = OperatorFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def move_url(store: Store) -> str:
    return f"/admin/members/store/{store.pk}/move/"


def change_url(store: Store) -> str:
    return reverse("admin:members_store_change", args=[store.pk])


MOVE = {"distance": "5", "reason": "Rent", "is_sure": "on", "how": "road", "key": "k1"}


def test_shows_a_form_before_acting(operator: Client) -> None:
    store = StoreFactory(name_en="Harbour")
    page = operator.get(move_url(store)).content.decode()
    assert "Members are told the new address." in page
    assert "Harbour" in page
    assert 'name="distance" value="1"' in page
    assert 'type="hidden" name="key" value="' in page
    assert f'href="{change_url(store)}"' in page
    assert PERFORMED == []


def test_offers_the_action_on_the_objects_page(operator: Client) -> None:
    store = StoreFactory()
    assert move_url(store) in operator.get(change_url(store)).content.decode()


def test_acts_once_confirmed_and_says_so(operator: Client) -> None:
    store = StoreFactory(code="S1")
    response = operator.post(move_url(store), MOVE, follow=True)
    assert response.redirect_chain == [(change_url(store), 302)]
    assert "The store moved." in response.content.decode()
    expected = {"distance": 5, "reason": "Rent", "is_sure": True, "how": "road", "key": "k1"}
    (performed,) = PERFORMED
    assert performed == {"store": "S1", **expected}


def test_shows_a_refusal_on_the_form_with_nothing_lost(operator: Client) -> None:
    response = operator.post(move_url(StoreFactory()), {**MOVE, "distance": "1001"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "1,001 km is too far." in page
    assert 'name="distance" value="1001"' in page
    assert 'name="key" value="k1"' in page
    assert PERFORMED == []


def test_shows_what_the_form_lacks(operator: Client) -> None:
    response = operator.post(move_url(StoreFactory()), {**MOVE, "reason": ""})
    assert "This field is required." in response.content.decode()
    assert PERFORMED == []


def test_asks_only_to_confirm_where_there_is_nothing_to_fill_in(operator: Client) -> None:
    store = StoreFactory()
    address = f"/admin/members/store/{store.pk}/close/"
    assert "This cannot be taken back." in operator.get(address).content.decode()
    assert Store.objects.count() == 1
    operator.post(address, {"key": "k"})
    assert Store.objects.count() == 0


def test_knows_no_object_that_is_not_there(operator: Client) -> None:
    assert operator.get("/admin/members/store/999/move/").status_code == 404
    assert operator.get("/admin/members/store/x/move/").status_code == 404


def test_refuses_operators_without_the_permission(onlooker: Client) -> None:
    store = StoreFactory()
    assert onlooker.get(change_url(store)).status_code == 200
    assert onlooker.post(move_url(store), MOVE).status_code == 403
    assert PERFORMED == []


def test_refuses_everyone_who_is_no_operator(client: Client) -> None:
    store = StoreFactory()
    assert client.post(move_url(store), MOVE).status_code == 302
    assert PERFORMED == []


def test_lists_fifty_rows_and_never_counts_the_table(operator: Client) -> None:
    StoreFactory.create_batch(51)
    with CaptureQueriesContext(connection) as queries:
        page = operator.get(reverse("admin:members_store_changelist")).content.decode()
    assert page.count("field-code") == 50
    of_the_list = [query["sql"].upper() for query in queries if "members_store" in query["sql"]]
    assert of_the_list
    assert not [sql for sql in of_the_list if "COUNT(" in sql]
    assert "Select all 9" not in page
    second = operator.get(reverse("admin:members_store_changelist"), {"p": 2}).content.decode()
    assert second.count("field-code") == 1


def test_lets_nobody_write_what_only_services_write(operator: Client) -> None:
    member = MemberFactory()
    change = reverse("admin:members_member_change", args=[member.pk])
    assert operator.get(change).status_code == 200
    assert operator.post(change, {"family_name": "X"}).status_code == 403
    assert operator.get(reverse("admin:members_member_add")).status_code == 403
    delete = reverse("admin:members_member_delete", args=[member.pk])
    assert operator.post(delete, {"post": "yes"}).status_code == 403


def test_has_a_content_security_policy_of_its_own(operator: Client) -> None:
    policy = operator.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy


def test_leaves_the_members_pages_strict(client: Client) -> None:
    for address in (reverse(settings.LOGIN_URL), "/no-such-page/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
