"""I16 for rewards: pieces, members' counts and draws, proved from the rows around the services."""

import pytest
from django.db.models import F

from benefits.models import LotteryPrize, Reward, RewardCounter, RewardOrder
from benefits.services.reward_orders import cancel_order
from members.models import Member
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken, overwrite, unchecked

from .offers import NOON
from .rewards import lottery, redeemed, reward, rich_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    plain_programme()
    return rich_member()


@pytest.fixture
def order(member: Member) -> RewardOrder:
    """One of two mugs."""
    return redeemed(member, reward(stock=2))


def test_is_clean_with_orders_of_every_sort(member: Member, order: RewardOrder) -> None:
    cancel_order(order=redeemed(member, order.reward, "b"), now=NOON)
    redeemed(member, lottery(), "c")
    assert broken() == {}


def test_finds_a_stock_that_lost_a_piece(order: RewardOrder) -> None:
    overwrite(order.reward, taken=0)
    row = ("reward", order.reward_id, "pieces that orders hold", 1, 0)
    assert broken() == {"I16": [row]}


def test_finds_more_pieces_than_the_stock(order: RewardOrder) -> None:
    with unchecked(Reward, "reward_within_stock"):
        overwrite(order.reward, stock=0)
    assert broken() == {"I16": [("reward", order.reward_id, "within its stock", 0, 1)]}


def test_finds_a_members_counter_that_is_off(order: RewardOrder) -> None:
    overwrite(RewardCounter.objects.get(), taken=F("taken") + 1)
    what = f"orders of reward {order.reward_id}"
    assert broken() == {"I16": [("member", order.member_id, what, 1, 2)]}


def test_finds_a_price_that_was_not_taken(order: RewardOrder) -> None:
    overwrite(order, points=299)
    assert broken() == {"I16": [("order", order.pk, "points that its entry took", 299, 300)]}


def test_finds_a_draw_that_is_not_counted(member: Member) -> None:
    drawn = redeemed(member, lottery()).draw.prize
    overwrite(drawn, taken=0)
    assert broken() == {"I16": [("prize", drawn.pk, "draws of it", 1, 0)]}
    assert LotteryPrize.objects.count() == 3
