"""Rewards and members with points for tests, made of what operators and services write."""

from datetime import datetime
from typing import Any

from benefits.models import LotteryPrize, Reward, RewardOrder, RewardPrice, RewardWindow
from benefits.services.redeeming import redeem_reward
from loyalty.models import Tier
from loyalty.services.points import earn_points
from members.models import Member
from tests.factories import MemberFactory

from .offers import NOON


def reward(code: str = "mug", **details: Any) -> Reward:
    """A mug for 300 points, collected in a store, unless told otherwise."""
    filled = {"name_en": "Mug", "name_zh": "马克杯", "kind": "goods", "points": 300, **details}
    return Reward.objects.create(code=code, **filled)


def price(item: Reward, tier: Tier, points: int) -> RewardPrice:
    return RewardPrice.objects.create(reward=item, tier=tier, points=points)


def reward_window(
    item: Reward, tier: Tier, opens_at: datetime = NOON, closes_at: datetime | None = None
) -> RewardWindow:
    return RewardWindow.objects.create(
        reward=item, tier=tier, opens_at=opens_at, closes_at=closes_at
    )


def lottery(**details: Any) -> Reward:
    """An entry for 100 points: one big prize in a hundred, a tenth wins points, else nothing."""
    item = reward("draw", **{"kind": "lottery", "name_en": "Draw", "points": 100, **details})
    prize(item, "Bicycle", kind="goods", weight=100, stock=1)
    prize(item, "Fifty points", kind="points", points=50, weight=1_000)
    prize(item, "Nothing this time", weight=8_900)
    return item


def prize(item: Reward, name: str, **details: Any) -> LotteryPrize:
    return LotteryPrize.objects.create(reward=item, name_en=name, **{"kind": "nothing", **details})


def rich_member(points: int = 1_000, *, now: datetime = NOON, **details: Any) -> Member:
    """A member who has earned so many points."""
    member: Member = MemberFactory.create(**details)
    earn_points(member=member, points=points, key="rich", now=now)
    return member


def redeemed(
    member: Member, item: Reward, key: str = "k", *, now: datetime = NOON, **asked: Any
) -> RewardOrder:
    """The order of a member who redeemed it at noon."""
    return redeem_reward(reward=item, member=member, key=key, now=now, **asked)
