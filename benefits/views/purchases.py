"""What a purchase would come to, worked out on the portal before it is paid."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benefits.forms import PurchaseForm
from benefits.worked_out import WorkedOut, work_out
from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from loyalty.money_words import limit_text
from members.models import Member
from members.views import member_page


@require_safe
@member_page
def work_out_purchase(request: HttpRequest, member: Member) -> HttpResponse:
    """What coupons and points would take off a purchase, or why not; nothing is taken or held."""
    now = clock.now()
    is_asked = "amount_1" in request.GET
    initial = {"coupons": request.GET.getlist("coupon")}
    form = PurchaseForm(request.GET if is_asked else None, member=member, at=now, initial=initial)
    worked_out: WorkedOut | None = None
    if form.is_valid():
        try:
            worked_out = work_out(
                member=member,
                basket=form.basket(),
                names=form.names(),
                coupons=form.cleaned_data["coupons"],
                points=form.cleaned_data["points"],
                at=now,
            )
        except DomainError as error:
            add_domain_error(form, error)
    of_points = worked_out.points if worked_out else None
    context = {
        "member": member,
        "form": form,
        "found": worked_out,
        "points_words": limit_text(of_points) if of_points else "",
    }
    return render(request, "coupons/purchase.html", context)
