"""The demo's catalogue of rewards, its lottery, and orders in every state."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benefits.catalogue import shown_reward
from benefits.models import LotteryPrize, Reward, RewardOrder, RewardPrice, RewardWindow
from benefits.services.redeeming import redeem_reward
from benefits.services.reward_orders import (
    cancel_order,
    collect_order,
    deliver_order,
    make_order_ready,
    request_return,
    ship_order,
)
from loyalty.models import Tier
from members.models import Member, Segment

from .coupons import Templates
from .scene import Scene

Kind = Reward.Kind
Sort = LotteryPrize.Kind
Rewards = dict[str, Reward]
ADDRESS = "上海市静安区南京西路 1266 号 · 前台 Reception"

REWARDS: tuple[dict[str, Any], ...] = (
    {
        "code": "drip-coffee",
        "name_en": "Drip coffee bags",
        "name_zh": "挂耳咖啡一盒",
        "kind": Kind.GOODS,
        "points": 200,
        "minimum_spend": Decimal(100),
        "spend_days": 90,
        "description_en": "Five bags of this month's roast.",
        "description_zh": "当月烘焙，每盒五包。",
    },
    {
        "code": "mug",
        "name_en": "Stoneware mug",
        "name_zh": "陶瓷杯",
        "kind": Kind.GOODS,
        "points": 500,
        "stock": 60,
        "per_member_limit": 2,
        "description_en": "Thrown by hand in Jingdezhen, 300 ml.",
        "description_zh": "景德镇手工拉坯，300 毫升。",
    },
    {
        "code": "tasting",
        "name_en": "Tea tasting for two",
        "name_zh": "双人品茶会",
        "kind": Kind.SERVICE,
        "points": 2_400,
        "description_en": "An hour with our tea master, on a day that you choose.",
        "description_zh": "与茶艺师共度一小时，时间自选。",
    },
    {
        "code": "kettle",
        "name_en": "Pour-over kettle",
        "name_zh": "手冲壶",
        "kind": Kind.GOODS,
        "points": 1_800,
        "money": Decimal("49.00"),
        "stock": 12,
        "per_member_limit": 1,
        "is_sent": True,
    },
    {
        "code": "plum-pot",
        "name_en": "Plum blossom teapot, numbered",
        "name_zh": "限量编号梅花壶",
        "kind": Kind.GOODS,
        "points": 4_500,
        "stock": 30,
        "per_member_limit": 1,
        "is_numbered": True,
        "return_days": 0,
    },
    {
        "code": "tasters-sample",
        "name_en": "First harvest sample",
        "name_zh": "头春茶样",
        "kind": Kind.GOODS,
        "points": 50,
        "per_member_limit": 1,
    },
    {
        "code": "spring-draw",
        "name_en": "Lucky tea draw",
        "name_zh": "茶缘抽奖",
        "kind": Kind.LOTTERY,
        "points": 100,
        "per_member_limit": 10,
    },
)
PRIZES: tuple[dict[str, Any], ...] = (
    {"name_en": "Teapot", "name_zh": "紫砂壶", "kind": Sort.GOODS, "weight": 100, "stock": 2},
    {"name_en": "500 points", "name_zh": "500 积分", "kind": Sort.POINTS, "points": 500},
    {"name_en": "50 points", "name_zh": "50 积分", "kind": Sort.POINTS, "points": 50},
    {"name_en": "Better luck next time", "name_zh": "谢谢参与", "kind": Sort.NOTHING},
)
WEIGHTS = (100, 400, 2_500, 7_000)


def write_rewards(scene: Scene, templates: Templates) -> Rewards:
    """Write the catalogue: a price of higher tiers, a promotion, times by tier, a lottery."""
    found = {terms["code"]: Reward.objects.create(**terms) for terms in REWARDS}
    found["voucher"] = Reward.objects.create(
        code="voucher",
        name_en="Voucher of ¥10",
        name_zh="10 元礼券",
        kind=Kind.COUPON,
        points=1_000,
        promotional_points=800,
        promotion_starts_at=scene.ago(2),
        promotion_ends_at=scene.now + timedelta(days=5),
        coupon_template=templates["by-points"],
    )
    _lowest, *_between, gold, highest = Tier.objects.by_rank()
    RewardPrice.objects.create(reward=found["mug"], tier=gold, points=400)
    pot, day = found["plum-pot"], timedelta(days=1)
    for tier, opens_at in ((highest, scene.now - 3 * day), (gold, scene.now + 2 * day)):
        RewardWindow.objects.create(reward=pot, tier=tier, opens_at=opens_at)
    found["tasters-sample"].segments.set(Segment.objects.filter(code="tasters"))
    for weight, prize in zip(WEIGHTS, PRIZES, strict=True):
        LotteryPrize.objects.create(reward=found["spring-draw"], **{**prize, "weight": weight})
    return found


def place_orders(scene: Scene, rewards: Rewards) -> None:
    """Let members redeem, and the operator fulfil, so that each state has its order."""
    for code in ("drip-coffee", "spring-draw", "voucher"):
        order = _redeem(scene.lead, rewards[code], scene)
        if order is not None and order.reward.is_handed_over:
            _prepare(order, scene)
    buyers = list(scene.crowd)
    for code, fulfil in TOLD:
        orders = (_redeem(member, rewards[code], scene) for member in buyers)
        if order := next((found for found in orders if found is not None), None):
            buyers.remove(order.member)
            fulfil(order, scene)
    for member in scene.some(0, 20):
        _redeem(member, rewards["spring-draw"], scene)


def _redeem(member: Member, reward: Reward, scene: Scene) -> RewardOrder | None:
    """The order of who has the points for it and may; None for the rest."""
    if not shown_reward(reward, member, scene.now).is_open:
        return None
    address = ADDRESS if reward.is_sent else ""
    return redeem_reward(
        reward=reward, member=member, key=f"demo-{reward.code}", deliver_to=address, now=scene.now
    )


def _leave(order: RewardOrder, scene: Scene) -> None:
    """It waits in the queue."""


def _prepare(order: RewardOrder, scene: Scene) -> None:
    make_order_ready(order=order, operator=scene.operator, now=scene.now)


def _ship(order: RewardOrder, scene: Scene) -> None:
    ship_order(
        order=order, tracking_number="SF1420098877316", operator=scene.operator, now=scene.now
    )


def _deliver(order: RewardOrder, scene: Scene) -> None:
    _ship(order, scene)
    deliver_order(order=order, operator=scene.operator, now=scene.now)


def _collect(order: RewardOrder, scene: Scene) -> None:
    ready = make_order_ready(order=order, operator=scene.operator, now=scene.now)
    collect_order(
        order=ready, pickup_code=ready.pickup_code, operator=scene.operator, now=scene.now
    )


def _return(order: RewardOrder, scene: Scene) -> None:
    _collect(order, scene)
    request_return(order=order, reason="杯口有裂纹 The rim is chipped", now=scene.now)


def _cancel(order: RewardOrder, scene: Scene) -> None:
    cancel_order(order=order, operator=scene.operator, reason="无货 Out of stock", now=scene.now)


TOLD: tuple[tuple[str, Callable[[RewardOrder, Scene], None]], ...] = (
    ("mug", _leave),
    ("mug", _prepare),
    ("mug", _collect),
    ("mug", _return),
    ("drip-coffee", _leave),
    ("drip-coffee", _cancel),
    ("tasting", _leave),
    ("kettle", _ship),
    ("kettle", _deliver),
)
