"""How sign-in, which is allauth's and Django's, finds our people.

A member signs in by the phone number or e-mail address in `Member`, an operator by user name or
e-mail; every spelling of one login is one and the same to the lockout.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from members import rules
from members.models import Consent, Member, Notice, PortalDay, User

# One sentence for a wrong password, an unknown person, an inactive login and a closed membership:
# nobody learns from it who is a member.
NO_MATCH = _(
    "That did not match. Please check what you typed: the phone number, e-mail address or "
    "user name, and the password."
)
TOO_MANY = _("Too many attempts from here. Please wait a minute, then try again.")


def member_of(user: User | AnonymousUser) -> Member | None:
    """The member whose login this is."""
    return getattr(user, "member", None)


class LoginBackend(ModelBackend):
    """Django's own check of name and password; a closed membership is no longer let in."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if not isinstance(user, User) or not super().user_can_authenticate(user):
            return False
        member = member_of(user)
        return member is None or not member.is_closed

    def get_user(self, user_id: int) -> User | None:
        """Asked on every page: member and number of unread notices come with the login at once."""
        users = User.objects.select_related("member").annotate(
            unread_notices=Notice.objects.all().unread_of_login(),
            was_here_today=PortalDay.objects.all().of_login(clock.today()),
            counts_visits=Consent.objects.all().of_login(Consent.Channel.VISITS),
        )
        user = users.filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in and sign-out; nobody signs up through allauth."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "phone_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return []

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        typed = credentials["username"]
        user = User.objects.for_login(typed)
        # The lockout counts by this name: all spellings of one person's phone number are one.
        name = user.username if user else rules.plain_login(typed)
        found: User | None = super().authenticate(
            request, username=name, password=credentials["password"]
        )
        return found

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        if isinstance(user, User) and user.is_operator and member_of(user) is None:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        member = member_of(user)
        if member and member.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            remember_language(response, member.language)
        return response


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language where Django looks for it, for people who come back."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
