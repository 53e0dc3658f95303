"""The member's card, full screen, for the till: also without a connection, once seen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benefits.pictures import bar_picture, qr_picture
from common import clock
from loyalty.outlook import place_of
from members.models import Member
from members.views import member_page


@require_safe
@member_page
def card(request: HttpRequest, member: Member) -> HttpResponse:
    """QR code, bar code and number, large and bright, with the tier that holds."""
    context = {"member": member, "place": place_of(member, clock.now())}
    return render(request, "card/card.html", context)


@require_safe
@member_page
def card_code(request: HttpRequest, member: Member) -> HttpResponse:
    """The card number as a QR code."""
    return qr_picture(member.card_number)


@require_safe
@member_page
def card_bars(request: HttpRequest, member: Member) -> HttpResponse:
    """The card number as a bar code."""
    return bar_picture(member.card_number)
