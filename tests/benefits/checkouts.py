"""Checkouts for tests, of a purchase of 30.00 and 70.00."""

from typing import Any

from benefits.models import Coupon
from benefits.services.checkout import reserve_coupons
from benefits.services.quotes import Quote
from members.models import Member

from .offers import NOON, basket


def reserve(member: Member, *coupons: Coupon, **asked: Any) -> Quote:
    """Hold coupons at noon by the checkout c1, unless told otherwise."""
    details = {"basket": basket("30.00", "70.00"), "checkout_key": "c1", "now": NOON} | asked
    return reserve_coupons(member=member, codes=[coupon.code for coupon in coupons], **details)


def status(coupon: Coupon) -> str:
    return Coupon.objects.get(pk=coupon.pk).status
