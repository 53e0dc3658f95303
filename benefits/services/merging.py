"""Coupons follow the kept member when two are merged; what is under way must be finished first."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext, ngettext

from benefits.errors import MergeWithCheckout, MergeWithOrders, MergeWithPlaces
from benefits.models import (
    BirthdayGrant,
    Coupon,
    CouponCounter,
    CouponTemplate,
    CouponUse,
    MergedCoupon,
    Registration,
    RewardOrder,
)
from benefits.models.coupons import NOT_RESERVED, CouponQuerySet
from common.numbers import format_number
from members.merging import MergeFigure, MergePart
from members.models import Member, MemberMerge

Status = RewardOrder.Status
UNDER_WAY = (Status.PENDING, Status.READY, Status.SHIPPED, Status.RETURN_REQUESTED)


def refuse(kept: Member, merged: Member, at: datetime) -> None:
    """Refuse while something of the merged member is under way that only they could finish."""
    if RewardOrder.objects.filter(member=merged, status__in=UNDER_WAY).exists():
        raise MergeWithOrders
    if Registration.objects.upcoming(merged, at).exists():
        raise MergeWithPlaces
    held = Coupon.objects.for_member(merged).filter(status=Coupon.Status.RESERVED)
    if held.filter(reserved_until__gt=at).exists():
        raise MergeWithCheckout


def take_over_coupons(merge: MemberMerge, at: datetime) -> None:
    """Make the coupons that the merged member may still use the kept one's, on the same terms."""
    movable = _movable(merge.kept, merge.merged, at)
    _lock_templates(movable)
    coupons = list(movable.locked())
    lapsed = [coupon.pk for coupon in coupons if coupon.status == Coupon.Status.RESERVED]
    Coupon.objects.filter(pk__in=lapsed).update(**NOT_RESERVED)
    _hand_over(coupons, giver=merge.merged, taker=merge.kept)
    MergedCoupon.objects.bulk_create(MergedCoupon(merge=merge, coupon=coupon) for coupon in coupons)


def give_coupons_back(merge: MemberMerge, at: datetime) -> None:
    """Return the coupons that came and were not used since; what was used stays used."""
    came = _returnable(merge)
    _lock_templates(came)
    _hand_over(list(came.locked()), giver=merge.kept, taker=merge.merged)


def tell(kept: Member, merged: Member, at: datetime) -> list[MergeFigure]:
    """How many coupons either can use, before and after."""
    own = Coupon.objects.for_member(kept).usable(at).count()
    theirs = Coupon.objects.for_member(merged).usable(at).count()
    moving = _movable(kept, merged, at).count()
    counts = (format_number(count) for count in (own, theirs, own + moving))
    return [MergeFigure(gettext("Coupons"), *counts)]


def tell_undo(merge: MemberMerge, at: datetime) -> list[str]:
    """How many coupons go back."""
    count = _returnable(merge).count()
    if not count:
        return []
    text = ngettext(
        "%(count)s coupon that was not used goes back.",
        "%(count)s coupons that were not used go back.",
        count,
    )
    return [text % {"count": format_number(count)}]


def _movable(kept: Member, merged: Member, at: datetime) -> CouponQuerySet:
    """Issued ones that nobody used yet and that do not double one of the kept member's.

    A coupon whose key, friend or birthday the kept member has one for already stays where it is.
    """
    theirs = Coupon.objects.for_member(kept)
    same_key = theirs.filter(template=OuterRef("template"), key=OuterRef("key")).exclude(key="")
    same_friend = theirs.filter(shared_from=OuterRef("shared_from"))
    used = CouponUse.objects.filter(coupon=OuterRef("pk"))
    grant = BirthdayGrant.objects.filter(coupon=OuterRef("pk"))
    own = BirthdayGrant.objects.filter(member=kept, perk=OuterRef("perk"), year=OuterRef("year"))
    return (
        Coupon.objects.for_member(merged)
        .usable(at)
        .filter(Q(status=Coupon.Status.ISSUED) | Q(reserved_until__lte=at))
        .exclude(Exists(used))
        .exclude(Exists(same_key))
        .exclude(Exists(same_friend))
        .exclude(Exists(grant.filter(Exists(own))))
    )


def _returnable(merge: MemberMerge) -> CouponQuerySet:
    used = CouponUse.objects.filter(coupon=OuterRef("pk"))
    came = MergedCoupon.objects.filter(merge=merge).values("coupon")
    still = Coupon.objects.for_member(merge.kept).filter(pk__in=came).exclude(Exists(used))
    return still.exclude(status=Coupon.Status.RESERVED)


def _lock_templates(coupons: CouponQuerySet) -> None:
    """Templates come before their coupons; who issues meanwhile waits."""
    wanted = CouponTemplate.objects.filter(pk__in=coupons.order_by().values("template"))
    list(wanted.order_by("pk").select_for_update(of=("self",), no_key=True).only("pk"))


def _hand_over(coupons: list[Coupon], *, giver: Member, taker: Member) -> None:
    """Coupons, the birthday gifts that they were, and what counts them, go along together."""
    ids = [coupon.pk for coupon in coupons]
    Coupon.objects.filter(pk__in=ids).update(member=taker)
    BirthdayGrant.objects.filter(coupon__in=ids).update(member=taker)
    counts = Counter(coupon.template_id for coupon in coupons)
    CouponCounter.objects.bulk_create(
        [CouponCounter(template_id=template, member=taker) for template in sorted(counts)],
        ignore_conflicts=True,
    )
    for template, count in sorted(counts.items()):
        counters = CouponCounter.objects.filter(template=template)
        counters.filter(member=giver).update(issued=F("issued") - count)
        counters.filter(member=taker).update(issued=F("issued") + count)


PART = MergePart(
    refuse=refuse,
    tell=tell,
    merge=take_over_coupons,
    undo=give_coupons_back,
    tell_undo=tell_undo,
)
