"""How a member leaves: what will be lost, some days to think again, and the way back."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from members.forms.profile import EraseForm
from members.losses import losses_of
from members.models import ErasureRequest, Member
from members.services.erasure import cancel_erasure, due_at, request_erasure
from members.views import member_page


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def erase(request: HttpRequest, member: Member) -> HttpResponse:
    """Spells out what will be lost, and asks for it once the member is sure."""
    asked = ErasureRequest.objects.of(member)
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request_erasure(member=member, key=form.cleaned_data["key"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return HttpResponseRedirect(reverse("erase"))
    now = clock.now()
    context = {
        "member": member,
        "form": form,
        "asked": asked,
        "losses": losses_of(member, now),
        "days": settings.ERASURE_COOLING_DAYS,
        "last_day": asked.last_day if asked else clock.last_valid_day(due_at(now)),
    }
    return render(request, "me/erase.html", context)


@require_POST
@member_page
def keep(request: HttpRequest, member: Member) -> HttpResponse:
    """Take the request back; without one there is nothing to take back."""
    asked = ErasureRequest.objects.of(member)
    if asked:
        cancel_erasure(request=asked)
        messages.success(request, gettext("You stay a member: nothing will be erased."))
    return HttpResponseRedirect(reverse("me"))
