"""The portal's home page, and the colours of the tiers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from benefits.colours import stylesheet
from benefits.help import help_chapters
from benefits.home import home_of
from common import clock
from loyalty.models import Tier
from members.models import Member
from members.views import member_page

TIER_STYLES_SECONDS = 300


@require_safe
@member_page
def home(request: HttpRequest, member: Member) -> HttpResponse:
    """The card, the points, the way to the next tier and what happened last."""
    context = {"member": member, "home": home_of(member, clock.now())}
    return render(request, "home/home.html", context)


@require_safe
@member_page
def help_page(request: HttpRequest, member: Member) -> HttpResponse:
    """The programme's rules, as they are configured today."""
    context = {"member": member, "chapters": help_chapters(clock.today())}
    return render(request, "help/help.html", context)


@require_safe
@cache_control(public=True, max_age=TIER_STYLES_SECONDS)
@conditional_page
def tier_styles(request: HttpRequest) -> HttpResponse:
    """The colours of every tier's card, from the database; the same for everyone."""
    tiers = Tier.objects.by_rank().values_list("code", "colour")
    return HttpResponse(stylesheet(tiers), content_type="text/css; charset=utf-8")
