"""The catalogue on the portal: what can be had, what it costs, and where it is."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from benefits.models import Reward, RewardOrder
from benefits.services.reward_orders import collect_order, make_order_ready
from benefits.services.reward_pictures import set_reward_picture
from common import clock
from loyalty.models import PointsAccount, ProductCategory, Tier
from loyalty.services.points import earn_points
from members.models import Member
from tests.benefits.offers import offer
from tests.benefits.pictures import PNG
from tests.benefits.rewards import lottery, redeemed, reward, reward_window, rich_member
from tests.factories import OperatorFactory

CATALOGUE, ORDERS = "/rewards/", "/rewards/orders/"


def long_ago() -> datetime:
    """When points were earned that are not held any more."""
    return clock.now() - timedelta(days=20)


@pytest.fixture
def rich(member: Member) -> Member:
    """The member who is signed in, with 1,000 points to spend."""
    earn_points(member=member, points=1_000, key="rich", now=long_ago())
    return member


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member, point_type__code="base").balance


def test_an_empty_catalogue_says_so(signed_in: Client, member: Member) -> None:
    assert "No rewards right now" in text_of(signed_in, CATALOGUE)


def test_sorts_what_is_there_by_what_stands_between(
    signed_in: Client, rich: Member, now: datetime
) -> None:
    lowest, gold = Tier.objects.get(rank=0), Tier.objects.get(rank=2)
    reward("mug", stock=4)
    reward("bag", name_en="Canvas bag", points=1_250)
    later = reward("tea", name_en="First flush", points=100)
    reward_window(later, lowest, now + timedelta(days=1))
    others = reward("cup", name_en="Gold cup", points=100)
    reward_window(others, gold, now)
    reward("off", name_en="Taken out", is_active=False)
    text = text_of(signed_in, CATALOGUE)
    order = ["Yours now", "Mug", "A few more points", "Canvas bag", "Not open to you now"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "You have 1,000 points to spend." in text
    assert "250 points are missing." in text
    assert "4 left" in text
    assert "Opens for you:" in text
    assert "This reward is for other tiers than yours." in text
    assert "Taken out" not in text


def test_needs_as_many_queries_for_ten_rewards_as_for_one(
    signed_in: Client,
    rich: Member,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    reward_window(reward("one", minimum_spend=1), Tier.objects.get(rank=0), now)
    with django_assert_num_queries(14):
        signed_in.get(CATALOGUE)
    for number in range(9):
        item = reward(f"r{number}", minimum_spend=1, spend_days=number + 1)
        reward_window(item, Tier.objects.get(rank=0), now)
    with django_assert_num_queries(14):
        signed_in.get(CATALOGUE)


def confirm_address(item: Reward) -> str:
    return reverse("redeem", args=[item.pk])


def test_confirms_what_it_costs_and_what_is_left(signed_in: Client, rich: Member) -> None:
    item = reward(stock=4)
    assert confirm_address(item) in text_of(signed_in, reverse("reward", args=[item.pk]))
    text = text_of(signed_in, confirm_address(item))
    for words in ("Redeem Mug?", "1,000", "300", "700", "Redeem for 300 points"):
        assert words in text
    assert balance(rich) == 1_000


def send(client: Client, item: Reward, key: str = "a", points: int = 300, **also: str) -> object:
    response = client.post(confirm_address(item), {"key": key, "points": points, **also})
    return response.headers.get("Location") or " ".join(response.content.decode().split())


def test_a_coupon_says_what_it_asks_for_before_it_is_paid(signed_in: Client, rich: Member) -> None:
    template = offer(minimum_spend=Decimal(99))
    template.categories.add(ProductCategory.objects.create(code="tea", name_en="Tea"))
    item = reward("ten", kind="coupon", coupon_template=template)
    text = text_of(signed_in, reverse("reward", args=[item.pk]))
    for sentence in ("¥10 off", "From ¥99 on.", "Only for: Tea.", "Valid for 30 days."):
        assert sentence in text


def test_a_double_tap_redeems_once(signed_in: Client, rich: Member) -> None:
    item = reward(stock=1, per_member_limit=1)
    answers = {send(signed_in, item) for _tap in range(2)}
    order = RewardOrder.objects.get()
    assert answers == {reverse("reward_order", args=[order.pk])}
    assert (order.member, balance(rich)) == (rich, 700)


def test_a_price_that_changed_is_shown_before_it_is_paid(signed_in: Client, rich: Member) -> None:
    item = reward(points=400)
    text = str(send(signed_in, item))
    assert "The price is 400 points now." in text
    assert 'name="points" value="400"' in text
    assert balance(rich) == 1_000
    assert str(send(signed_in, item, points=400)).startswith(ORDERS)


def test_a_refusal_is_told_and_costs_nothing(signed_in: Client, rich: Member) -> None:
    item = reward(stock=1)
    redeemed(rich_member(now=long_ago()), item, now=clock.now())
    assert "This reward is sold out." in str(send(signed_in, item))
    assert balance(rich) == 1_000
    closed = signed_in.get(confirm_address(item))
    assert closed["Location"] == reverse("reward", args=[item.pk])


def test_goods_to_send_need_an_address(signed_in: Client, rich: Member) -> None:
    item = reward(is_sent=True)
    assert "This field is required." in str(send(signed_in, item))
    send(signed_in, item, deliver_to="5 Tea Lane")
    assert RewardOrder.objects.get().deliver_to == "5 Tea Lane"


@pytest.mark.parametrize("name", ["reward", "redeem"])
def test_what_is_out_of_the_catalogue_is_not_there(
    signed_in: Client, member: Member, name: str
) -> None:
    item = reward(is_active=False)
    assert signed_in.get(reverse(name, args=[item.pk])).status_code == 404


def test_shows_the_picture(signed_in: Client, member: Member) -> None:
    item = reward()
    picture = set_reward_picture(reward=item, content=PNG)
    address = reverse("reward_picture", args=[item.pk, picture.digest])
    assert address in text_of(signed_in, CATALOGUE)
    response = signed_in.get(address)
    assert (response.content, response["Content-Type"]) == (PNG, "image/png")


def test_lists_orders_with_their_state(signed_in: Client, rich: Member) -> None:
    assert "No orders yet" in text_of(signed_in, ORDERS)
    order = redeemed(rich, reward(), now=clock.now())
    text = text_of(signed_in, ORDERS)
    assert order.number in text
    assert "Being prepared" in text


def test_an_order_waits_with_its_pick_up_code(signed_in: Client, rich: Member) -> None:
    operator = OperatorFactory()
    order = make_order_ready(order=redeemed(rich, reward(), now=clock.now()), operator=operator)
    page = reverse("reward_order", args=[order.pk])
    code = reverse("pickup_code", args=[order.pk])
    text = text_of(signed_in, page)
    assert order.shown_pickup_code in text
    assert code in text
    assert "Cancel the order" not in text
    assert signed_in.get(code)["Content-Type"] == "image/svg+xml"
    collect_order(order=order, pickup_code=order.pickup_code, operator=operator)
    assert "Return it" in text_of(signed_in, page)
    assert signed_in.get(code).status_code == 404


def test_cancels_after_a_confirmation(signed_in: Client, rich: Member) -> None:
    order = redeemed(rich, reward(stock=1), now=clock.now())
    page = reverse("reward_order", args=[order.pk])
    address = reverse("cancel_reward_order", args=[order.pk])
    assert address in text_of(signed_in, page)
    assert "300 points come back" in text_of(signed_in, address)
    assert balance(rich) == 700
    for _tap in range(2):
        assert signed_in.post(address)["Location"] == page
    assert balance(rich) == 1_000
    text = text_of(signed_in, page)
    assert "Cancelled" in text
    assert address not in text
    assert signed_in.get(address)["Location"] == page


def test_asks_to_return_with_a_reason(signed_in: Client, rich: Member) -> None:
    operator = OperatorFactory()
    order = make_order_ready(order=redeemed(rich, reward(), now=clock.now()), operator=operator)
    address = reverse("return_reward", args=[order.pk])
    assert signed_in.get(address).status_code == 302
    collect_order(order=order, pickup_code=order.pickup_code, operator=operator)
    response = signed_in.post(address, {"reason": ""})
    assert "This field is required." in response.content.decode()
    signed_in.post(address, {"reason": "It leaks"})
    order.refresh_from_db()
    assert order.status == "return_requested"
    assert "It leaks" in text_of(signed_in, reverse("reward_order", args=[order.pk]))


@pytest.mark.parametrize(
    "name", ["reward_order", "pickup_code", "cancel_reward_order", "return_reward"]
)
def test_another_members_order_is_not_there(signed_in: Client, member: Member, name: str) -> None:
    order = redeemed(rich_member(now=long_ago()), reward(), now=clock.now())
    address = reverse(name, args=[order.pk])
    assert signed_in.get(address).status_code == 404
    assert signed_in.post(address, {"reason": "Mine"}).status_code in (404, 405)
    order.refresh_from_db()
    assert order.status == "pending"


def test_a_lottery_shows_its_odds_before_it_is_paid(signed_in: Client, rich: Member) -> None:
    item = lottery()
    for name in ("reward", "redeem"):
        text = text_of(signed_in, reverse(name, args=[item.pk]))
        for prize, chance in (("Bicycle", "1%"), ("Fifty points", "10%"), ("Nothing", "89%")):
            assert prize in text
            assert chance in text
    send(signed_in, item, points=100)
    order = RewardOrder.objects.get()
    text = text_of(signed_in, reverse("reward_order", args=[order.pk]))
    for told in (order.draw.prize.name, order.draw.seed, f"Ticket {order.draw.ticket:,} of"):
        assert told in text


def test_home_tells_of_rewards_within_reach(signed_in: Client, rich: Member) -> None:
    assert "Rewards within reach" not in text_of(signed_in, "/")
    reward()
    reward("bag", name_en="Canvas bag", points=1_001)
    text = text_of(signed_in, "/")
    assert "Rewards within reach" in text
    assert "Mug" in text
    assert "Canvas bag" not in text
