"""The database refuses rewards and orders that the services would have refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from benefits.models import LotteryDraw, LotteryPrize, Reward, RewardOrder
from common.integrity import broken_constraint
from loyalty.services.points import redeem_points
from tests.loyalty.programmes import plain_programme

from .offers import NOON
from .rewards import lottery, redeemed, reward, rich_member

pytestmark = pytest.mark.django_db

REWARDS: list[tuple[str, dict[str, Any]]] = [
    ("reward_code_once", {"code": "mug"}),
    ("reward_coupon_names_its_offer", {"kind": "coupon"}),
    ("reward_coupon_names_its_offer", {"kind": "none"}),
    ("reward_points_positive", {"points": 0}),
    ("reward_money_positive", {"money": Decimal(0)}),
    ("reward_promotion_has_price_and_time", {"promotional_points": 5}),
    (
        "reward_promotion_has_price_and_time",
        {"promotional_points": 5, "promotion_starts_at": NOON, "promotion_ends_at": NOON},
    ),
    ("reward_opens_before_it_closes", {"starts_at": NOON, "ends_at": NOON}),
    ("reward_within_stock", {"stock": 1, "taken": 2}),
    ("reward_limit_positive", {"per_member_limit": 0}),
    ("reward_edition_has_stock", {"is_numbered": True}),
    ("reward_only_goods_are_sent", {"kind": "service", "is_sent": True}),
    ("reward_minimum_positive", {"minimum_spend": Decimal(0)}),
    ("reward_minimum_positive", {"spend_days": 30}),
]
ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("rewardorder_key_once", {"key": "k"}),
    ("rewardorder_edition_once", {"edition": 1}),
    ("rewardorder_status_known", {"status": "lost"}),
    ("rewardorder_points_positive", {"points": 0}),
    ("rewardorder_shipped_with_number", {"status": "shipped"}),
    ("rewardorder_collected_by_code", {"status": "ready"}),
    ("rewardorder_given_back_by_entry", {"status": "cancelled", "pieces": 0}),
    ("rewardorder_holds_its_pieces", {"pieces": 0}),
    ("rewardorder_holds_its_pieces", {"pieces": 2}),
    ("rewardorder_holds_its_pieces", {"status": "exchanged", "pieces": 3}),
]
PRIZES: list[tuple[str, dict[str, Any]]] = [
    ("lotteryprize_gives_what_it_says", {"kind": "points"}),
    ("lotteryprize_gives_what_it_says", {"points": 5}),
    ("lotteryprize_gives_what_it_says", {"kind": "coupon"}),
    ("lotteryprize_weight_of_all", {"weight": 0}),
    ("lotteryprize_weight_of_all", {"weight": 10_001}),
    ("lotteryprize_within_stock", {"stock": 1, "taken": 2}),
]


@pytest.fixture
def order(db: None) -> RewardOrder:
    """The first of two numbered mugs."""
    plain_programme()
    return redeemed(rich_member(), reward(stock=2, is_numbered=True))


def copied(row: models.Model, **changes: Any) -> None:
    details = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    type(row)(**(details | changes)).save(force_insert=True)


def refused(row: models.Model, **changes: Any) -> str | None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        copied(row, **changes)
    return broken_constraint(error.value, type(row))


@pytest.mark.parametrize(("constraint", "changes"), REWARDS)
def test_no_impossible_reward_is_let_in(constraint: str, changes: dict[str, Any], db: None) -> None:
    assert refused(reward(), **({"code": "other"} | changes)) == constraint


@pytest.mark.parametrize(("constraint", "changes"), ORDERS)
def test_no_impossible_order_is_let_in(
    constraint: str, changes: dict[str, Any], order: RewardOrder
) -> None:
    entry = redeem_points(member=order.member, points=1, key="other", now=NOON)
    others = {"key": "other", "edition": None, "entry_id": entry.pk}
    assert refused(order, **(others | changes)) == constraint


@pytest.mark.parametrize(("constraint", "changes"), PRIZES)
def test_no_impossible_prize_is_let_in(constraint: str, changes: dict[str, Any], db: None) -> None:
    nothing = LotteryPrize.objects.of(lottery()).get(kind="nothing")
    assert refused(nothing, **changes) == constraint


def test_a_draw_has_a_ticket_of_all_and_a_seed(order: RewardOrder) -> None:
    draw = redeemed(order.member, lottery(), "d").draw
    for constraint, changes in (
        ("lotterydraw_ticket_of_all", {"ticket": 10_000}),
        ("lotterydraw_has_a_seed", {"seed": ""}),
    ):
        assert refused(draw, order_id=order.pk, **changes) == constraint


def test_copies_with_nothing_wrong_are_let_in(order: RewardOrder) -> None:
    entry = redeem_points(member=order.member, points=1, key="other", now=NOON)
    copied(order, key="other", edition=2, entry_id=entry.pk)
    copied(order.reward, code="other", starts_at=NOON, ends_at=NOON + timedelta(seconds=1))


def test_every_named_constraint_is_tried() -> None:
    tried = {constraint for constraint, _changes in REWARDS + ORDERS + PRIZES}
    tried |= {"rewardorder_pickup_code_once", "lotterydraw_ticket_of_all", "lotterydraw_has_a_seed"}
    models_tried = (Reward, RewardOrder, LotteryPrize, LotteryDraw)
    named = {found.name for model in models_tried for found in model._meta.constraints}
    assert named == tried


def test_a_pick_up_code_is_of_one_order(order: RewardOrder) -> None:
    entry = redeem_points(member=order.member, points=1, key="other", now=NOON)
    RewardOrder.objects.filter(pk=order.pk).update(pickup_code="2" * 12)
    others = {"key": "other", "edition": None, "entry_id": entry.pk, "pickup_code": "2" * 12}
    assert refused(order, **others) == "rewardorder_pickup_code_once"
