"""The portal's page of what is suggested to the member."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analytics.suggestions import suggestions_for
from common import clock
from members.models import Member
from members.views import member_page


@require_safe
@member_page
def for_you(request: HttpRequest, member: Member) -> HttpResponse:
    """Articles, coupons and rewards, each with the reason for it."""
    context = {"member": member, "suggested": suggestions_for(member, clock.now())}
    return render(request, "for_you/for_you.html", context)
