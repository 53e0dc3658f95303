"""Points become rewards: points, stock and the member's limit move in one transaction."""

from datetime import datetime

from django.db import transaction

from benefits.errors import (
    AddressMissing,
    PriceChanged,
    RewardLimitReached,
    RewardNotFound,
    RewardSoldOut,
)
from benefits.models import Coupon, Reward, RewardCounter, RewardOrder, RewardOrderStep
from benefits.rules.rewards import Price
from benefits.shoppers import shopper_of
from common import clock
from loyalty.errors import KeyReused
from loyalty.services.ledger import check_reason, check_words, lock_base_account
from loyalty.services.points import redeem_points
from members.models import Member

from .birthdays import name_for
from .issuing import issue_coupon
from .lottery import draw_prize, lock_offers

Status = RewardOrder.Status


@transaction.atomic
def redeem_reward(
    *,
    reward: Reward,
    member: Member,
    key: str,
    points: int | None = None,
    deliver_to: str = "",
    now: datetime | None = None,
) -> RewardOrder:
    """Take the points of a reward and place its order; once for each key.

    A coupon is issued and a lottery drawn at once; goods and services wait for an operator.
    `points` is the price that was confirmed. Refused: any `RewardRefusal`, another price by now
    (PriceChanged), no address to send goods to (AddressMissing), what `redeem_points` refuses.
    """
    at = now or clock.now()
    check_words(key=f"reward:{key}")
    check_reason(deliver_to)
    lock_base_account(member)
    if replayed := RewardOrder.objects.made_by(member, key):
        return _same(replayed, reward, key)
    reward, price = _allowed(reward, member, at, confirmed=points)
    address = _address_for(reward, deliver_to)
    entry = redeem_points(
        member=member,
        points=price.points,
        key=f"reward:{key}",
        reason=name_for(member, reward),
        now=at,
    )
    # Offers come before the reward in the order of locks.
    order = RewardOrder(
        reward=reward,
        member=member,
        key=key,
        points=price.points,
        money=price.money,
        deliver_to=address,
        entry=entry,
        coupon=_coupon_of(reward, member, key, at),
    )
    lock_offers(reward)
    take_for(reward, member)
    return _place(order, at)


def take_for(reward: Reward, member: Member) -> None:
    """Count one for the member and take it out of the stock, both by conditional update."""
    RewardCounter.objects.open_for(reward, member)
    counter = RewardCounter.objects.filter(reward=reward, member=member)
    if not counter.count_up(most=reward.per_member_limit):
        raise RewardLimitReached(limit=reward.per_member_limit)
    if not Reward.objects.filter(pk=reward.pk).take():
        raise RewardSoldOut()


def _same(order: RewardOrder, reward: Reward, key: str) -> RewardOrder:
    if order.reward_id != reward.pk:
        raise KeyReused(key=key)
    return order


def _allowed(
    reward: Reward, member: Member, at: datetime, *, confirmed: int | None
) -> tuple[Reward, Price]:
    """The reward as it is now and its price, unless it is not the member's to redeem for that."""
    found = Reward.objects.whole().filter(pk=reward.pk).first()
    if found is None:
        raise RewardNotFound()
    shopper = shopper_of(member, [found], at)
    if refusal := shopper.refusal_of(found):
        raise refusal
    price = shopper.price_of(found)
    if confirmed not in (None, price.points):
        raise PriceChanged(points=price.points)
    return found, price


def _address_for(reward: Reward, text: str) -> str:
    """Where goods are sent; nothing for what is not sent."""
    if not reward.is_sent:
        return ""
    if not text.strip():
        raise AddressMissing()
    return text.strip()


def _coupon_of(reward: Reward, member: Member, key: str, at: datetime) -> Coupon | None:
    if reward.coupon_template is None:
        return None
    return issue_coupon(template=reward.coupon_template, member=member, key=f"reward:{key}", now=at)


def _place(order: RewardOrder, at: datetime) -> RewardOrder:
    """Write the order of a reward whose row this transaction has just moved, and so holds."""
    if order.reward.is_numbered and order.reward.stock:
        taken = RewardOrder.objects.editions(order.reward)
        numbers = range(1, order.reward.stock + 1)
        order.edition = next((number for number in numbers if number not in taken), None)
        if order.edition is None:
            raise RewardSoldOut()
    order.status = Status.PENDING if order.reward.is_handed_over else Status.DELIVERED
    order.placed_at = order.changed_at = at
    order.save(force_insert=True)
    if order.reward.is_lottery:
        draw_prize(order, at=at)
    RewardOrderStep.objects.create(order=order, status=order.status, at=at)
    return order
