"""What the portal shows a member of rewards: the catalogue, one reward, and their orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from benefits.errors import (
    LotteryNotReady,
    RewardNotForSegment,
    RewardPointsMissing,
    RewardRefusal,
)
from benefits.models import LotteryPrize, Reward, RewardOrder
from benefits.rules.lottery import TICKETS
from benefits.rules.rewards import Price
from benefits.services.lottery import odds_of
from benefits.services.reward_orders import is_returnable
from benefits.shoppers import RewardShopper, shopper_of
from loyalty.models import PointType, Tier
from loyalty.summary import member_account
from members.models import Member

ORDERS_SHOWN = 50
WITHIN_REACH = 3


@dataclass(frozen=True)
class ShownReward:
    """A reward as one member sees it: theirs to redeem now, or why not. `key` marks one order."""

    reward: Reward
    price: Price
    spendable: int
    refusal: RewardRefusal | None
    opens_at: datetime | None
    key: str

    @property
    def is_open(self) -> bool:
        return self.refusal is None

    @property
    def missing(self) -> int:
        """How many points are missing."""
        return max(0, self.price.points - self.spendable)

    @property
    def points_left(self) -> int:
        """What the member has to spend after it."""
        return self.spendable - self.price.points

    @property
    def percent(self) -> int:
        """How much of the price is there, of a hundred, rounded down."""
        return min(100, 100 * self.spendable // self.price.points)

    @property
    def sort(self) -> str:
        """now; soon, where only points are missing; or closed."""
        if self.is_open:
            return "now"
        return "soon" if isinstance(self.refusal, RewardPointsMissing) else "closed"


@dataclass(frozen=True)
class Catalogue:
    """What can be had now, what only points are missing for, and what is not open."""

    spendable: int
    now: list[ShownReward]
    soon: list[ShownReward]
    closed: list[ShownReward]

    @property
    def is_empty(self) -> bool:
        return not (self.now or self.soon or self.closed)


@dataclass(frozen=True)
class ShownPrize:
    """A prize and its chance: hundredths of a percent of what an entry draws now."""

    prize: LotteryPrize
    tickets: int

    @property
    def share(self) -> float:
        return self.tickets / TICKETS

    @property
    def is_gone(self) -> bool:
        return self.tickets == 0


@dataclass(frozen=True)
class ShownOrder:
    """An order with what its member can still do about it."""

    order: RewardOrder
    is_returnable: bool


def spendable_of(member: Member, at: datetime) -> int:
    """The base points that the member can spend at an instant: none while there is debt."""
    account = member_account(member, PointType.BASE)
    if account is None or account.debt:
        return 0
    return account.lots.all().spendable(at).points_left()


def catalogue_of(member: Member, at: datetime) -> Catalogue:
    """Every reward for the member at an instant; as many queries for any number of them."""
    return _catalogue(member, at, spendable_of(member, at))


def within_reach(
    member: Member, at: datetime, *, spendable: int, tier: Tier | None
) -> list[ShownReward]:
    """The first rewards that the member can have now for so many points, the dearest first."""
    found = _catalogue(member, at, spendable, tier).now
    return sorted(found, key=lambda shown: -shown.price.points)[:WITHIN_REACH]


def shown_reward(reward: Reward, member: Member, at: datetime) -> ShownReward:
    """One reward for the member at an instant."""
    return _shown(reward, shopper_of(member, [reward], at), spendable_of(member, at))


def prizes_of(reward: Reward, member: Member, at: datetime) -> Sequence[ShownPrize]:
    """The prizes of a lottery with the odds of an entry now; none while it is not ready."""
    prizes = list(LotteryPrize.objects.of(reward))
    try:
        tickets = dict(odds_of(prizes, member, at))
    except LotteryNotReady:
        return []
    return [ShownPrize(prize, tickets.get(prize.pk, 0)) for prize in prizes]


def orders_of(member: Member) -> list[RewardOrder]:
    """The member's orders, the newest first."""
    return list(RewardOrder.objects.for_member(member)[:ORDERS_SHOWN])


def shown_order(order: RewardOrder, at: datetime) -> ShownOrder:
    return ShownOrder(order=order, is_returnable=is_returnable(order, at))


def _catalogue(member: Member, at: datetime, spendable: int, tier: Tier | None = None) -> Catalogue:
    rewards = list(Reward.objects.catalogue(at))
    if not rewards:
        return Catalogue(spendable=spendable, now=[], soon=[], closed=[])
    shopper = shopper_of(member, rewards, at, tier)
    sorts: dict[str, list[ShownReward]] = {"now": [], "soon": [], "closed": []}
    for reward in rewards:
        shown = _shown(reward, shopper, spendable)
        if isinstance(shown.refusal, RewardNotForSegment):
            # What is for a group is not dangled in front of others.
            continue
        sorts[shown.sort].append(shown)
    return Catalogue(spendable=spendable, **sorts)


def _shown(reward: Reward, shopper: RewardShopper, spendable: int) -> ShownReward:
    price = shopper.price_of(reward)
    refusal = shopper.refusal_of(reward)
    if refusal is None and price.points > spendable:
        refusal = RewardPointsMissing(missing=price.points - spendable)
    return ShownReward(
        reward=reward,
        price=price,
        spendable=spendable,
        refusal=refusal,
        opens_at=shopper.opens_at(reward),
        key=uuid4().hex,
    )
