"""A member's orders of rewards: where each is, calling one off, asking to return one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from benefits.catalogue import orders_of, shown_order
from benefits.forms import ReturnForm
from benefits.models import RewardOrder
from benefits.pictures import qr_picture
from benefits.services import reward_orders as services
from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from members.models import Member
from members.views import member_page


@require_safe
@member_page
def reward_orders(request: HttpRequest, member: Member) -> HttpResponse:
    """Every order, the newest first."""
    context = {"member": member, "orders": orders_of(member)}
    return render(request, "rewards/orders.html", context)


@require_safe
@member_page
def reward_order(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One order with its steps, and what its member can still do."""
    order = _own(member, pk)
    context = {
        "member": member,
        "order": order,
        "shown": shown_order(order, clock.now()),
        "steps": order.steps.all(),
        "draw": getattr(order, "draw", None),
    }
    return render(request, "rewards/order.html", context)


@require_safe
@member_page
def pickup_code(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """The pick-up code as a QR code."""
    order = get_object_or_404(
        RewardOrder.objects.for_member(member), pk=pk, status=RewardOrder.Status.READY
    )
    return qr_picture(order.pickup_code)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def cancel_reward_order(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Say what comes back, and cancel once that is confirmed; a second tap changes nothing."""
    order = _own(member, pk)
    if request.method == "POST":
        try:
            services.cancel_order(order=order)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Cancelled: your points are back."))
        return redirect("reward_order", order.pk)
    if not order.is_cancellable:
        return redirect("reward_order", order.pk)
    return render(request, "rewards/cancel.html", {"member": member, "order": order})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def return_reward(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Ask to return goods, with a reason; a second tap changes nothing."""
    order = _own(member, pk)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.request_return(order=order, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, gettext("We have your request and will answer it soon."))
            return redirect("reward_order", order.pk)
    elif request.method != "POST" and not shown_order(order, clock.now()).is_returnable:
        return redirect("reward_order", order.pk)
    context = {"member": member, "order": order, "form": form}
    return render(request, "rewards/return.html", context)


def _own(member: Member, pk: int) -> RewardOrder:
    """An order of the member; another's is not there."""
    orders = RewardOrder.objects.for_member(member).select_related("coupon", "draw__prize")
    return get_object_or_404(orders, pk=pk)
