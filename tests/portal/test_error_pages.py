"""Pages for what went wrong: kind, in the portal's dress, and safe without a request."""

from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation


def test_a_missing_page_is_told_kindly(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "This page is not here." in page
    assert 'action="/language/"' in page


def test_a_failure_needs_neither_request_nor_database() -> None:
    page = render_to_string("500.html")
    assert "Something went wrong on our side." in page
    assert "<form" not in page


def test_a_form_without_its_token_is_refused_kindly(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"login": "x"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "For your safety this form has run out." in page
    assert "<form" not in page


def test_speaks_chinese() -> None:
    with translation.override("zh-hans"):
        assert "抱歉，我们这边出错了" in render_to_string("500.html")
