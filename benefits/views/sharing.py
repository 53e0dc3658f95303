"""Coupons among friends: the link to send, what a friend sees, and groups."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from benefits.errors import CouponNotFound
from benefits.forms import ClaimForm
from benefits.models import Coupon, CouponGroup, CouponShare, CouponTemplate
from benefits.rules.codes import is_code, plain_code
from benefits.services import sharing
from benefits.services.issuing import conditions_of
from benefits.words import conditions_text, headline, offer_conditions
from common import clock
from common.errors import DomainError
from members.models import Member
from members.views import member_page


@require_POST
@member_page
def share_coupon(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Make the link for friends, or go to the one there is."""
    coupon = get_object_or_404(Coupon.objects.for_member(member), pk=pk)
    try:
        share = sharing.share_coupon(coupon=coupon)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("coupon", coupon.pk)
    return redirect("shared_coupon", share.code)


@require_safe
@member_page
def shared_coupon(request: HttpRequest, member: Member, code: str) -> HttpResponse:
    """The holder finds the link to send; a friend finds what there is to take."""
    share = sharing.shared_by(code)
    if share is None or share.coupon.template.friend_template is None:
        raise Http404
    friends_offer = share.coupon.template.friend_template
    context = {
        "member": member,
        "share": share,
        "state": _shared_state(share, member, clock.now()),
        "taken": share.coupon.shared.filter(member=member).first(),
        "offer": friends_offer,
        "gives": headline(friends_offer),
        "conditions": offer_conditions(friends_offer),
        "left": _left(share),
        "link": request.build_absolute_uri(reverse("shared_coupon", args=[share.code])),
    }
    return render(request, "coupons/shared.html", context)


@require_POST
@member_page
def take_shared(request: HttpRequest, member: Member, code: str) -> HttpResponse:
    """A friend takes their coupon; a second tap finds the same one."""
    try:
        coupon = sharing.take_shared(code=code, member=member)
    except CouponNotFound:
        # The page of the link says why, or is not there.
        return redirect("shared_coupon", code)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("shared_coupon", plain_code(code))
    messages.success(request, gettext("The coupon is yours."))
    return redirect("coupon", coupon.pk)


@require_POST
@member_page
def open_group(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Begin a group; a second tap finds the same one."""
    template = get_object_or_404(CouponTemplate, pk=pk)
    form = ClaimForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        group = sharing.open_group(template=template, member=member, key=form.cleaned_data["key"])
    except CouponNotFound:
        raise Http404 from None
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("coupon_offers")
    return redirect("coupon_group", group.code)


@require_safe
@member_page
def coupon_group(request: HttpRequest, member: Member, code: str) -> HttpResponse:
    """How far the group is, the link to send, and the button to join."""
    group, now = _group(code), clock.now()
    context = {
        "member": member,
        "group": group,
        "state": _state(group, member, now),
        "gives": headline(group.template),
        "conditions": conditions_text(group.template, conditions_of(group.template)),
        "link": request.build_absolute_uri(reverse("coupon_group", args=[group.code])),
    }
    return render(request, "coupons/group.html", context)


@require_POST
@member_page
def join_group(request: HttpRequest, member: Member, code: str) -> HttpResponse:
    """Join; with the last member everyone gets their coupon."""
    group = _group(code)
    try:
        group = sharing.join_group(group=group, member=member)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = gettext("The group is full: the coupon is yours.")
        messages.success(request, text if group.is_complete else gettext("You have joined."))
    return redirect("coupon_group", group.code)


def _left(share: CouponShare) -> int:
    """How many friends can still take one."""
    return max(0, share.coupon.template.friends_per_coupon - share.friends)


def _shared_state(share: CouponShare, member: Member, at: datetime) -> str:
    """taken, over, holder, gone or open, for this member."""
    if share.coupon.shared.filter(member=member).exists():
        return "taken"
    if not sharing.is_shareable(share.coupon, at):
        return "over"
    if share.coupon.member_id == member.pk:
        return "holder"
    return "open" if _left(share) else "gone"


def _group(code: str) -> CouponGroup:
    plain = plain_code(code)
    if not is_code(plain):
        raise Http404
    return get_object_or_404(CouponGroup.objects.select_related("template"), code=plain)


def _state(group: CouponGroup, member: Member, at: datetime) -> str:
    """complete, closed, joined or open, for this member."""
    if group.is_complete:
        return "complete"
    if not group.is_open_at(at):
        return "closed"
    return "joined" if group.places.filter(member=member).exists() else "open"
