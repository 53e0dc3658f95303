"""Points that several connections want at once, on PostgreSQL.

Every race has a control that takes the guards out (the lock and the constraints behind it) and
shows the books broken: else a race that nobody runs would pass as well.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, models, transaction

from common import clock
from common.append_only import drop_triggers
from common.proof import configured_checks, prove
from loyalty.errors import InsufficientPoints, RefundExceedsPurchase, RestoreExceedsRedemption
from loyalty.jobs import expire_points
from loyalty.models import PointsAccount, PointsEntry, PointsLot, Purchase, Refund
from loyalty.models.points import PointsAccountQuerySet
from loyalty.models.purchases import PurchaseQuerySet
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import plain_programme

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
ROUNDS = 5
# Without the guards a collision is likely, not certain: a control tries this often.
ATTEMPTS = 30

CONSTRAINTS: list[tuple[type[models.Model], str]] = [
    (PointsEntry, "entry_number_once"),
    (PointsEntry, "entry_key_once"),
    (PointsLot, "lot_remaining_within_points"),
    (PointsAccount, "account_balance_not_negative"),
    (PointsAccount, "account_once_per_member_and_type"),
    (Purchase, "purchase_once_per_source"),
    (Purchase, "purchase_payment_once"),
]
# Noon in Shanghai, and the first instant at which a lot of that day, valid for a month, is gone.
NOON = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
GONE = datetime(2025, 2, 15, 16, 0, tzinfo=UTC)


@pytest.fixture
def unguarded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rows are read instead of locked, and no constraint stands behind the lock."""

    def unlocked(
        accounts: PointsAccountQuerySet, members: list[int], kinds: list[int]
    ) -> list[PointsAccount]:
        found = accounts.filter(member_id__in=members, point_type_id__in=kinds)
        return list(found.order_by("id"))

    def unlocked_by_code(
        accounts: PointsAccountQuerySet, member: int, code: str
    ) -> PointsAccount | None:
        return accounts.filter(member_id=member, point_type__code=code).first()

    def unlocked_purchase(purchases: PurchaseQuerySet, **options: Any) -> PurchaseQuerySet:
        return purchases

    monkeypatch.setattr(PointsAccountQuerySet, "lock", unlocked)
    monkeypatch.setattr(PointsAccountQuerySet, "lock_by_code", unlocked_by_code)
    monkeypatch.setattr(PurchaseQuerySet, "select_for_update", unlocked_purchase, raising=False)
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.remove_constraint(model, constraint(model, name))
    yield
    # What the race has broken must go before the constraints can come back.
    drop_triggers(connection)
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE loyalty_pointsaccount, loyalty_purchase CASCADE")
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.add_constraint(model, constraint(model, name))


def constraint(model: type[models.Model], name: str) -> models.BaseConstraint:
    return next(found for found in model._meta.constraints if found.name == name)


def member_with(points: int, now: datetime | None = None) -> Member:
    """A member with one lot that can be spent at once."""
    member = MemberFactory.create(joined_at=NOON)
    adjust_points(member=member, points=points, key="start", reason="A start", now=now)
    return member


def broken() -> set[str]:
    """The statements of the proof that do not hold."""
    return {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean}


def points_of(member: Member) -> tuple[int, int]:
    account = PointsAccount.objects.get(member=member)
    return account.balance, account.debt


def breaks(race: Callable[[], bool]) -> bool:
    """Run a race without its guards until it goes wrong, the books included."""
    return any(not race() or broken() for _attempt in range(ATTEMPTS))


# --- The same key, fifty times ----------------------------------------------------------------


def same_key_has_one_effect(act: Callable[[], PointsEntry], before: int) -> bool:
    answers = all_at_once([act] * THREADS)
    return len({entry.pk for entry in answers}) == 1 and PointsEntry.objects.count() == before + 1


def redeem_by_one_key() -> bool:
    member = member_with(100)
    before = PointsEntry.objects.count()
    spend = partial(redeem_points, member=member, points=7, key="spend")
    return same_key_has_one_effect(spend, before) and points_of(member) == (93, 0)


def earn_by_one_key() -> bool:
    member = member_with(1)
    before = PointsEntry.objects.count()
    earn = partial(earn_points, member=member, points=5, key="k")
    return same_key_has_one_effect(earn, before) and points_of(member) == (6, 0)


def restore_by_one_key() -> bool:
    member = member_with(100)
    redemption = redeem_points(member=member, points=60, key="spend")
    before = PointsEntry.objects.count()
    # So little that fifty of them fit, if nothing keeps the key to one.
    undo = partial(restore_points, redemption=redemption, points=1, key="undo")
    return same_key_has_one_effect(undo, before) and points_of(member) == (41, 0)


@pytest.mark.parametrize("race", [redeem_by_one_key, earn_by_one_key, restore_by_one_key])
def test_one_key_has_one_effect(race: Callable[[], bool]) -> None:
    plain_programme()
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize("race", [redeem_by_one_key, earn_by_one_key, restore_by_one_key])
def test_one_key_has_many_effects_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    plain_programme()
    assert breaks(race)
    assert "I08" in broken()


def earn_first_points() -> bool:
    """The account itself is made by whoever comes first."""
    member = MemberFactory.create()
    earn = partial(earn_points, member=member, points=5)
    # Where there are two accounts, asking for the one is a programming error.
    all_at_once([outcome(partial(earn, key=f"k:{number}"), ValueError) for number in range(10)])
    balances = PointsAccount.objects.filter(member=member).values_list("balance", flat=True)
    return list(balances) == [50]


def test_first_points_make_one_account() -> None:
    plain_programme()
    assert all(earn_first_points() for _round in range(ROUNDS))
    assert broken() == set()


def test_first_points_make_several_accounts_without_guards(unguarded: None) -> None:
    plain_programme()
    assert breaks(earn_first_points)


# --- All points twice -------------------------------------------------------------------------


def spend_all(threads: int = 5) -> bool:
    member = member_with(100)
    spend = partial(redeem_points, member=member, points=100)
    keys = [f"spend:{number}" for number in range(threads)]
    told = all_at_once([outcome(partial(spend, key=key), InsufficientPoints) for key in keys])
    refused = ["InsufficientPoints"] * (threads - 1)
    return sorted(told) == [*refused, "done"] and points_of(member) == (0, 0)


def spend_all_by_fifty() -> bool:
    return spend_all(THREADS)


def restore_all() -> bool:
    member = member_with(100)
    redemption = redeem_points(member=member, points=100, key="spend")
    undo = partial(restore_points, redemption=redemption, points=60)
    keys = [f"undo:{number}" for number in range(5)]
    told = all_at_once([outcome(partial(undo, key=key), RestoreExceedsRedemption) for key in keys])
    refused = ["RestoreExceedsRedemption"] * 4
    return sorted(told) == [*refused, "done"] and points_of(member) == (60, 0)


@pytest.mark.parametrize("race", [spend_all, spend_all_by_fifty, restore_all])
def test_all_points_go_once(race: Callable[[], bool]) -> None:
    plain_programme()
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize("race", [spend_all, restore_all])
def test_all_points_go_twice_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    plain_programme()
    assert breaks(race)
    assert broken() != set()


# --- A spend and the night that expires the same lot ------------------------------------------


def expire_as_of(at: datetime, member: Member) -> None:
    """As a night's range does it: in one transaction."""
    with transaction.atomic():
        expire_points(clock.business_date(at), member.pk, member.pk)


def redeem_while_expiring() -> bool:
    """Whoever comes first has the points: spent in the last second, or gone at midnight."""
    member = member_with(100, now=NOON)
    spend = partial(redeem_points, member=member, points=100, key="spend")
    last_second = GONE - timedelta(seconds=1)
    told = all_at_once(
        [
            outcome(partial(spend, now=last_second), InsufficientPoints, OperationalError),
            outcome(partial(expire_as_of, GONE, member), OperationalError),
        ]
    )
    kinds = PointsEntry.objects.filter(account__member=member).exclude(kind="adjust")
    won = {("done", "done"): "redeem", ("InsufficientPoints", "done"): "expire"}.get(
        (told[0], told[1])
    )
    return [entry.kind for entry in kinds] == [won] and points_of(member) == (0, 0)


def test_points_are_spent_or_expire() -> None:
    plain_programme(expiry="1M")
    assert all(redeem_while_expiring() for _round in range(3 * ROUNDS))
    assert broken() == set()


def test_points_are_spent_and_expire_without_guards(unguarded: None) -> None:
    """The night still locks: then both have the points, or each waits for the other in vain."""
    plain_programme(expiry="1M")
    assert breaks(redeem_while_expiring)


# --- A credit and a refund that claws back ----------------------------------------------------


def refund(number: str, amount: int, **facts: Any) -> Refund:
    return record_refund(
        source="till", external_id=number, at=NOON, amount=Decimal(amount), **facts
    )


def earn_while_refunding() -> bool:
    """In either order nothing is left and nothing is owed."""
    member = member_with(1)
    earn = [partial(earn_points, member=member, points=20, key=f"k:{n}") for n in range(5)]
    back = [partial(refund, f"C-{member.pk}-{n}", 20, member=member) for n in range(5)]
    acts: list[Callable[[], object]] = [*earn, *back]
    all_at_once([outcome(act) for act in acts])
    return points_of(member) == (1, 0)


def test_credits_and_refunds_cancel_out() -> None:
    plain_programme()
    assert all(earn_while_refunding() for _round in range(ROUNDS))
    assert broken() == set()


def test_credits_and_refunds_are_lost_without_guards(unguarded: None) -> None:
    plain_programme()
    assert breaks(earn_while_refunding)
    assert broken() != set()


# --- The same purchase twice, and its refunds at once -----------------------------------------


def buy(member: Member, number: str) -> Purchase:
    return record_purchase(
        source="till", external_id=number, at=NOON, amount=Decimal(100), member=member, now=NOON
    )


def record_one_purchase(threads: int = 10) -> bool:
    member = member_with(1)
    answers = all_at_once([partial(buy, member, f"R-{member.pk}")] * threads)
    is_one = len({purchase.pk for purchase in answers}) == 1
    return is_one and member.purchases.count() == 1 and points_of(member) == (102, 0)


def test_purchase_is_recorded_once() -> None:
    plain_programme(points=101, per_amount="100.00")
    assert all(record_one_purchase() for _round in range(ROUNDS))
    assert broken() == set()


def test_purchase_is_recorded_twice_without_guards(unguarded: None) -> None:
    plain_programme(points=101, per_amount="100.00")
    assert breaks(record_one_purchase)
    assert Purchase.objects.count() > Purchase.objects.values("external_id").distinct().count()


def refund_in_parts() -> bool:
    """Twelve tenths of a purchase: ten are refunded and take back exactly what it earned."""
    member = MemberFactory.create()
    purchase = buy(member, f"R-{member.pk}")
    numbers = [f"C-{member.pk}-{number}" for number in range(12)]
    parts = [partial(refund, number, 10, purchase=purchase) for number in numbers]
    told = all_at_once([outcome(part, RefundExceedsPurchase) for part in parts])
    taken = PointsEntry.objects.filter(refund__purchase=purchase).total()
    return told.count("done") == 10 and taken == -101 and points_of(member) == (0, 0)


def test_refunds_at_once_take_back_what_was_earned() -> None:
    plain_programme(points=101, per_amount="100.00")
    assert all(refund_in_parts() for _round in range(ROUNDS))
    assert broken() == set()


def test_refunds_at_once_take_back_too_much_without_guards(unguarded: None) -> None:
    plain_programme(points=101, per_amount="100.00")
    assert breaks(refund_in_parts)
