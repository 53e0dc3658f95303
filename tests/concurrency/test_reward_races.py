"""Rewards that several connections want at once, on PostgreSQL.

Every race has a control that takes its guards out and shows the books broken: else a race that
nobody runs would pass as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, models, transaction

from benefits.errors import RewardLimitReached, RewardSoldOut
from benefits.models import LotteryPrize, Reward, RewardCounter, RewardOrder
from benefits.models.lottery import LotteryPrizeQuerySet
from benefits.models.reward_orders import RewardOrderQuerySet
from benefits.models.rewards import RewardCounterQuerySet, RewardQuerySet
from benefits.services import redeeming, reward_orders
from benefits.services.reward_orders import cancel_order
from common.append_only import drop_triggers
from common.errors import DomainError
from common.proof import configured_checks, prove
from loyalty.errors import InsufficientPoints
from loyalty.models import PointsAccount, PointsEntry, PointsLot
from loyalty.models.points import PointsAccountQuerySet
from members.models import Member
from tests.benefits.offers import NOON
from tests.benefits.rewards import prize, redeemed, reward, rich_member
from tests.loyalty.programmes import plain_programme

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 20
ROUNDS = 2
# Without the guards a collision is likely, not certain: a control tries this often.
ATTEMPTS = 20

CONSTRAINTS: list[tuple[type[models.Model], str]] = [
    (Reward, "reward_within_stock"),
    (LotteryPrize, "lotteryprize_within_stock"),
    (RewardOrder, "rewardorder_key_once"),
    (RewardOrder, "rewardorder_edition_once"),
]
OF_THE_LEDGER: list[tuple[type[models.Model], str]] = [
    (PointsEntry, "entry_number_once"),
    (PointsLot, "lot_remaining_within_points"),
    (PointsAccount, "account_balance_not_negative"),
]


@pytest.fixture(autouse=True)
def programme(transactional_db: None) -> None:
    plain_programme()


def take(rows: RewardQuerySet) -> bool:
    item = rows.get()
    if item.stock is not None and item.taken >= item.stock:
        return False
    return Reward.objects.filter(pk=item.pk).update(taken=item.taken + 1) == 1


def take_prize(rows: LotteryPrizeQuerySet) -> bool:
    found = rows.get()
    return LotteryPrize.objects.filter(pk=found.pk).update(taken=found.taken + 1) == 1


def count_up(rows: RewardCounterQuerySet, *, most: int | None) -> bool:
    counter = rows.get()
    if most is not None and counter.taken >= most:
        return False
    return RewardCounter.objects.filter(pk=counter.pk).update(taken=counter.taken + 1) == 1


@pytest.fixture
def unguarded(programme: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is scarce is read, then written; only the ledger keeps its own locks."""
    monkeypatch.setattr(RewardQuerySet, "take", take)
    monkeypatch.setattr(LotteryPrizeQuerySet, "take", take_prize)
    monkeypatch.setattr(LotteryPrizeQuerySet, "locked", lambda rows: rows)
    monkeypatch.setattr(RewardCounterQuerySet, "count_up", count_up)
    monkeypatch.setattr(RewardOrderQuerySet, "locked", lambda rows: rows)
    monkeypatch.setattr(redeeming, "lock_base_account", lambda member: None)
    monkeypatch.setattr(reward_orders, "lock_base_account", lambda member: None)
    with without(CONSTRAINTS, "benefits_reward"):
        yield


@pytest.fixture
def unguarded_ledger(programme: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The account's row is read instead of locked, and no constraint stands behind the lock."""

    def unlocked(
        accounts: PointsAccountQuerySet, members: list[int], kinds: list[int]
    ) -> list[PointsAccount]:
        found = accounts.filter(member_id__in=members, point_type_id__in=kinds)
        return list(found.order_by("id"))

    def unlocked_by_code(
        accounts: PointsAccountQuerySet, member: int, code: str
    ) -> PointsAccount | None:
        return accounts.filter(member_id=member, point_type__code=code).first()

    monkeypatch.setattr(PointsAccountQuerySet, "lock", unlocked)
    monkeypatch.setattr(PointsAccountQuerySet, "lock_by_code", unlocked_by_code)
    with without(OF_THE_LEDGER, "loyalty_pointsaccount, benefits_reward"):
        yield


@contextmanager
def without(constraints: list[tuple[type[models.Model], str]], tables: str) -> Iterator[None]:
    """Named constraints taken out; what breaks them goes before they come back."""
    with connection.schema_editor() as editor:
        for model, name in constraints:
            editor.remove_constraint(model, constraint(model, name))
    yield
    drop_triggers(connection)
    with connection.schema_editor() as editor:
        editor.execute(f"TRUNCATE {tables} CASCADE")
    with connection.schema_editor() as editor:
        for model, name in constraints:
            editor.add_constraint(model, constraint(model, name))


def constraint(model: type[models.Model], name: str) -> models.BaseConstraint:
    return next(found for found in model._meta.constraints if found.name == name)


def broken() -> set[str]:
    """The statements of the proof that do not hold."""
    return {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean}


def breaks(race: Callable[[], bool]) -> bool:
    """Run a race without its guards until it goes wrong."""
    return any(not race() for _attempt in range(ATTEMPTS))


def new_reward(**details: object) -> Reward:
    return reward(f"reward-{Reward.objects.count()}", **details)


def rich_members(count: int = THREADS) -> list[Member]:
    return [rich_member() for _number in range(count)]


def take_the_last_piece() -> bool:
    item = new_reward(stock=1)
    members = rich_members()
    told = all_at_once(
        [outcome(partial(redeemed, member, item), RewardSoldOut) for member in members]
    )
    spent = PointsAccount.objects.filter(member__in=members, balance=700).count()
    return told.count("done") == 1 and item.orders.count() == 1 and spent == 1


def number_an_edition() -> bool:
    """Ten numbered pieces, wanted by twenty: each number once."""
    item = new_reward(stock=10, is_numbered=True)
    all_at_once(
        [outcome(partial(redeemed, member, item), RewardSoldOut) for member in rich_members()]
    )
    numbers = item.orders.order_by("edition").values_list("edition", flat=True)
    return list(numbers) == list(range(1, 11))


def take_ones_last() -> bool:
    item, member = new_reward(points=1, per_member_limit=1), rich_member()
    # Else the first insert of the counter would hold up the others.
    RewardCounter.objects.open_for(item, member)
    keys = [f"k{number}" for number in range(THREADS)]
    told = all_at_once(
        [outcome(partial(redeemed, member, item, key), RewardLimitReached) for key in keys]
    )
    return told.count("done") == 1 and item.orders.count() == 1


def count_ones_last() -> bool:
    """The counter alone: in a redemption the account's lock stands in front of it."""
    item, member = new_reward(per_member_limit=1), rich_member()
    RewardCounter.objects.open_for(item, member)
    take_one = partial(transaction.atomic(redeeming.take_for), item, member)
    told = all_at_once([outcome(take_one, RewardLimitReached)] * THREADS)
    RewardCounter.objects.filter(reward=item).delete()
    Reward.objects.filter(pk=item.pk).delete()
    return told.count("done") == 1


def spend_all_points_on_two_rewards() -> bool:
    items, member = [new_reward(points=1_000), new_reward(points=1_000)], rich_member()
    acts = [
        outcome(partial(redeemed, member, item, f"k{item.pk}-{number}"), InsufficientPoints)
        for item in items
        for number in range(THREADS // 2)
    ]
    told = all_at_once(acts)
    balance = PointsAccount.objects.get(member=member).balance
    return told.count("done") == 1 and balance == 0


def redeem_by_one_key() -> bool:
    item, member = new_reward(points=10), rich_member()
    orders = all_at_once([partial(redeemed, member, item)] * THREADS)
    is_once = PointsAccount.objects.get(member=member).balance == 990
    return len({order.pk for order in orders}) == 1 and item.orders.count() == 1 and is_once


def draw_the_last_prize() -> bool:
    """Everyone would draw the one bicycle: one does, the others draw what is without end."""
    item = new_reward(kind="lottery", points=10)
    bicycle = prize(item, "Bicycle", kind="goods", weight=9_999, stock=1)
    nothing = prize(item, "Nothing", weight=1)
    all_at_once([partial(redeemed, member, item) for member in rich_members()])
    draws = {found.pk: found.draws.count() for found in (bicycle, nothing)}
    return draws == {bicycle.pk: 1, nothing.pk: THREADS - 1}


def cancel_often() -> bool:
    """However often it is sent, the points and the piece come back once."""
    item, member = new_reward(stock=1), rich_member()
    order = redeemed(member, item)
    all_at_once([outcome(partial(cancel_order, order=order, now=NOON), DomainError)] * THREADS)
    item.refresh_from_db()
    return PointsAccount.objects.get(member=member).balance == 1_000 and item.taken == 0


RACES = [
    take_the_last_piece,
    number_an_edition,
    take_ones_last,
    count_ones_last,
    spend_all_points_on_two_rewards,
    redeem_by_one_key,
    draw_the_last_prize,
    cancel_often,
]


@pytest.mark.parametrize("race", RACES)
def test_holds(race: Callable[[], bool]) -> None:
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize("race", [take_the_last_piece, count_ones_last])
def test_breaks_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    assert breaks(race)


@pytest.mark.parametrize("race", [number_an_edition, draw_the_last_prize])
def test_breaks_without_the_rewards_row(
    unguarded: None, monkeypatch: pytest.MonkeyPatch, race: Callable[[], bool]
) -> None:
    """Moving the stock holds the row while a number or a prize is sought; here nothing moves."""
    monkeypatch.setattr(RewardQuerySet, "take", lambda rows: True)
    assert breaks(race)


def test_all_points_go_twice_without_the_accounts_lock(unguarded_ledger: None) -> None:
    assert breaks(spend_all_points_on_two_rewards)
