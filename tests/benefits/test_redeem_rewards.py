"""Redeeming a reward takes points, stock and limit together, or nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benefits.errors import (
    AddressMissing,
    LimitReached,
    PriceChanged,
    RewardEnded,
    RewardLimitReached,
    RewardNotForTier,
    RewardNotFound,
    RewardNotStarted,
    RewardRefusal,
    RewardSoldOut,
    RewardSpendTooLow,
    RewardSpendTooLowLately,
)
from benefits.models import Coupon, CouponTemplate, Reward, RewardCounter, RewardOrder
from common.errors import DomainError
from loyalty.errors import DebtOutstanding, InsufficientPoints, KeyReused
from loyalty.models import PointsAccount, PointsEntry, Tier
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken

from .offers import NOON, offer, stand_on
from .rewards import price, redeemed, reward, reward_window, rich_member

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def tiers(db: None) -> list[Tier]:
    plain_programme()
    return list(Tier.objects.by_rank())


@pytest.fixture
def member(tiers: list[Tier]) -> Member:
    return rich_member()


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


def assert_refused(refusal: type[DomainError], member: Member, item: Reward, **asked: Any) -> None:
    """It is refused, and nothing moved."""
    before = (balance(member), Reward.objects.get(pk=item.pk).taken, RewardOrder.objects.count())
    with pytest.raises(refusal):
        redeemed(member, item, "refused", **asked)
    after = (balance(member), Reward.objects.get(pk=item.pk).taken, RewardOrder.objects.count())
    assert after == before
    assert broken() == {}


def test_takes_the_points_and_one_piece(member: Member) -> None:
    item = reward(stock=2, money=Decimal("9.90"))
    order = redeemed(member, item)
    assert (order.status, order.points, order.money) == ("pending", 300, Decimal("9.90"))
    assert order.number == f"R{order.pk:08d}"
    assert balance(member) == 700
    assert (order.entry.kind, order.entry.points) == ("redeem", -300)
    item.refresh_from_db()
    assert (item.taken, item.left) == (1, 1)
    assert [step.status for step in order.steps.all()] == ["pending"]
    assert broken() == {}


def test_a_key_redeems_once_even_when_points_and_stock_are_gone(member: Member) -> None:
    item = reward(stock=1, points=1_000)
    assert redeemed(member, item).pk == redeemed(member, item).pk
    assert (balance(member), RewardOrder.objects.count()) == (0, 1)


def test_a_key_is_of_one_reward(member: Member) -> None:
    redeemed(member, reward())
    with pytest.raises(KeyReused):
        redeemed(member, reward("bag"))


def test_a_coupon_is_issued_at_once(member: Member) -> None:
    item = reward(kind="coupon", coupon_template=offer())
    order = redeemed(member, item)
    assert order.status == "delivered"
    assert order.coupon == Coupon.objects.get(member=member)
    assert broken() == {}


def test_a_coupon_that_cannot_be_issued_costs_nothing(member: Member) -> None:
    template = offer(stock=1)
    item = reward(kind="coupon", coupon_template=template)
    redeemed(rich_member(), item)
    assert_refused(RewardSoldOut, member, item)
    CouponTemplate.objects.update(stock=None, is_active=False)
    assert_refused(RewardSoldOut, member, item)
    CouponTemplate.objects.update(is_active=True, per_member_limit=1)
    redeemed(member, item)
    assert_refused(LimitReached, member, item)


def test_more_points_than_there_are_are_refused(member: Member) -> None:
    assert_refused(InsufficientPoints, member, reward(points=1_001))


def test_debt_is_paid_before_rewards(member: Member) -> None:
    bought = record_purchase(
        source="till", external_id="P", at=NOON, amount=Decimal(100), member=member, now=NOON
    )
    redeemed(member, reward("all", points=1_100))
    record_refund(
        source="till", external_id="R", at=NOON, amount=Decimal(100), purchase=bought, now=NOON
    )
    assert_refused(DebtOutstanding, member, reward(points=1))


@pytest.mark.parametrize(
    ("refusal", "details"),
    [
        (RewardNotFound, {"is_active": False}),
        (RewardNotStarted, {"starts_at": NOON + timedelta(seconds=1)}),
        (RewardEnded, {"ends_at": NOON}),
        (RewardSoldOut, {"stock": 0}),
        (RewardSpendTooLow, {"minimum_spend": Decimal("0.01")}),
        (AddressMissing, {"is_sent": True}),
    ],
)
def test_is_refused_for(
    member: Member, refusal: type[RewardRefusal], details: dict[str, Any]
) -> None:
    assert_refused(refusal, member, reward(**details))


def test_is_open_from_its_first_to_its_last_instant(member: Member) -> None:
    item = reward(starts_at=NOON, ends_at=NOON + timedelta(seconds=1))
    assert redeemed(member, item, now=NOON).points == 300


def test_nobody_gets_more_than_the_limit(member: Member) -> None:
    item = reward(per_member_limit=2)
    for key in "ab":
        redeemed(member, item, key)
    assert_refused(RewardLimitReached, member, item)
    assert RewardCounter.objects.get().taken == 2


def test_higher_tiers_come_earlier(member: Member, tiers: list[Tier]) -> None:
    item = reward()
    reward_window(item, tiers[2])
    assert_refused(RewardNotForTier, member, item)
    reward_window(item, tiers[0], NOON + DAY)
    assert_refused(RewardNotStarted, member, item)
    stand_on(member, tiers[3])
    assert redeemed(member, item).status == "pending"


def test_a_closed_window_is_over(member: Member, tiers: list[Tier]) -> None:
    item = reward()
    reward_window(item, tiers[0], NOON - DAY, NOON)
    assert_refused(RewardEnded, member, item)


def test_a_tier_pays_its_own_price_and_a_promotion_less(member: Member, tiers: list[Tier]) -> None:
    item = reward(promotional_points=200, promotion_starts_at=NOON, promotion_ends_at=NOON + DAY)
    price(item, tiers[1], 250)
    price(item, tiers[3], 150)
    paid = [redeemed(member, item, "a", now=NOON - timedelta(seconds=1)).points]
    paid.append(redeemed(member, item, "b", now=NOON).points)
    stand_on(member, tiers[2])
    paid.append(redeemed(member, item, "c", now=NOON + DAY).points)
    assert paid == [300, 200, 250]


def test_another_price_than_the_confirmed_one_is_refused(member: Member) -> None:
    assert_refused(PriceChanged, member, reward(), points=299)
    assert redeemed(member, reward("bag"), points=300).points == 300


def test_a_minimum_purchase_counts_what_was_not_refunded_lately(member: Member) -> None:
    item = reward(minimum_spend=Decimal(100), spend_days=30)
    old, new = NOON - 31 * DAY, NOON - 30 * DAY
    for number, at in (("old", old), ("new", new)):
        record_purchase(
            source="till",
            external_id=number,
            at=at,
            amount=Decimal(100),
            member=member,
            now=NOON,
        )
    record_refund(
        source="till",
        external_id="R",
        at=NOON - DAY,
        amount=Decimal("0.01"),
        member=member,
        now=NOON,
    )
    assert_refused(RewardSpendTooLowLately, member, item)
    item.spend_days = None
    item.save()
    assert redeemed(member, item).status == "pending"


def test_a_limited_edition_numbers_its_pieces(member: Member) -> None:
    item = reward(stock=2, is_numbered=True)
    orders = [redeemed(member, item, key) for key in "ab"]
    assert [order.edition for order in orders] == [1, 2]
    assert_refused(RewardSoldOut, member, item)


def test_what_is_sent_keeps_its_address(member: Member) -> None:
    order = redeemed(member, reward(is_sent=True), deliver_to=" 5 Tea Lane ")
    assert order.deliver_to == "5 Tea Lane"
    assert redeemed(member, reward("bag"), "b", deliver_to="5 Tea Lane").deliver_to == ""


def test_the_ledger_says_what_the_points_were_for(member: Member) -> None:
    entry = redeemed(member, reward()).entry
    assert PointsEntry.objects.get(pk=entry.pk).note.text == "Mug"


def test_holds_the_rewards_row_for_two_statements(member: Member) -> None:
    """Whoever else wants the last piece waits for the order and its step, and for nothing more."""
    item = reward(stock=1)
    with CaptureQueriesContext(connection) as asked:
        redeemed(member, item)
    statements = [query["sql"] for query in asked]
    (moved,) = (n for n, sql in enumerate(statements) if 'UPDATE "benefits_reward" ' in sql)
    behind = [sql.split(" (")[0] for sql in statements[moved + 1 :] if "SAVEPOINT" not in sql]
    assert [sql for sql in behind if sql != "COMMIT"] == [
        'INSERT INTO "benefits_rewardorder"',
        'INSERT INTO "benefits_rewardorderstep"',
    ]


@pytest.mark.parametrize(("language", "reason"), [("en", "Mug"), ("zh-hans", "马克杯")])
def test_the_ledger_names_it_in_the_members_language(language: str, reason: str) -> None:
    plain_programme()
    order = redeemed(rich_member(language=language), reward())
    assert order.entry.note.text == reason
