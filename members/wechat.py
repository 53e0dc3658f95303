"""Signing in by WeChat: allauth's provider, tied to our members. Off where it is not configured.

WeChat tells who somebody is there, never a phone number. Whoever comes the first time therefore
proves a phone number or an e-mail address by a code, and is tied to the member behind it.
"""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from members.models import User
from members.services.wechat import tie_wechat

SESSION_KEY = "wechat"


def can_use_wechat() -> bool:
    """Whether the programme has an app at WeChat."""
    return bool(settings.WEIXIN_APP_ID and settings.WEIXIN_APP_SECRET)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Nobody becomes a member by WeChat alone."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        account = sociallogin.account
        # Of all that WeChat tells, only what its owner knows the account by.
        account.extra_data = {"nickname": str(account.extra_data.get("nickname", ""))[:80]}
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        request.session[SESSION_KEY] = {"uid": account.uid, **account.extra_data}
        messages.info(
            request,
            gettext("Tell us once how we reach you: after that, WeChat signs you in by itself."),
        )
        raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_signup")))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("sign_in_settings")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **error: Any) -> None:
        messages.error(request, gettext("WeChat did not sign you in. Please try it another way."))
        raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))


def tie_pending(request: HttpRequest, user: User) -> None:
    """Tie the WeChat account with which somebody came to the login that they have now."""
    told = request.session.pop(SESSION_KEY, None)
    if told:
        tie_wechat(user=user, uid=told["uid"], nickname=told["nickname"])
