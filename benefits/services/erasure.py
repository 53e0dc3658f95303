"""What the benefits app forgets of a member: coupons end, orders and places are called off."""

from datetime import date, datetime

from benefits.models import (
    BirthdayGrant,
    Coupon,
    RegistrationStep,
    RewardOrder,
    RewardOrderStep,
)
from benefits.models.coupons import OPEN
from loyalty.models import PointType
from loyalty.services.ledger import lock_accounts
from members.models import Member

from .registrations import give_up_places
from .reward_orders import abandon_order
from .voiding import VOID

VOID_REASON = "erased"
Status = RewardOrder.Status


def forget_benefits(*, member: Member, at: datetime) -> None:
    """Call off orders that nobody has begun to send, void open coupons, give up places at events,
    remove texts and days.

    Points of those orders and places come back here and are forfeited by the app below. What
    stays: coupons, uses and orders with their amounts and dates. Safe to repeat.
    """
    lock_accounts([member.pk], list(PointType.objects.filter(code=PointType.BASE)))
    _abandon_orders(member, at)
    _void_coupons(member, at)
    give_up_places(member=member, now=at)
    RegistrationStep.objects.filter(registration__member=member).exclude(note="").update(note="")
    _forget_orders(member)
    _forget_birthdays(member)


def _abandon_orders(member: Member, at: datetime) -> None:
    waiting = RewardOrder.objects.filter(
        member=member, status__in=(Status.PENDING, Status.READY)
    ).select_related("reward", "member")
    for order in waiting.order_by("pk"):
        if order.reward.is_handed_over:
            abandon_order(order=order, now=at)


def _void_coupons(member: Member, at: datetime) -> None:
    coupons = Coupon.objects.for_member(member)
    held = [coupon.pk for coupon in coupons.filter(status__in=OPEN).locked().only("pk")]
    Coupon.objects.filter(pk__in=held).update(**VOID, voided_at=at, void_reason=VOID_REASON)
    coupons.filter(status=Coupon.Status.VOIDED).update(void_reason=VOID_REASON)


def _forget_orders(member: Member) -> None:
    orders = RewardOrder.objects.filter(member=member)
    # What is on its way keeps a number, or the database would not call it sent.
    orders.filter(status=Status.SHIPPED).update(deliver_to="", tracking_number="–")
    orders.exclude(status=Status.SHIPPED).update(deliver_to="", tracking_number="")
    RewardOrderStep.objects.filter(order__member=member).exclude(note="").update(note="")


def _forget_birthdays(member: Member) -> None:
    """The days of a gift tell the birthday: its year is all that counts from now on."""
    for grant in BirthdayGrant.objects.filter(member=member):
        day = date(grant.celebrated_on.year, 1, 1)
        grant.celebrated_on = grant.starts_on = grant.ends_on = day
        grant.save(update_fields=["celebrated_on", "starts_on", "ends_on"])
