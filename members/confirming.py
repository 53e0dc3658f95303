"""Who is at the device now: what changes a login asks whoever is signed in to show it again."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from members.models import User

View = Callable[..., HttpResponseBase]


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session's person signed in, or showed again who they are, minutes ago."""
    records = get_authentication_records(request, request.user)
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in records)


def has_second_step(request: HttpRequest) -> bool:
    """Whether this session has passed a second step."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def note_proof(request: HttpRequest, user: User, method: str, **details: Any) -> None:
    """Write into the session how somebody has just shown who they are."""
    record_authentication(request, user, method, **details)


def login_of(request: HttpRequest) -> User:
    """The login of a request that a page has let in."""
    user = request.user
    assert isinstance(user, User)
    return user


def fresh_required(view: View) -> View:
    """A page for whoever is signed in and has shown lately who they are; else they are asked to."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_fresh(request):
            # allauth's middleware asks, and comes back to this page.
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))
