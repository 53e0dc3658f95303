"""Codes: asking for one, typing it in, and what follows from it."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url, perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_stubs_ext import StrOrPromise

from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from members import rules
from members.adapters import contacts_of, member_of
from members.channels import carries, carry
from members.confirming import login_of, note_proof
from members.errors import (
    CodeTooSoon,
    ContactUnreachable,
    DeliveryFailed,
    LoginMissing,
    LoginOff,
    MemberClosed,
)
from members.forms.sign_in import CodeForm, ContactForm
from members.models import ContactCode, Member, User
from members.rules import Contact
from members.services.codes import drop_code, issue_code, use_code, verify_code
from members.services.contacts import change_contact
from members.services.joining import sign_in_by_code
from members.words import code_message, contact_changed_message

logger = logging.getLogger(__name__)

Purpose = ContactCode.Purpose

SESSION_KEY = "contact_code"

# What the page says for each reason to ask.
ASKED: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    Purpose.SIGN_IN: (
        _("Sign in with a code"),
        _("We send you six digits. No password is needed."),
    ),
    Purpose.JOIN: (
        _("Join"),
        _("We send you six digits first. Do you have a card from the shop? Use the same contact."),
    ),
    Purpose.RESET: (
        _("A new password"),
        _("We send you six digits; then you choose a new password."),
    ),
}
# Where another code for the same reason is asked for.
ASK_PAGES = {
    Purpose.SIGN_IN: "request_code",
    Purpose.JOIN: "account_signup",
    Purpose.RESET: "account_reset_password",
    Purpose.CHANGE: "sign_in_settings",
    Purpose.CONFIRM: "confirm_by_code",
}


def code_channels() -> frozenset[str]:
    """The ways in which codes can be sent here."""
    return frozenset(channel for channel, _name in rules.CODE_CHANNELS if carries(channel))


def start_code(
    request: HttpRequest,
    *,
    purpose: str,
    contact: Contact,
    next_url: str | None,
    user: User | None = None,
) -> None:
    """Send a code and remember in the session that it is awaited; refused as the service refuses.

    The same for whomever: nothing here asks whose contact it is.
    """
    address = get_adapter().get_client_ip(request)
    code, digits = issue_code(purpose=purpose, contact=contact, address=address, user=user)
    try:
        carry(contact, code_message(code, digits))
    except DeliveryFailed:
        drop_code(code=code, address=address)
        logger.warning("A code could not be sent to %s.", contact.masked)
        raise ContactUnreachable from None
    request.session[SESSION_KEY] = {"pk": code.pk, "next": next_url}


def awaited(request: HttpRequest) -> ContactCode | None:
    """The code that this session awaits or has typed in; another person's is nobody's."""
    state = request.session.get(SESSION_KEY)
    if not state:
        return None
    code = ContactCode.objects.filter(pk=state["pk"], used_at__isnull=True).first()
    if code is None:
        return None
    user_id = request.user.pk if request.user.is_authenticated else None
    return code if code.user_id == user_id else None


def proved(request: HttpRequest) -> ContactCode | None:
    """The code that this session typed in lately and has not used."""
    code = awaited(request)
    if code is None or code.verified_at is None:
        return None
    return code if code.verified_at > clock.now() - rules.PROOF_LASTS else None


def ask_page(request: HttpRequest, purpose: str) -> HttpResponseBase:
    """Ask for a contact and send a code there; who is signed in already goes on."""
    next_url = get_next_redirect_url(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_url or get_adapter().get_login_redirect_url(request))
    channels = code_channels()
    form = ContactForm(request.POST if request.method == "POST" else None, channels=channels)
    if request.method == "POST" and form.is_valid():
        try:
            start_code(
                request, purpose=purpose, contact=form.cleaned_data["login"], next_url=next_url
            )
            return HttpResponseRedirect(reverse("enter_code"))
        except CodeTooSoon as refusal:
            if _awaits(request, form.cleaned_data["login"], purpose):
                return HttpResponseRedirect(reverse("enter_code"))
            add_domain_error(form, refusal)
        except DomainError as refusal:
            add_domain_error(form, refusal)
    title, explanation = ASKED[purpose]
    context = {
        "form": form,
        "title": title,
        "explanation": explanation,
        "purpose": purpose,
        "channels": channels,
        "redirect_field_name": REDIRECT_FIELD_NAME,
        "redirect_field_value": next_url,
    }
    return render(request, "account/ask.html", context)


def _awaits(request: HttpRequest, contact: Contact, purpose: str) -> bool:
    """Whether this session awaits a code there already: then it is typed in, not sent again."""
    code = awaited(request)
    if code is None or code.contact != contact:
        return False
    # Signing in and joining are one and the same once the code is right.
    return code.purpose == purpose or {code.purpose, purpose} == {Purpose.SIGN_IN, Purpose.JOIN}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def request_code(request: HttpRequest) -> HttpResponseBase:
    """Sign in by a code."""
    return ask_page(request, Purpose.SIGN_IN)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponseBase:
    """Type the code in that was sent."""
    code = awaited(request)
    if code is None:
        return _nothing_awaited(request)
    if code.verified_at is not None:
        return HttpResponseRedirect(_next_page(code))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verify_code(code=code, typed=form.cleaned_data["code"])
            return _finish(request, code)
        except DomainError as refusal:
            add_domain_error(form, refusal, "code")
    context = {
        "form": form,
        "code": code,
        "ask_page": reverse(ASK_PAGES[Purpose(code.purpose)]),
        "minutes": rules.CODE_LASTS.seconds // 60,
    }
    return render(request, "account/code.html", context)


@never_cache
@require_POST
def send_again(request: HttpRequest) -> HttpResponseBase:
    """Send another code to the same contact, for the same reason."""
    code = awaited(request)
    if code is None:
        return _nothing_awaited(request)
    user = request.user if isinstance(request.user, User) else None
    next_url = request.session[SESSION_KEY]["next"]
    try:
        start_code(
            request, purpose=code.purpose, contact=code.contact, next_url=next_url, user=user
        )
        messages.success(request, gettext("A new code is on its way."))
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(reverse("enter_code"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_by_code(request: HttpRequest) -> HttpResponseBase:
    """Show again who is here, by a code to a contact that is the member's already."""
    member = member_of(request.user)
    contacts = contacts_of(member) if member else []
    if not contacts:
        return HttpResponseRedirect(reverse("sign_in_settings"))
    next_url = get_next_redirect_url(request)
    if request.method == "POST":
        wanted = request.POST.get("channel")
        contact = next((found for found in contacts if found.channel == wanted), contacts[0])
        try:
            start_code(
                request,
                purpose=Purpose.CONFIRM,
                contact=contact,
                next_url=next_url,
                user=login_of(request),
            )
            return HttpResponseRedirect(reverse("enter_code"))
        except DomainError as refusal:
            messages.warning(request, str(refusal))
    methods = get_adapter().get_reauthentication_methods(request.user)
    context = {
        "contacts": contacts,
        "redirect_field_value": next_url,
        "others": [method for method in methods if method["id"] != "code"],
    }
    return render(request, "account/confirm_by_code.html", context)


def enter(request: HttpRequest, user: User, *, next_url: str | None) -> HttpResponseBase:
    """Sign in whoever proved a contact: allauth asks for the second step where there is one."""
    request.session.pop(SESSION_KEY, None)
    note_proof(request, user, "code")
    response: HttpResponseBase = perform_login(request, user, redirect_url=next_url)
    return response


def refused_page(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Whoever proved who they are and may not in is told why."""
    request.session.pop(SESSION_KEY, None)
    return render(request, "account/refused.html", {"refusal": str(refusal)}, status=403)


def _nothing_awaited(request: HttpRequest) -> HttpResponseRedirect:
    page = "sign_in_settings" if request.user.is_authenticated else "account_login"
    return HttpResponseRedirect(resolve_url(page))


def _next_page(code: ContactCode) -> str:
    """Where whoever typed a code in goes on, when nothing more follows by itself."""
    if code.purpose == Purpose.RESET and User.objects.reached_at(code.contact):
        return reverse("new_password")
    return reverse("sign_in_settings" if code.user_id else "join_details")


def _finish(request: HttpRequest, code: ContactCode) -> HttpResponseBase:
    next_url = request.session[SESSION_KEY]["next"]
    match code.purpose:
        case Purpose.CHANGE:
            return _change(request, code)
        case Purpose.CONFIRM:
            return _confirm(request, code, next_url)
        case Purpose.RESET:
            return _prove(request, code)
    try:
        user = sign_in_by_code(code=code)
    except LoginMissing:
        return _prove(request, code)
    except (MemberClosed, LoginOff) as refusal:
        return refused_page(request, refusal)
    return enter(request, user, next_url=next_url)


def _prove(request: HttpRequest, code: ContactCode) -> HttpResponseRedirect:
    # What was proved belongs to whoever typed the code, not to whoever planted the session.
    request.session.cycle_key()
    return HttpResponseRedirect(_next_page(code))


def _change(request: HttpRequest, code: ContactCode) -> HttpResponseRedirect:
    member = Member.objects.get(user=login_of(request))
    before = [old for old in contacts_of(member) if old.channel == code.channel]
    request.session.pop(SESSION_KEY, None)
    try:
        change_contact(member=member, code=code)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("sign_in_settings"))
    for contact in before:
        try:
            carry(contact, contact_changed_message(code))
        except DeliveryFailed:
            # The inbox says it, too.
            logger.warning("%s was not told of a changed contact.", contact.masked)
    messages.success(request, gettext("From now on we reach you there."))
    return HttpResponseRedirect(reverse("sign_in_settings"))


def _confirm(request: HttpRequest, code: ContactCode, next_url: str | None) -> HttpResponseBase:
    use_code(code=code, now=clock.now())
    request.session.pop(SESSION_KEY, None)
    note_proof(request, login_of(request), "code", reauthenticated=True)
    resumed: Any = resume_request(request)
    return resumed or HttpResponseRedirect(next_url or resolve_url(settings.LOGIN_REDIRECT_URL))
