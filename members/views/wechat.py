"""Signing in by WeChat, where the programme has an app there; else these pages are missing."""

from allauth.socialaccount.providers.weixin.views import oauth2_callback, oauth2_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from members.confirming import fresh_required
from members.wechat import can_use_wechat


@never_cache
@require_POST
def wechat_login(request: HttpRequest) -> HttpResponseBase:
    """Go to WeChat to sign in."""
    _refuse_unconfigured()
    if request.user.is_authenticated:
        raise Http404
    response: HttpResponseBase = oauth2_login(request)
    return response


@require_POST
@fresh_required
def tie_wechat(request: HttpRequest) -> HttpResponseBase:
    """Go to WeChat to sign in there from now on with the account that somebody has here."""
    _refuse_unconfigured()
    response: HttpResponseBase = oauth2_login(request)
    return response


@never_cache
@require_GET
def wechat_callback(request: HttpRequest) -> HttpResponseBase:
    """Come back from WeChat."""
    _refuse_unconfigured()
    response: HttpResponseBase = oauth2_callback(request)
    return response


def _refuse_unconfigured() -> None:
    if not can_use_wechat():
        raise Http404
