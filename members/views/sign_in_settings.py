"""What somebody signs in with, and where they are signed in."""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from common.forms import add_domain_error
from common.numbers import format_number
from members import rules
from members.adapters import member_of
from members.confirming import fresh_required, login_of
from members.forms.sign_in import ContactForm
from members.models import ContactCode
from members.services.sessions import end_other_sessions, end_session
from members.services.wechat import PROVIDER, untie_wechat
from members.wechat import can_use_wechat

from .codes import code_channels, start_code


@never_cache
@login_required
@require_safe
def sign_in_settings(request: HttpRequest) -> HttpResponseBase:
    """Phone, e-mail, password, second step, WeChat and devices; each leads on."""
    user = login_of(request)
    types = set(Authenticator.objects.filter(user=user.pk).values_list("type", flat=True))
    member = member_of(user)
    context = {
        "member": member,
        "layout": "portal.html" if member else "base.html",
        "channels": code_channels(),
        "has_password": user.has_usable_password(),
        "has_second_step": Authenticator.Type.TOTP in types,
        "can_use_wechat": can_use_wechat(),
        "wechat": SocialAccount.objects.filter(user=user.pk, provider=PROVIDER).first(),
        "devices": UserSession.objects.filter(user=user.pk).count(),
    }
    return render(request, "account/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_required
def change_contact(request: HttpRequest, channel: str) -> HttpResponseBase:
    """Type another phone number or e-mail address: a code there makes it the member's."""
    member = member_of(request.user)
    if member is None or channel not in code_channels():
        messages.warning(request, gettext("This cannot be changed here at the moment."))
        return HttpResponseRedirect(reverse("sign_in_settings"))
    form = ContactForm(
        request.POST if request.method == "POST" else None, channels=frozenset({channel})
    )
    if request.method == "POST" and form.is_valid():
        try:
            start_code(
                request,
                purpose=ContactCode.Purpose.CHANGE,
                contact=form.cleaned_data["login"],
                next_url=None,
                user=login_of(request),
            )
            return HttpResponseRedirect(reverse("enter_code"))
        except DomainError as refusal:
            add_domain_error(form, refusal)
    phone = member.phone.as_international if member.phone else None
    current = phone if channel == rules.SMS else member.email
    context = {"form": form, "channel": channel, "current": current}
    return render(request, "account/change_contact.html", context)


@never_cache
@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponseBase:
    """Where somebody is signed in, this device first."""
    sessions = UserSession.objects.purge_and_list(login_of(request))
    ours = request.session.session_key
    sessions.sort(key=lambda found: (found.session_key != ours, -found.created_at.timestamp()))
    rows = [
        {
            "pk": found.pk,
            "name": rules.device_name(found.user_agent),
            "since": found.created_at,
            "address": found.ip,
            "is_this": found.session_key == ours,
        }
        for found in sessions
    ]
    return render(request, "account/devices.html", {"devices": rows})


@never_cache
@login_required
@require_POST
def end_device(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign one device out; another person's is not found."""
    session = get_object_or_404(UserSession, user=request.user.pk, pk=pk)
    if session.session_key == request.session.session_key:
        end_session(session=session)
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    end_session(session=session)
    messages.success(request, gettext("The device was signed out."))
    return HttpResponseRedirect(reverse("devices"))


@never_cache
@login_required
@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponseBase:
    """Sign every device out but this one."""
    user = login_of(request)
    count = end_other_sessions(user=user, session_key=request.session.session_key or "")
    told = ngettext(
        "%(count)s other device was signed out.", "%(count)s other devices were signed out.", count
    )
    messages.success(request, told % {"count": format_number(count)})
    return HttpResponseRedirect(reverse("devices"))


@never_cache
@login_required
@require_POST
def forget_wechat(request: HttpRequest) -> HttpResponseBase:
    """Let WeChat sign in here no more."""
    if untie_wechat(user=login_of(request)):
        messages.success(request, gettext("WeChat signs you in no more."))
    return HttpResponseRedirect(reverse("sign_in_settings"))


@never_cache
@login_required
@require_safe
def to_settings(request: HttpRequest) -> HttpResponseBase:
    """Where allauth goes back to after the second step was changed: who was on the way goes on."""
    member = member_of(request.user)
    page = reverse("sign_in_settings") if member else get_adapter().get_login_redirect_url(request)
    return HttpResponseRedirect(page)
