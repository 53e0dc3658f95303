"""What the portal shows a member of coupons: the wallet, and offers that can be claimed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from benefits.errors import (
    CouponNotStarted,
    CouponRefusal,
    LimitReached,
    OutOfStock,
    SegmentNotEligible,
    TierNotEligible,
)
from benefits.models import Coupon, CouponCounter, CouponGroup, CouponTemplate
from benefits.rules import Shopper, claims
from benefits.shoppers import shopper_at
from benefits.words import headline, minimum_text, offer_conditions
from common import clock
from members.models import Member

ENDED_SHOWN = 30
USABLE_SHOWN = 100
SOON = timedelta(days=7)
SOON_SHOWN = 3


@dataclass(frozen=True)
class WalletCoupon:
    """A coupon as a line of the wallet tells it at an instant."""

    coupon: Coupon
    at: datetime

    @property
    def headline(self) -> str:
        return headline(self.coupon)

    @property
    def minimum(self) -> str:
        return minimum_text(self.coupon)

    @property
    def state(self) -> str:
        """issued, waiting, reserved, soon, used, expired or voided."""
        coupon = self.coupon
        if coupon.has_expired_at(self.at):
            return "expired"
        if coupon.is_reserved_at(self.at):
            return "reserved"
        if not coupon.is_open:
            return str(coupon.status)
        if coupon.valid_from > self.at:
            return "waiting"
        is_soon = coupon.expires_at is not None and coupon.expires_at <= self.at + SOON
        return "soon" if is_soon else "issued"

    @property
    def is_usable(self) -> bool:
        return self.state in ("issued", "soon", "waiting", "reserved")

    @property
    def starts_on(self) -> object:
        return clock.business_date(self.coupon.valid_from)


@dataclass(frozen=True)
class Wallet:
    """A member's coupons: what can be used, the soonest to end first, what is past, and the groups
    that may yet fill.
    """

    usable: list[WalletCoupon]
    ended: list[WalletCoupon]
    groups: list[CouponGroup]


def wallet_of(member: Member, at: datetime) -> Wallet:
    """The wallet at an instant; three queries for any member."""
    coupons = Coupon.objects.for_member(member)
    return Wallet(
        usable=[WalletCoupon(coupon, at) for coupon in coupons.usable(at)[:USABLE_SHOWN]],
        ended=[WalletCoupon(coupon, at) for coupon in coupons.ended(at)[:ENDED_SHOWN]],
        groups=list(CouponGroup.objects.open(at).joined_by(member)),
    )


def ending_soon(member: Member, at: datetime) -> list[WalletCoupon]:
    """The first coupons that end within a week."""
    coupons = Coupon.objects.for_member(member).ending_soon(at, at + SOON)
    return [WalletCoupon(coupon, at) for coupon in coupons[:SOON_SHOWN]]


@dataclass(frozen=True)
class Offer:
    """An offer as one member sees it: open to them now, or why not. `key` marks one claim.

    `group` is the one in which they wait already.
    """

    template: CouponTemplate
    refusal: CouponRefusal | None
    opens_at: datetime | None
    key: str
    group: CouponGroup | None = None

    @property
    def is_open(self) -> bool:
        return self.refusal is None

    @property
    def is_shown(self) -> bool:
        """What never opens for this member is not dangled in front of them."""
        return self.refusal is None or isinstance(
            self.refusal, CouponNotStarted | LimitReached | OutOfStock
        )

    @property
    def headline(self) -> str:
        return headline(self.template)

    @property
    def conditions(self) -> list[str]:
        """What its coupons ask for, from rows that are there already."""
        return offer_conditions(self.template)


def offers_for(member: Member, at: datetime) -> list[Offer]:
    """What the member may claim now or later, what is gone for good last."""
    templates = list(CouponTemplate.objects.offered(at))
    asks = any(template.segments.all() for template in templates)
    shopper = shopper_at(member, at, asks_for_segments=asks)
    counters = CouponCounter.objects.filter(member=member, template__in=templates)
    given = dict(counters.values_list("template", "issued"))
    waiting = CouponGroup.objects.open(at).joined_by(member).filter(template__in=templates)
    groups = {group.template_id: group for group in waiting}
    offers = [
        replace(
            _offer(template, shopper, given.get(template.pk, 0), at), group=groups.get(template.pk)
        )
        for template in templates
    ]
    shown = [offer for offer in offers if offer.is_shown]
    return sorted(shown, key=lambda offer: (not offer.is_open, offer.opens_at is None))


def offer_of(template: CouponTemplate, member: Member, at: datetime) -> Offer:
    """One offer as the member sees it, open or not."""
    counter = CouponCounter.objects.filter(member=member, template=template).first()
    shopper = shopper_at(member, at, asks_for_segments=bool(template.segments.all()))
    return _offer(template, shopper, counter.issued if counter else 0, at)


def _offer(template: CouponTemplate, shopper: Shopper, given: int, at: datetime) -> Offer:
    windows = [
        claims.Window(window.tier.rank, window.opens_at, window.closes_at)
        for window in template.windows.all()
    ]
    refusal = claims.refusal_of(
        windows,
        shopper=shopper,
        at=at,
        tiers=[tier.pk for tier in template.tiers.all()],
        segments=[segment.pk for segment in template.segments.all()],
    )
    limit = template.per_member_limit
    is_theirs = not isinstance(refusal, TierNotEligible | SegmentNotEligible)
    if is_theirs and limit is not None and given >= limit:
        refusal = LimitReached(limit=limit)
    elif refusal is None and template.left == 0:
        refusal = OutOfStock()
    return Offer(
        template=template,
        refusal=refusal,
        opens_at=claims.opens_for(windows, rank=shopper.rank, at=at),
        key=uuid4().hex,
    )
