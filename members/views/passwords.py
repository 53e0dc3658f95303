"""Passwords: a new one by a code, another one by who is signed in."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from members.confirming import fresh_required, login_of
from members.errors import ProofExpired
from members.forms.sign_in import NewPasswordForm
from members.models import ContactCode, User
from members.services.logins import reset_password, set_password

from .codes import SESSION_KEY, ask_page, enter, proved, refused_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponseBase:
    """Ask for the contact of somebody who wants a new password."""
    return ask_page(request, ContactCode.Purpose.RESET)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponseBase:
    """Choose a new password after the code was typed in, and be signed in by that."""
    code = proved(request)
    user = User.objects.reached_at(code.contact) if code else None
    if code is None or user is None or code.purpose != ContactCode.Purpose.RESET:
        messages.info(request, str(ProofExpired()))
        return HttpResponseRedirect(reverse("account_reset_password"))
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        next_url = request.session[SESSION_KEY]["next"]
        try:
            user = reset_password(code=code, password=form.cleaned_data["password"])
        except DomainError as refusal:
            return refused_page(request, refusal)
        messages.success(request, gettext("Your new password holds from now on."))
        return enter(request, user, next_url=next_url)
    return render(request, "account/new_password.html", {"form": form, "contact": code.contact})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_required
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Set a password, or another one; every other device is signed out by that."""
    user = login_of(request)
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        set_password(user=user, password=form.cleaned_data["password"])
        update_session_auth_hash(request, user)
        # This session has a new key by now: its line among the devices follows.
        UserSession.objects.create_from_request(request)
        messages.success(
            request, gettext("Your new password holds. Other devices were signed out.")
        )
        return HttpResponseRedirect(reverse("sign_in_settings"))
    return render(request, "account/change_password.html", {"form": form, "login": user})
