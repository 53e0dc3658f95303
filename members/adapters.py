"""How sign-in, which is allauth's and Django's, finds our people.

A member signs in by the phone number or e-mail address in `Member`, an operator by user name or
e-mail; every spelling of one login is one and the same to the lockout.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from common import clock
from members import rules
from members.channels import carries
from members.models import (
    Consent,
    ConsentText,
    ErasureRequest,
    Member,
    Notice,
    PortalDay,
    User,
)
from members.rules import Contact
from members.services import limits
from members.wechat import tie_pending

BACKEND = "members.adapters.LoginBackend"

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


def contacts_of(member: Member) -> list[Contact]:
    """Where a code reaches a member, as far as something here carries it."""
    phone, email = member.phone, member.email
    known = [Contact(rules.SMS, str(phone))] if phone else []
    known += [Contact(rules.EMAIL, email)] if email else []
    return [contact for contact in known if carries(contact.channel)]


@lru_cache(maxsize=2)
def _logins(today: date) -> QuerySet[User]:
    """Logins with what every page asks of them; the query is put together once a day, and copied
    by whoever filters it.
    """
    return User.objects.select_related("member").annotate(
        unread_notices=Notice.objects.all().unread_of_login(),
        was_here_today=PortalDay.objects.all().of_login(today),
        erasure_due_at=ErasureRequest.objects.all().due_of_login(),
        counts_visits=Consent.objects.all().of_login(Consent.Channel.VISITS),
        unread_terms=ConsentText.objects.all().unread_by_login(),
    )


class LoginBackend(ModelBackend):
    """Django's own check of name and password; a closed membership is no longer let in."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if not isinstance(user, User) or not super().user_can_authenticate(user):
            return False
        member = member_of(user)
        return member is None or not member.is_closed

    def get_user(self, user_id: int) -> User | None:
        """Asked on every page: member and number of unread notices come with the login at once."""
        user = next(iter(_logins(clock.today()).filter(pk=user_id)), None)
        return user if self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in and sign-out; joining is ours, because nobody has a login before a code proved who
    they are (`members.views.joining`).
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "phone_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "too_many_login_attempts": TOO_MANY,
        "incorrect_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        name, address = credentials["username"], self.get_client_ip(request)
        if not limits.count_passwords_from(address=address):
            raise self.validation_error("too_many_login_attempts")
        # Knocking while axes locks somebody out makes the pause no longer.
        is_locked = not AxesProxyHandler.is_allowed(request, {"username": name})
        if not is_locked and not limits.count_password(name=name, address=address):
            locked_out = import_string(settings.AXES_LOCKOUT_CALLABLE)
            raise ImmediateHttpResponse(locked_out(request))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        typed = credentials["username"]
        user = User.objects.for_login(typed)
        # The lockout counts by this name: all spellings of one person's phone number are one.
        name = user.username if user else rules.plain_login(typed)
        found: User | None = super().authenticate(
            request, username=name, password=credentials["password"]
        )
        if found:
            address = self.get_client_ip(request)
            limits.forget_passwords(name=name, address=address)
            limits.forgive_password_from(address=address)
        return found

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(context.request, username=user.username, password=password)
        return found is not None and found.pk == user.pk

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if LoginBackend().user_can_authenticate(user):
            return None
        messages.error(request, NO_MATCH)
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: User) -> None:
        user.backend = BACKEND
        super().login(request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        # Each of our pages asks for itself: `members.confirming.fresh_required`.
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        member = member_of(user)
        if member is not None and contacts_of(member):
            address = reverse("confirm_by_code")
            methods.append({"id": "code", "description": _("Send me a code"), "url": address})
        return methods

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        if isinstance(user, User) and user.is_operator and member_of(user) is None:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        tie_pending(request, user)
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
