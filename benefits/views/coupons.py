"""The coupon wallet, one coupon for scanning, and offers to claim."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from benefits.errors import CouponNotFound
from benefits.forms import ClaimForm, EnterCodeForm
from benefits.models import Coupon, CouponTemplate
from benefits.pictures import bar_picture, qr_picture
from benefits.services.guesses import enter_code
from benefits.services.issuing import claim_coupon
from benefits.wallet import WalletCoupon, offer_of, offers_for, wallet_of
from benefits.words import conditions_text
from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from common.htmx import part_asked
from members.models import Member
from members.views import member_page


@require_safe
@member_page
def coupons(request: HttpRequest, member: Member) -> HttpResponse:
    """The wallet: what can be used, the soonest to end first, and what is past."""
    return _wallet(request, member, EnterCodeForm())


@require_POST
@member_page
def enter_coupon(request: HttpRequest, member: Member) -> HttpResponse:
    """Put the coupon of a typed code into the wallet; refused, the wallet says why."""
    form = EnterCodeForm(request.POST)
    if not form.is_valid():
        return _wallet(request, member, form)
    try:
        coupon = enter_code(
            code=form.cleaned_data["code"], member=member, address=_address(request)
        )
    except DomainError as error:
        add_domain_error(form, error, "code")
        return _wallet(request, member, form, status=429 if error.status == 429 else 200)
    messages.success(request, gettext("The coupon is yours."))
    return redirect("coupon", coupon.pk)


@require_safe
@member_page
def coupon_detail(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One coupon, large enough to be scanned, with what it asks for."""
    coupon = _own(member, pk)
    shown = WalletCoupon(coupon, clock.now())
    context = {
        "member": member,
        "shown": shown,
        "coupon": coupon,
        "conditions": conditions_text(coupon, coupon.conditions),
        "is_shareable": shown.is_usable and coupon.template.is_shareable,
    }
    return render(request, "coupons/coupon.html", context)


@require_safe
@member_page
def coupon_code(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """The coupon's code as a QR code."""
    return qr_picture(_own(member, pk).code)


@require_safe
@member_page
def coupon_bars(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """The coupon's code as a bar code."""
    return bar_picture(_own(member, pk).code)


@require_safe
@member_page
def coupon_offers(request: HttpRequest, member: Member) -> HttpResponse:
    """What can be claimed now, and what opens later for this member."""
    context = {"member": member, "offers": offers_for(member, clock.now())}
    return render(request, "coupons/offers.html", context)


@require_POST
@member_page
def claim_offer(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Take one of an offer: sent twice with one key, it is taken once.

    The coupon is shown; where htmx asks, the offer stays in its place and says that it is taken.
    """
    template = get_object_or_404(CouponTemplate, pk=pk)
    form = ClaimForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        coupon = claim_coupon(
            template=template, member=member, key=f"claim:{form.cleaned_data['key']}"
        )
    except CouponNotFound:
        raise Http404 from None
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("coupon_offers")
    messages.success(request, gettext("The coupon is yours."))
    if part_asked(request) is None:
        return redirect("coupon", coupon.pk)
    context = {"offer": offer_of(template, member, clock.now()), "coupon": coupon}
    return render(request, "coupons/_offer.html", context)


def _own(member: Member, pk: int) -> Coupon:
    """A coupon of the member; another's is not there."""
    return get_object_or_404(Coupon.objects.for_member(member), pk=pk)


def _wallet(
    request: HttpRequest, member: Member, form: EnterCodeForm, *, status: int = 200
) -> HttpResponse:
    context = {"member": member, "wallet": wallet_of(member, clock.now()), "form": form}
    return render(request, "coupons/coupons.html", context, status=status)


def _address(request: HttpRequest) -> str | None:
    """Where a code is typed: the address in front of our trusted proxies."""
    address = get_adapter().get_client_ip(request)
    return str(address) if address else None
