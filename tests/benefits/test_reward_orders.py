"""An order on its way to the member and back: every step once, and no step out of turn."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from benefits.errors import (
    EditionNotExchangeable,
    OrderFinal,
    OrderNotPossible,
    OrderReasonMissing,
    PickupCodeWrong,
    ReturnClosed,
    RewardSoldOut,
    TrackingMissing,
)
from benefits.models import Reward, RewardCounter, RewardOrder
from benefits.notices import order_words
from benefits.services.reward_orders import (
    cancel_order,
    collect_order,
    decline_return,
    deliver_order,
    exchange_order,
    make_order_ready,
    request_return,
    restore_order,
    ship_order,
)
from common.errors import DomainError
from loyalty.models import PointsAccount, PointsLot
from loyalty.services.points import earn_points, restore_points
from members.models import Member, Notice, User
from members.notices import NoticeText
from tests.factories import OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .offers import NOON, offer
from .rewards import redeemed, reward, rich_member

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def member(db: None) -> Member:
    plain_programme(expiry="12M")
    return rich_member()


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory()


@pytest.fixture
def order(member: Member) -> RewardOrder:
    """One of three mugs, being prepared."""
    return redeemed(member, reward(stock=3))


@pytest.fixture
def collected(order: RewardOrder, operator: User) -> RewardOrder:
    ready = make_order_ready(order=order, operator=operator, now=NOON)
    return collect_order(order=ready, pickup_code=ready.pickup_code, operator=operator, now=NOON)


@pytest.fixture
def returned(collected: RewardOrder) -> RewardOrder:
    return request_return(order=collected, reason="It leaks", now=NOON)


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


def state(order: RewardOrder) -> tuple[str, int, int, int]:
    """Its status, its pieces, those taken from the stock, and the member's count."""
    order.refresh_from_db()
    taken = Reward.objects.get(pk=order.reward_id).taken
    counted = RewardCounter.objects.get(reward=order.reward_id, member=order.member_id).taken
    return (order.status, order.pieces, taken, counted)


def refuses(refusal: type[DomainError], order: RewardOrder, act: Callable[[], object]) -> None:
    before = (state(order), balance(order.member), order.steps.count())
    with pytest.raises(refusal):
        act()
    assert (state(order), balance(order.member), order.steps.count()) == before


def test_is_collected_by_its_code(order: RewardOrder, operator: User) -> None:
    ready = make_order_ready(order=order, operator=operator, now=NOON)
    assert ready.status == "ready"
    refuses(
        PickupCodeWrong,
        order,
        lambda: collect_order(order=order, pickup_code="2222", operator=operator, now=NOON),
    )
    typed = ready.shown_pickup_code.lower()
    done = collect_order(order=order, pickup_code=typed, operator=operator, now=NOON)
    assert done.status == "collected"
    assert [(step.status, step.operator) for step in order.steps.all()] == [
        ("pending", None),
        ("ready", operator),
        ("collected", operator),
    ]


def test_is_sent_under_a_number_that_the_member_is_told(member: Member, operator: User) -> None:
    order = redeemed(member, reward(is_sent=True), deliver_to="5 Tea Lane")
    refuses(
        TrackingMissing,
        order,
        lambda: ship_order(order=order, tracking_number=" ", operator=operator),
    )
    for _tap in range(2):
        ship_order(order=order, tracking_number="SF123", operator=operator, now=NOON)
    assert deliver_order(order=order, operator=operator, now=NOON).status == "delivered"
    told = Notice.objects.filter(member=member, kind="reward_order").order_by("pk")
    assert [notice.params["status"] for notice in told] == ["shipped", "delivered"]
    assert told[0].params["tracking_number"] == "SF123"


def test_what_is_collected_is_not_sent(order: RewardOrder, operator: User) -> None:
    refuses(
        OrderNotPossible,
        order,
        lambda: ship_order(order=order, tracking_number="SF1", operator=operator),
    )


def test_cancelled_points_go_back_to_their_lots(member: Member) -> None:
    earn_points(member=member, points=100, key="later", now=NOON + DAY)
    before = list(PointsLot.objects.order_by("pk").values_list("pk", "remaining", "expires_at"))
    order = redeemed(member, reward(points=1_050, stock=1), now=NOON + DAY)
    for _tap in range(2):
        cancel_order(order=order, now=NOON + DAY)
    after = list(PointsLot.objects.order_by("pk").values_list("pk", "remaining", "expires_at"))
    assert after == before
    assert state(order) == ("cancelled", 0, 0, 0)
    assert order.restored_by is not None
    assert order.restored_by.reverses == order.entry
    assert broken() == {}


@pytest.mark.parametrize("points", [100, 300])
def test_what_was_given_back_by_hand_does_not_come_back_again(
    order: RewardOrder, operator: User, points: int
) -> None:
    restore_points(redemption=order.entry, key="by-hand", points=points, now=NOON)
    for _tap in range(2):
        cancel_order(order=order, operator=operator, reason="It broke", now=NOON)
    assert state(order) == ("cancelled", 0, 0, 0)
    assert balance(order.member) == 1_000
    assert order.restored_by is not None
    assert order.restored_by.reverses == order.entry
    assert broken() == {}


def test_a_returned_piece_gives_back_what_was_not_given_back_by_hand(
    returned: RewardOrder, operator: User
) -> None:
    restore_points(redemption=returned.entry, key="by-hand", now=NOON)
    restore_order(order=returned, operator=operator, now=NOON)
    assert state(returned) == ("restored", 1, 1, 0)
    assert balance(returned.member) == 1_000
    assert broken() == {}


def test_a_cancelled_piece_and_its_number_go_to_someone_else(member: Member) -> None:
    item = reward(stock=2, is_numbered=True, per_member_limit=2)
    first = redeemed(member, item, "a")
    redeemed(member, item, "b")
    cancel_order(order=first, now=NOON)
    assert redeemed(member, item, "c").edition == 1
    assert broken() == {}


def test_a_member_cancels_only_what_is_being_prepared(order: RewardOrder, operator: User) -> None:
    make_order_ready(order=order, operator=operator, now=NOON)
    refuses(OrderNotPossible, order, lambda: cancel_order(order=order, now=NOON))
    refuses(
        OrderReasonMissing,
        order,
        lambda: cancel_order(order=order, operator=operator, reason=" ", now=NOON),
    )
    cancel_order(order=order, operator=operator, reason="It broke", now=NOON)
    assert state(order) == ("cancelled", 0, 0, 0)
    assert Notice.objects.filter(kind="reward_order").count() == 2


def test_coupons_are_not_cancelled(member: Member) -> None:
    order = redeemed(member, reward(kind="coupon", coupon_template=offer()))
    refuses(OrderFinal, order, lambda: cancel_order(order=order, now=NOON))
    refuses(OrderFinal, order, lambda: request_return(order=order, reason="No", now=NOON))


def test_goods_are_returned_within_their_days(collected: RewardOrder) -> None:
    late = NOON + 7 * DAY
    refuses(
        ReturnClosed,
        collected,
        lambda: request_return(order=collected, reason="It leaks", now=late),
    )
    refuses(OrderReasonMissing, collected, lambda: request_return(order=collected, reason=""))
    just = late - timedelta(seconds=1)
    for _tap in range(2):
        assert request_return(order=collected, reason="It leaks", now=just).status == (
            "return_requested"
        )
    assert collected.steps.filter(status="return_requested").count() == 1


def test_what_is_not_handed_over_is_not_returned(order: RewardOrder) -> None:
    refuses(OrderNotPossible, order, lambda: request_return(order=order, reason="No", now=NOON))


@pytest.mark.parametrize(("is_restocked", "taken"), [(True, 0), (False, 1)])
def test_a_returned_piece_gives_its_points_back(
    returned: RewardOrder, operator: User, is_restocked: bool, taken: int
) -> None:
    for _tap in range(2):
        restore_order(order=returned, operator=operator, is_restocked=is_restocked, now=NOON)
    assert state(returned) == ("restored", taken, taken, 0)
    assert balance(returned.member) == 1_000
    assert broken() == {}


@pytest.mark.parametrize(("is_restocked", "taken"), [(True, 1), (False, 2)])
def test_a_returned_piece_is_exchanged(
    returned: RewardOrder, operator: User, is_restocked: bool, taken: int
) -> None:
    for _tap in range(2):
        exchange_order(order=returned, operator=operator, is_restocked=is_restocked, now=NOON)
    assert state(returned) == ("exchanged", taken, taken, 1)
    assert balance(returned.member) == 700
    assert broken() == {}


def test_nothing_is_exchanged_when_none_is_left(returned: RewardOrder, operator: User) -> None:
    item = returned.reward
    item.stock = 1
    item.save()
    refuses(
        RewardSoldOut, returned, lambda: exchange_order(order=returned, operator=operator, now=NOON)
    )
    exchange_order(order=returned, operator=operator, is_restocked=True, now=NOON)
    assert state(returned) == ("exchanged", 1, 1, 1)


def test_a_numbered_piece_is_not_exchanged(member: Member, operator: User) -> None:
    order = redeemed(member, reward(stock=2, is_numbered=True))
    ready = make_order_ready(order=order, operator=operator, now=NOON)
    collect_order(order=order, pickup_code=ready.pickup_code, operator=operator, now=NOON)
    request_return(order=order, reason="Scratched", now=NOON)
    refuses(
        EditionNotExchangeable,
        order,
        lambda: exchange_order(order=order, operator=operator, now=NOON),
    )


def test_a_declined_return_leaves_it_with_the_member(returned: RewardOrder, operator: User) -> None:
    decline_return(order=returned, operator=operator, reason="Used", now=NOON)
    assert state(returned) == ("collected", 1, 1, 1)
    refuses(
        ReturnClosed, returned, lambda: request_return(order=returned, reason="Again", now=NOON)
    )
    told = Notice.objects.filter(kind="reward_order").latest("pk").params
    assert order_words(told) == NoticeText(
        title="Your return was declined",
        body=f"“Mug”, order {returned.number}: you keep it. Used",
    )


def test_no_step_is_taken_out_of_turn(order: RewardOrder, operator: User) -> None:
    for act in (
        lambda: deliver_order(order=order, operator=operator, now=NOON),
        lambda: collect_order(order=order, pickup_code="", operator=operator, now=NOON),
        lambda: exchange_order(order=order, operator=operator, now=NOON),
        lambda: restore_order(order=order, operator=operator, now=NOON),
        lambda: decline_return(order=order, operator=operator, reason="No", now=NOON),
    ):
        refuses(OrderNotPossible, order, act)
    assert broken() == {}
