"""What decides about a member in front of the catalogue: tier, points, purchases, what they had."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from benefits.errors import RewardRefusal, RewardSpendTooLow, RewardSpendTooLowLately
from benefits.models import Reward, RewardCounter
from benefits.rules import Shopper
from benefits.rules import rewards as rules
from common import clock
from common.money import format_money
from loyalty.models import Purchase, Refund, Tier
from loyalty.services.overrides import tier_held
from members.models import Member, SegmentMembership


def shopper_at(
    member: Member, at: datetime, *, asks_for_segments: bool, tier: Tier | None = None
) -> Shopper:
    """Who a member is for coupons at an instant: by the tier held (asked for unless it is at hand),
    and by the segments of the day where something asks for them.
    """
    tier = tier or tier_held(member, at)
    return Shopper(
        tier=tier.pk if tier else None,
        rank=tier.rank if tier else None,
        segments=segments_on(member, at) if asks_for_segments else frozenset(),
    )


def segments_on(member: Member, at: datetime) -> frozenset[int]:
    """The ids of the segments that the member is in on the business date of an instant."""
    memberships = SegmentMembership.objects.all()
    return memberships.segment_ids(member.pk, clock.business_date(at))


@dataclass(frozen=True)
class RewardShopper:
    """A member at an instant: `spent` is net of refunds by days (None: ever), `taken` by reward."""

    member: Member
    at: datetime
    who: Shopper
    spent: dict[int | None, Decimal]
    taken: dict[int, int]

    @property
    def rank(self) -> int | None:
        return self.who.rank

    def price_of(self, reward: Reward) -> rules.Price:
        return reward.price_for(self.rank, self.at)

    def opens_at(self, reward: Reward) -> datetime | None:
        return rules.opens_at(reward.availability(), rank=self.rank, at=self.at)

    def refusal_of(self, reward: Reward) -> RewardRefusal | None:
        """Why they cannot redeem it now; None where they can, points permitting."""
        taken = self.taken.get(reward.pk, 0)
        refusal = rules.refusal_of(reward.availability(), shopper=self.who, taken=taken, at=self.at)
        return refusal or self._spend_refusal(reward)

    def _spend_refusal(self, reward: Reward) -> RewardRefusal | None:
        minimum, days = reward.minimum_spend, reward.spend_days
        if minimum is None or self.spent[days] >= minimum:
            return None
        said: dict[str, object] = {
            "minimum": format_money(minimum),
            "spent": format_money(self.spent[days]),
        }
        if days is None:
            return RewardSpendTooLow(**said)
        return RewardSpendTooLowLately(**said, days=days)


def shopper_of(
    member: Member, rewards: Iterable[Reward], at: datetime, tier: Tier | None = None
) -> RewardShopper:
    """The member in front of these rewards; as many queries for any number of them.

    `tier` is the one that they hold, where it is at hand.
    """
    shown = list(rewards)
    asks = any(terms.is_for_segments for terms in map(Reward.availability, shown))
    counters = RewardCounter.objects.filter(member=member, reward__in=shown)
    return RewardShopper(
        member=member,
        at=at,
        who=shopper_at(member, at, asks_for_segments=asks, tier=tier),
        spent=_spent(member, {found.spend_days for found in shown if found.minimum_spend}, at),
        taken=dict(counters.values_list("reward", "taken")),
    )


def _spent(member: Member, spans: set[int | None], at: datetime) -> dict[int | None, Decimal]:
    """Purchases less refunds, each on its own day, in two queries for any number of spans."""
    if not spans:
        return {}
    sums = {
        f"span_{days}": Sum("amount", filter=_since(days, at), default=Decimal(0)) for days in spans
    }
    bought: dict[str, Any] = Purchase.objects.for_member(member).aggregate(**sums)
    refunded: dict[str, Any] = Refund.objects.for_member(member).aggregate(**sums)
    return {days: bought[f"span_{days}"] - refunded[f"span_{days}"] for days in spans}


def _since(days: int | None, at: datetime) -> Q:
    return Q(at__lte=at) if days is None else Q(at__gte=at - timedelta(days=days), at__lte=at)
