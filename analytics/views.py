"""What is suggested; the beacon's ear, and the page on which members agree to it or do not."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.forms import LARGEST_BEACON, SeenForm, VisitsForm
from analytics.models import BehaviourEvent
from analytics.services.behaviour import decide_on_visits, has_agreed, record_behaviour
from analytics.suggestions import suggestions_for
from common import clock
from members.adapters import member_of
from members.models import Member
from members.views import member_page

NOTHING, TOO_LARGE, NOT_READ = 204, 413, 400


@require_safe
@member_page
def for_you(request: HttpRequest, member: Member) -> HttpResponse:
    """Articles, coupons and rewards, each with the reason for it."""
    context = {"member": member, "suggested": suggestions_for(member, clock.now())}
    return render(request, "for_you/for_you.html", context)


@never_cache
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Events of a page, for a signed-in member who agreed; anything else is no event.

    A browser that asks not to be followed is not, whatever was agreed to. The answer is empty
    and says nothing of what was kept.
    """
    member = member_of(request.user)
    if member is None or asks_not_to_be_followed(request):
        return HttpResponse(status=NOTHING)
    form = SeenForm(request.POST)
    if len(request.POST.get("events", "")) > LARGEST_BEACON:
        return HttpResponse(status=TOO_LARGE)
    if not form.is_valid():
        return HttpResponse(status=NOT_READ)
    record_behaviour(member=member, events=form.cleaned_data["events"])
    return HttpResponse(status=NOTHING)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def visits(request: HttpRequest, member: Member) -> HttpResponse:
    """What is counted of a member's visits, and their yes or no to it."""
    if request.method == "POST":
        form = VisitsForm(request.POST)
        if form.is_valid():
            is_granted = form.cleaned_data["answer"] == "yes"
            decide_on_visits(member=member, is_granted=is_granted)
            messages.success(request, _said(is_granted=is_granted))
        return HttpResponseRedirect(reverse("visits"))
    context = {
        "member": member,
        "has_agreed": has_agreed(member),
        "is_refused": asks_not_to_be_followed(request),
        "events": BehaviourEvent.objects.filter(member=member).count(),
        "keep_days": settings.BEHAVIOUR_KEEP_DAYS,
    }
    return render(request, "visits/visits.html", context)


def asks_not_to_be_followed(request: HttpRequest) -> bool:
    """Do Not Track, or Global Privacy Control."""
    return request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"


def _said(*, is_granted: bool) -> str:
    if is_granted:
        return gettext("Thank you. From now on we count what you look at here.")
    return gettext("We count nothing any more. What was recorded has been erased.")
