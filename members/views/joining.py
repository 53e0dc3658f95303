"""Joining: a contact, its code, then what somebody says about themselves and agrees to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from common.forms import add_domain_error
from members.adapters import remember_language
from members.errors import MemberClosed, ProofExpired
from members.forms.sign_in import JoinForm
from members.models import ContactCode, Member
from members.services.consent_texts import current_texts, offered_subjects
from members.services.joining import join_member

from .codes import SESSION_KEY, ask_page, enter, proved, refused_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponseBase:
    """Ask for the contact of somebody who joins, or claims what the shop began."""
    return ask_page(request, ContactCode.Purpose.JOIN)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join_details(request: HttpRequest) -> HttpResponseBase:
    """Join, or claim the membership that the shop began, after the code was typed in."""
    code = proved(request)
    if code is None or code.user_id is not None:
        messages.info(request, str(ProofExpired()))
        return HttpResponseRedirect(reverse("account_signup"))
    found = Member.objects.reached_at(code.contact).first()
    held = found and found.holder
    if held is not None and held.is_closed:
        return refused_page(request, MemberClosed())
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        texts=current_texts(),
        offered=offered_subjects(),
        asks_for_name=held is None or not (held.family_name or held.given_name),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _joined(request, code, form)
        except DomainError as refusal:
            add_domain_error(form, refusal)
    context = {"form": form, "held": held, "contact": code.contact}
    return render(request, "account/join.html", context)


def _joined(request: HttpRequest, code: ContactCode, form: JoinForm) -> HttpResponseBase:
    next_url = request.session[SESSION_KEY]["next"]
    member = join_member(code=code, **form.said())
    assert member.user is not None
    response = enter(request, member.user, next_url=next_url)
    if isinstance(response, HttpResponseRedirect):
        remember_language(response, member.language)
    return response
