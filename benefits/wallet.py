"""What the portal shows a member of coupons: the wallet, and offers that can be claimed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from benefits.errors import CouponNotStarted, CouponRefusal, LimitReached, OutOfStock
from benefits.models import Coupon, CouponCounter, CouponTemplate
from benefits.rules import claims
from benefits.words import headline, minimum_text
from common import clock
from loyalty.models import Tier
from loyalty.services.overrides import tier_held
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
    """A member's coupons: what can be used, the soonest to end first, and what is past."""

    usable: list[WalletCoupon]
    ended: list[WalletCoupon]


def wallet_of(member: Member, at: datetime) -> Wallet:
    """The wallet at an instant; two queries for any member."""
    coupons = Coupon.objects.for_member(member)
    return Wallet(
        usable=[WalletCoupon(coupon, at) for coupon in coupons.usable(at)[:USABLE_SHOWN]],
        ended=[WalletCoupon(coupon, at) for coupon in coupons.ended(at)[:ENDED_SHOWN]],
    )


def ending_soon(member: Member, at: datetime) -> list[WalletCoupon]:
    """The first coupons that end within a week."""
    coupons = Coupon.objects.for_member(member).ending_soon(at, at + SOON)
    return [WalletCoupon(coupon, at) for coupon in coupons[:SOON_SHOWN]]


@dataclass(frozen=True)
class Offer:
    """An offer as one member sees it: open to them now, or why not. `key` marks one claim."""

    template: CouponTemplate
    refusal: CouponRefusal | None
    opens_at: datetime | None
    key: str

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
    def minimum(self) -> str:
        return minimum_text(self.template)


def offers_for(member: Member, at: datetime) -> list[Offer]:
    """What the member may claim now or later, what is gone for good last."""
    tier = tier_held(member, at)
    templates = list(CouponTemplate.objects.offered(at))
    counters = CouponCounter.objects.filter(member=member, template__in=templates)
    given = dict(counters.values_list("template", "issued"))
    offers = [_offer(template, tier, given.get(template.pk, 0), at) for template in templates]
    shown = [offer for offer in offers if offer.is_shown]
    return sorted(shown, key=lambda offer: (not offer.is_open, offer.opens_at is None))


def offer_of(template: CouponTemplate, member: Member, at: datetime) -> Offer:
    """One offer as the member sees it, open or not."""
    counter = CouponCounter.objects.filter(member=member, template=template).first()
    return _offer(template, tier_held(member, at), counter.issued if counter else 0, at)


def _offer(template: CouponTemplate, tier: Tier | None, given: int, at: datetime) -> Offer:
    windows = [
        claims.Window(window.tier.rank, window.opens_at, window.closes_at)
        for window in template.windows.all()
    ]
    rank = tier.rank if tier else None
    eligible = {eligible.pk for eligible in template.tiers.all()}
    refusal = claims.refusal_of(
        windows,
        rank=rank,
        at=at,
        is_eligible=not eligible or (tier is not None and tier.pk in eligible),
    )
    limit = template.per_member_limit
    if limit is not None and given >= limit:
        refusal = LimitReached(limit=limit)
    elif refusal is None and template.left == 0:
        refusal = OutOfStock()
    return Offer(
        template=template,
        refusal=refusal,
        opens_at=claims.opens_for(windows, rank=rank, at=at),
        key=uuid4().hex,
    )
