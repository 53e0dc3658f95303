"""What is suggested to one member, and why: articles, coupons and rewards, the best first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum

from analytics.reports.companions import Recommendation, recommended_articles
from benefits.catalogue import ShownReward, catalogue_of
from benefits.models import RewardOrder
from benefits.rules.coupons import Basket, BasketLine, Shopper, Terms, discounts, refusal_of
from benefits.wallet import Offer, WalletCoupon, offers_for, wallet_of
from common import clock
from common.money import quantize
from loyalty.models import PurchaseLine, Tier
from loyalty.services.overrides import tier_held
from members.models import Member, SegmentMembership

ARTICLES, COUPONS, REWARDS = 6, 4, 4
# By what members of the same tier chose in so many days.
POPULAR_DAYS = 180


@dataclass(frozen=True)
class SuggestedCoupon:
    """A coupon that the member holds, or an offer they may take; `saves` on their usual purchase.

    One of `held` and `offer` is there.
    """

    saves: Decimal
    held: WalletCoupon | None = None
    offer: Offer | None = None


@dataclass(frozen=True)
class SuggestedReward:
    """A reward of the catalogue; `chosen` is by how many members of the same tier lately."""

    shown: ShownReward
    chosen: int


@dataclass(frozen=True)
class Suggestions:
    """All that is suggested at an instant; `tier` is the member's."""

    articles: list[Recommendation]
    coupons: list[SuggestedCoupon]
    rewards: list[SuggestedReward]
    tier: Tier | None

    @property
    def is_empty(self) -> bool:
        return not (self.articles or self.coupons or self.rewards)


def suggestions_for(member: Member, at: datetime) -> Suggestions:
    """As many queries for any member; nothing is written."""
    tier, today = tier_held(member, at), clock.business_date(at)
    return Suggestions(
        articles=recommended_articles(member, today, ARTICLES),
        coupons=_coupons(member, tier, at),
        rewards=_rewards(member, tier, at),
        tier=tier,
    )


def usual_basket(member: Member, today: date) -> Basket:
    """What the member buys at a time: by category, a year's lines over their purchases."""
    lines = PurchaseLine.objects.filter(
        purchase__member=member,
        purchase__business_date__gte=today - timedelta(days=settings.RECOMMENDATION_DAYS),
    ).order_by()
    purchases = lines.aggregate(count=Count("purchase", distinct=True))["count"]
    sums = lines.values_list("category").annotate(total=Sum("amount"))
    return Basket(
        tuple(
            BasketLine(str(category), quantize(total / purchases), category)
            for category, total in sums
            if total > 0
        )
    )


def _coupons(member: Member, tier: Tier | None, at: datetime) -> list[SuggestedCoupon]:
    """Those that take something off the usual purchase, the most first, held before offered."""
    today = clock.business_date(at)
    basket = usual_basket(member, today)
    shopper = Shopper(
        tier=tier.pk if tier else None,
        segments=SegmentMembership.objects.all().segment_ids(member.pk, today),
    )
    found = [
        SuggestedCoupon(saves, held=held)
        for held in wallet_of(member, at).usable
        if (saves := _saves(held.coupon.terms(), basket, shopper, at))
    ]
    found += [
        SuggestedCoupon(saves, offer=offer)
        for offer in offers_for(member, at)
        if offer.is_open and (saves := _saves(_terms_of(offer, at), basket, shopper, at))
    ]
    return sorted(found, key=lambda one: (-one.saves, one.offer is not None))[:COUPONS]


def _saves(terms: Terms, basket: Basket, shopper: Shopper, at: datetime) -> Decimal:
    """What it takes off, wherever the member may go with it; none where it would be refused."""
    anywhere = replace(terms, stores=frozenset(), channels=frozenset())
    if not basket.lines or refusal_of(anywhere, basket=basket, shopper=shopper, at=at):
        return Decimal(0)
    (discount,) = discounts([anywhere], basket)
    return discount.amount


def _terms_of(offer: Offer, at: datetime) -> Terms:
    template = offer.template
    return Terms(
        key=template.code,
        kind=template.kind,
        valid_from=at,
        expires_at=None,
        amount=template.amount,
        percent=template.percent,
        ceiling=template.ceiling,
        minimum_spend=template.minimum_spend,
        categories=_ids(template.categories.all()),
        tiers=_ids(template.tiers.all()),
    )


def _ids(rows: Iterable[object]) -> frozenset[int]:
    return frozenset(row.pk for row in rows)  # type: ignore[attr-defined]


def _rewards(member: Member, tier: Tier | None, at: datetime) -> list[SuggestedReward]:
    """Those they can have now, then those that points are missing for; what their tier chose first,
    then the dearest."""
    catalogue = catalogue_of(member, at)
    shown = [*catalogue.now, *catalogue.soon]
    if not shown:
        return []
    chosen = _chosen_by(tier, at)
    ranked = sorted(
        (SuggestedReward(one, chosen.get(one.reward.pk, 0)) for one in shown),
        key=lambda one: (not one.shown.is_open, -one.chosen, -one.shown.price.points),
    )
    return ranked[:REWARDS]


def _chosen_by(tier: Tier | None, at: datetime) -> dict[int, int]:
    """Members of a tier by the reward that they chose lately and kept."""
    orders = RewardOrder.objects.filter(
        placed_at__gte=at - timedelta(days=POPULAR_DAYS), restored_by__isnull=True
    )
    if tier is not None:
        orders = orders.filter(member__standing__tier=tier)
    counts = orders.order_by().values_list("reward")
    return dict(counts.annotate(members=Count("member", distinct=True)))
