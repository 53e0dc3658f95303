"""What members' and operators' requests pass on their way."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import activate

from members.adapters import member_of
from members.confirming import has_second_step
from members.models import User

# The same for everyone, or told their language by the address: nobody's login is asked for.
NOBODYS = {"tier_styles", "service_worker", "offline"}


class AccountLanguageMiddleware:
    """Speak the language of the member's account where it has one, whatever this browser says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        if match is not None and match.url_name in NOBODYS:
            return
        member = member_of(request.user)
        if member is not None and member.language and member.language != request.LANGUAGE_CODE:
            activate(member.language)
            request.LANGUAGE_CODE = member.language


class SecondStepMiddleware:
    """Where `OPERATOR_SECOND_STEP` is set, let operators into their side after a second step only.

    Who has none sets it up first; a session from before is asked for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if not settings.OPERATOR_SECOND_STEP or match is None:
            return None
        if "admin" not in match.namespaces or match.url_name == "logout":
            return None
        user = request.user
        if not isinstance(user, User) or not user.is_operator or has_second_step(request):
            return None
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            back = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{back}")
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
