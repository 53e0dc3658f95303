"""Draws: a seed picks the prize, and the prize moves with the entry in one transaction."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from benefits.errors import LotteryNotReady
from benefits.models import (
    CouponCounter,
    CouponTemplate,
    LotteryDraw,
    LotteryPrize,
    Reward,
    RewardOrder,
)
from benefits.rules import lottery as rules
from common.errors import DomainError
from loyalty.services.ledger import Kind, lock_base_account
from loyalty.services.points import credit
from members.models import Member

from .issuing import check_open, issue_coupon

Sort = LotteryPrize.Kind


def lock_offers(reward: Reward) -> None:
    """Lock the offers of a lottery's coupons, in the order of their ids: before the reward."""
    if reward.is_lottery:
        named = LotteryPrize.objects.of(reward).filter(coupon_template__isnull=False)
        ids = named.order_by().values("coupon_template")
        list(CouponTemplate.objects.filter(pk__in=ids).order_by("pk").locked())


def odds_of(prizes: Iterable[LotteryPrize], member: Member, at: datetime) -> list[tuple[int, int]]:
    """The tickets of each prize that this member can draw now: a coupon that is out of stock,
    over, or that they may have no more of is gone like any other prize.
    """
    return rules.odds([_chance(prize, member, at) for prize in prizes])


def _chance(prize: LotteryPrize, member: Member, at: datetime) -> rules.Chance:
    left = prize.left
    if prize.coupon_template and not _can_issue(prize.coupon_template, member, at):
        left = 0
    return rules.Chance(prize=prize.pk, weight=prize.weight, left=left)


def _can_issue(template: CouponTemplate, member: Member, at: datetime) -> bool:
    try:
        check_open(template, at)
    except DomainError:
        return False
    most = template.per_member_limit
    counter = CouponCounter.objects.filter(template=template, member=member).first()
    is_within = most is None or counter is None or counter.issued < most
    return template.left != 0 and is_within


def draw_prize(order: RewardOrder, *, at: datetime) -> LotteryDraw:
    """Draw for an order that is being placed, and give what was drawn.

    Points are spendable at once, a coupon is issued, goods wait for an operator. Refused: a
    lottery whose weights are not the whole or that has no prize without end (LotteryNotReady).
    """
    prizes = {prize.pk: prize for prize in LotteryPrize.objects.of(order.reward).locked()}
    shares = odds_of(prizes.values(), order.member, at)
    seed = secrets.token_hex(32)
    ticket = rules.ticket_of(seed)
    prize = prizes[rules.prize_at(shares, ticket)]
    if not LotteryPrize.objects.filter(pk=prize.pk).take():
        raise LotteryNotReady()
    _give(order, prize, at)
    return LotteryDraw.objects.create(
        order=order, prize=prize, seed=seed, ticket=ticket, odds=shares, at=at
    )


def _give(order: RewardOrder, prize: LotteryPrize, at: datetime) -> None:
    key = f"draw:{order.pk}"
    if prize.kind == Sort.POINTS and prize.points:
        account = lock_base_account(order.member)
        credit(
            account,
            kind=Kind.EARN,
            points=prize.points,
            key=key,
            now=at,
            is_held=False,
            note=order.reward.name,
        )
    elif prize.kind == Sort.COUPON and prize.coupon_template:
        order.coupon = issue_coupon(
            template=prize.coupon_template, member=order.member, key=key, now=at
        )
        order.save(update_fields=["coupon"])
    elif prize.kind == Sort.GOODS:
        order.status = RewardOrder.Status.PENDING
        order.save(update_fields=["status"])
