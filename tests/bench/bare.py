"""A page that sends the statements of another and shows nothing: the floor of a page."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

# Filled by whoever measures: statements and their values.
STATEMENTS: list[tuple[str, Any]] = []


def bare(request: HttpRequest) -> HttpResponse:
    """Who is signed in is asked for by the same middleware as everywhere."""
    assert request.user.is_authenticated
    with connection.cursor() as cursor:
        for statement, values in STATEMENTS:
            cursor.execute(statement, values)
            cursor.fetchall()
    return HttpResponse(b"")


urlpatterns = [path("", bare)]
