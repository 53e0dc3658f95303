"""Pages about what members hold."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from common import clock
from common.htmx import part_asked
from loyalty.check_ins import check_ins_of, is_offered
from loyalty.forecast import expiring_by_month
from loyalty.history import Show, history_page
from loyalty.models import PointsAccount, PointType
from loyalty.services.activities import check_in
from loyalty.summary import points_summary
from loyalty.tier_page import tier_page_of
from members.models import Member
from members.views import member_page


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@member_page
def points(request: HttpRequest, member: Member) -> HttpResponse:
    """The history of one kind of points, each line with its "why"; base unless asked otherwise.

    htmx asks for the lines that follow a page, or for the history under another filter.
    """
    code = request.GET.get("kind", PointType.BASE)
    accounts = list(PointsAccount.objects.for_member(member))
    account = next((held for held in accounts if held.point_type.code == code), None)
    show = request.GET.get("show", Show.ALL)
    if (account is None and code != PointType.BASE) or show not in Show:
        raise Http404
    part = part_asked(request)
    is_more = part not in (None, "history")
    history = history_page(
        member, code, request.GET.get("page"), show=Show(show), is_continued=is_more
    )
    context = {"member": member, "accounts": accounts, "account": account, "history": history}
    if part is not None:
        return render(request, "points/_lines.html" if is_more else "points/_history.html", context)
    now = clock.now()
    context["points"] = points_summary(member, now)
    if account is not None and code == PointType.BASE:
        context["months"] = expiring_by_month(account, now)
    return render(request, "points/history.html", context)


@require_safe
@member_page
def check_ins(request: HttpRequest, member: Member) -> HttpResponse:
    """This month's check-ins, the streak, and what today's gives; says so where there is none."""
    now = clock.now()
    told = check_ins_of(member, now) if is_offered(clock.business_date(now)) else None
    return render(request, "check_in/check_in.html", {"member": member, "check_ins": told})


@require_POST
@member_page
def check_in_today(request: HttpRequest, member: Member) -> HttpResponse:
    """Check in for today, once however often it is sent, and show how it stands then."""
    now = clock.now()
    if is_offered(clock.business_date(now)):
        check_in(member=member, now=now)
        messages.success(request, gettext("You have checked in today"))
        if part_asked(request) is not None:
            context = {"check_ins": check_ins_of(member, now)}
            return render(request, "check_in/_days.html", context)
    return redirect("check_in")


@require_safe
@member_page
def tier(request: HttpRequest, member: Member) -> HttpResponse:
    """The ladder, the member's place on it and where that leads, and how it came about."""
    page = tier_page_of(member, clock.now(), request.GET.get("page"))
    return render(request, "tiers/tiers.html", {"member": member, "tier_page": page})
