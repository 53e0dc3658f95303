"""A draw gives what its seed says, at the odds that were shown, from a stock that holds."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits.errors import LotteryNotReady, OrderFinal
from benefits.models import Coupon, LotteryDraw, LotteryPrize, Reward, RewardOrder
from benefits.rules.lottery import TICKETS, Chance, odds, prize_at, ticket_of
from benefits.services import lottery as services
from benefits.services.reward_orders import cancel_order, make_order_ready
from loyalty.models import PointsAccount
from members.models import Member
from tests.factories import OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .offers import NOON, offer
from .rewards import lottery, prize, redeemed, reward, rich_member


@st.composite
def lotteries(draw: st.DrawFn) -> list[Chance]:
    """Weights that are the whole, any stocks, and at least one prize without end."""
    cuts = draw(st.sets(st.integers(1, TICKETS - 1), max_size=8))
    ends = [*sorted(cuts), TICKETS]
    weights = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    lefts = [draw(st.one_of(st.none(), st.integers(0, 3))) for _weight in weights]
    lefts[draw(st.integers(0, len(lefts) - 1))] = None
    pairs = enumerate(zip(weights, lefts, strict=True))
    return [Chance(number, weight, left) for number, (weight, left) in pairs]


@settings(max_examples=60, deadline=None)
@given(lotteries())
def test_every_ticket_has_one_prize_by_exactly_its_weight(chances: list[Chance]) -> None:
    shares = odds(chances)
    drawn = Counter(prize_at(shares, ticket) for ticket in range(TICKETS))
    gone = sum(chance.weight for chance in chances if chance.left == 0)
    fallback = next(chance.prize for chance in chances if chance.left is None)
    for chance in chances:
        expected = 0 if chance.left == 0 else chance.weight
        assert drawn[chance.prize] == expected + (gone if chance.prize == fallback else 0)
    assert sum(drawn.values()) == TICKETS


@pytest.mark.parametrize(
    "chances",
    [
        [Chance(1, 9_999, None)],
        [Chance(1, 10_001, None)],
        [Chance(1, 10_000, 5)],
        [Chance(1, 10_000, None), Chance(2, 0, None)],
        [],
    ],
)
def test_what_is_not_the_whole_is_no_lottery(chances: list[Chance]) -> None:
    with pytest.raises(LotteryNotReady):
        odds(chances)


def test_anyone_can_work_a_ticket_out_again() -> None:
    # SHA-256 of the seed, read as a number: its last four decimal digits.
    assert ticket_of("regulars") == 9423
    assert all(0 <= ticket_of(str(number)) < TICKETS for number in range(1_000))


@pytest.fixture
def member(db: None) -> Member:
    plain_programme()
    return rich_member()


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> object:
    """Choose the ticket: the randomness of the system is the edge."""

    def choose(ticket: int) -> None:
        number = next(n for n in range(1_000_000) if ticket_of(f"{n:064x}") == ticket)
        monkeypatch.setattr(services.secrets, "token_hex", lambda size: f"{number:064x}")

    return choose


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


def names(item: Reward) -> dict[str, int]:
    return {found.name_en: found.taken for found in LotteryPrize.objects.of(item)}


def test_a_draw_is_recorded_with_what_decided_it(member: Member) -> None:
    item = lottery()
    order = redeemed(member, item)
    draw = LotteryDraw.objects.get(order=order)
    assert draw.ticket == ticket_of(draw.seed)
    assert prize_at(draw.odds, draw.ticket) == draw.prize_id
    assert [weight for _prize, weight in draw.odds] == [100, 1_000, 8_900]
    assert sum(names(item).values()) == 1
    assert broken() == {}


def test_points_are_won_and_spendable_at_once(member: Member, seeded: object) -> None:
    seeded(100)  # type: ignore[operator]
    order = redeemed(member, lottery())
    assert (order.status, balance(member)) == ("delivered", 950)
    with pytest.raises(OrderFinal):
        cancel_order(order=order, now=NOON)
    assert broken() == {}


def test_goods_that_are_won_wait_to_be_collected(member: Member, seeded: object) -> None:
    seeded(99)  # type: ignore[operator]
    order = redeemed(member, lottery())
    assert (order.status, order.draw.prize.name_en) == ("pending", "Bicycle")
    assert make_order_ready(order=order, operator=OperatorFactory(), now=NOON).status == "ready"


def test_a_prize_that_is_gone_leaves_its_chance(member: Member, seeded: object) -> None:
    item = lottery()
    seeded(99)  # type: ignore[operator]
    redeemed(member, item, "a")
    order = redeemed(member, item, "b")
    assert order.draw.prize.name_en == "Fifty points"
    assert [weight for _prize, weight in order.draw.odds] == [1_100, 8_900]
    assert names(item) == {"Bicycle": 1, "Fifty points": 1, "Nothing this time": 0}
    assert broken() == {}


def test_a_coupon_is_won_until_its_offer_is_out(member: Member, seeded: object) -> None:
    item = reward(kind="lottery", points=100)
    prize(item, "Coupon", kind="coupon", coupon_template=offer(stock=1), weight=5_000)
    prize(item, "Nothing", weight=5_000)
    seeded(0)  # type: ignore[operator]
    won, lost = redeemed(member, item, "a"), redeemed(member, item, "b")
    assert won.coupon == Coupon.objects.get(member=member)
    assert (lost.coupon, lost.draw.prize.name_en) == (None, "Nothing")
    assert broken() == {}


def test_a_key_draws_once(member: Member) -> None:
    item = lottery()
    assert redeemed(member, item).pk == redeemed(member, item).pk
    assert LotteryDraw.objects.count() == 1


def test_an_unready_lottery_costs_nothing(member: Member) -> None:
    item = reward(kind="lottery")
    prize(item, "Half", weight=5_000)
    with pytest.raises(LotteryNotReady):
        redeemed(member, item)
    assert (balance(member), RewardOrder.objects.count()) == (1_000, 0)
    assert broken() == {}
