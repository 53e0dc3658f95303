"""What a member would lose of coupons and rewards by being erased, in words."""

from datetime import datetime

from django.utils.translation import ngettext

from benefits.models import Coupon, Registration, Reward, RewardOrder
from common.numbers import format_number
from members.losses import Loss
from members.models import Member

Status = RewardOrder.Status
# Goods and services; coupons and draws are the member's at once.
HANDED_OVER = (Reward.Kind.GOODS, Reward.Kind.SERVICE)


def losses(member: Member, at: datetime) -> list[Loss]:
    """Coupons that could still be used, and orders on their way by what becomes of them."""
    orders = RewardOrder.objects.filter(member=member)
    waiting = orders.filter(
        status__in=(Status.PENDING, Status.READY), reward__kind__in=HANDED_OVER
    ).count()
    coupons = Coupon.objects.for_member(member).usable(at).count()
    sent = orders.filter(status=Status.SHIPPED).count()
    told = []
    if coupons:
        text = ngettext(
            "%(count)s coupon that you have not used.",
            "%(count)s coupons that you have not used.",
            coupons,
        )
        told.append(_loss("coupon", text, coupons))
    if waiting:
        text = ngettext(
            "%(count)s reward that waits for you: its order is cancelled, and its points go too.",
            "%(count)s rewards that wait for you: their orders are cancelled, and their points go "
            "too.",
            waiting,
        )
        told.append(_loss("redeem", text, waiting))
    if sent:
        text = ngettext(
            "The address of %(count)s parcel that is on its way: what happens to it can no longer "
            "be told to you.",
            "The addresses of %(count)s parcels that are on their way: what happens to them can no "
            "longer be told to you.",
            sent,
        )
        told.append(_loss("redeem", text, sent))
    places = Registration.objects.upcoming(member, at).count()
    if places:
        text = ngettext(
            "%(count)s place at an event: somebody else may have it.",
            "%(count)s places at events: others may have them.",
            places,
        )
        told.append(_loss("event", text, places))
    return told


def _loss(icon: str, text: str, count: int) -> Loss:
    return Loss(icon=icon, text=text % {"count": format_number(count)})
