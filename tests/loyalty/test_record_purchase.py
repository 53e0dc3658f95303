"""Recording a purchase: once, at its own date, and what it earns."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from pytest_django import Settings

from loyalty.errors import (
    AmountNegative,
    HappensInFuture,
    LinesDoNotAddUp,
    PurchaseConflict,
)
from loyalty.models import PointsAccount, PointsEntry, PointsLot, Purchase, PurchaseLine
from loyalty.services import points as by_hand
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory, StoreFactory

from .programmes import (
    base_points,
    earning_rule,
    full_programme,
    growth_points,
    local,
    plain_programme,
)
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon_in_shanghai() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def buy(member: Member | None, amount: str = "100.00", **facts: Any) -> Purchase:
    number = f"R-{Purchase.objects.count() + 1}"
    details = {"source": "till", "external_id": number, "at": NOON, **facts}
    return record_purchase(member=member, amount=Decimal(amount), **details)


def ledger() -> list[tuple[str, int, int, int]]:
    rows = PointsEntry.objects.order_by("account_id", "number")
    return list(rows.values_list("kind", "points", "debt_change", "balance_after"))


def test_earns_by_the_rules_in_force() -> None:
    plain_programme()
    purchase = buy(MemberFactory.create(), "219.99")
    entry = PointsEntry.objects.get()
    assert (entry.kind, entry.number, entry.points, entry.debt_change) == ("earn", 1, 219, 0)
    assert (entry.balance_after, entry.debt_after) == (219, 0)
    assert (entry.at, entry.business_date) == (NOON, date(2025, 3, 14))
    assert entry.purchase == purchase
    (rule,) = entry.breakdown["rules"]
    assert (entry.breakdown["amount"], rule["gives"]) == ("219.99", "219.99")


def test_opens_a_lot_and_moves_the_account() -> None:
    plain_programme()
    buy(MemberFactory.create(), "219.99")
    lot = PointsLot.objects.get()
    assert (lot.points, lot.remaining, lot.expiry) == (219, 219, "never")
    assert (lot.available_at, lot.expires_at) == (NOON, None)
    assert lot.activated_on == date(2025, 3, 14)
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt, account.entry_count) == (219, 0, 1)
    assert account.last_entry_at == NOON


def test_earns_each_kind_by_its_rules() -> None:
    base, growth = full_programme()
    buy(MemberFactory.create(), "19.90")
    assert ledger() == [("earn", 19, 0, 19), ("earn", 19, 0, 19)]
    accounts = PointsAccount.objects.order_by("id").values_list("point_type", "is_spendable")
    assert list(accounts) == [(base.pk, True), (growth.pk, False)]
    assert PointsLot.objects.count() == 1


def test_earns_by_the_current_version_only() -> None:
    kind = base_points()
    earning_rule(kind, points=5, code="till", is_current=False)
    earning_rule(kind, points=2, code="till", version=2)
    buy(MemberFactory.create(), "10.00")
    (line,) = PointsEntry.objects.get().breakdown["rules"]
    assert (line["version"], line["gives"]) == (2, "20")


@pytest.mark.parametrize(
    ("amount", "points"), [("0.00", []), ("0.99", []), ("1.00", [1]), ("1.01", [1])]
)
def test_posts_nothing_for_less_than_a_point(amount: str, points: list[int]) -> None:
    plain_programme()
    purchase = buy(MemberFactory.create(), amount)
    assert purchase.amount == Decimal(amount)
    assert [row[1] for row in ledger()] == points


def test_guest_earns_nothing() -> None:
    plain_programme()
    purchase = buy(None)
    assert purchase.member is None
    assert Purchase.objects.get().amount == Decimal("100.00")
    assert not PointsAccount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_refuses_a_member_who_does_not_exist() -> None:
    plain_programme()
    with pytest.raises(IntegrityError):
        buy(Member(pk=4711, joined_on=date(2025, 1, 1)))
    assert not Purchase.objects.exists()
    assert not PointsAccount.objects.exists()


def test_earns_nothing_before_there_are_rules() -> None:
    base_points()
    buy(MemberFactory.create())
    assert Purchase.objects.count() == 1
    assert not PointsEntry.objects.exists()


def test_keeps_lines_and_store() -> None:
    plain_programme()
    store = StoreFactory.create()
    lines = [
        Line("A-1", Decimal("2"), Decimal("9.9950"), Decimal("19.99"), "Tea"),
        Line("B-2", Decimal("0.500"), Decimal("20.02"), Decimal("10.01")),
    ]
    purchase = buy(MemberFactory.create(), "30.00", lines=lines, store=store)
    assert purchase.store == store
    kept = PurchaseLine.objects.order_by("number")
    assert list(kept.values_list("number", "sku", "amount", "unit_price")) == [
        (1, "A-1", Decimal("19.99"), Decimal("9.9950")),
        (2, "B-2", Decimal("10.01"), Decimal("20.0200")),
    ]


def lines_of(*amounts: str) -> list[Line]:
    return [Line("A", Decimal(1), Decimal(amount), Decimal(amount)) for amount in amounts]


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"amount": "-0.01"}, AmountNegative),
        ({"at": NOON + timedelta(minutes=10, seconds=1)}, HappensInFuture),
        ({"lines": lines_of("60.00", "39.99")}, LinesDoNotAddUp),
        ({"lines": lines_of("60.00", "40.01")}, LinesDoNotAddUp),
        ({"lines": lines_of("0.00")}, LinesDoNotAddUp),
    ],
)
def test_refuses_what_cannot_be(facts: dict[str, Any], refusal: type[Exception]) -> None:
    plain_programme()
    with pytest.raises(refusal):
        buy(MemberFactory.create(), **facts)
    assert not Purchase.objects.exists()
    assert not PointsAccount.objects.exists()


def test_bears_a_till_ten_minutes_ahead() -> None:
    plain_programme()
    buy(MemberFactory.create(), at=NOON + timedelta(minutes=10))
    assert PointsEntry.objects.get().at == NOON


def test_same_again_gives_the_first_back() -> None:
    plain_programme()
    member = MemberFactory.create()
    first = buy(member, external_id="R-1")
    again = buy(member, external_id="R-1", now=NOON + timedelta(days=1))
    assert again == first
    assert ledger() == [("earn", 100, 0, 100)]
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "100.01"},
        {"at": NOON - timedelta(seconds=1)},
        {"member": None},
        {"member": "another"},
        {"store": "some"},
    ],
)
def test_refuses_other_contents_for_a_known_number(other: dict[str, Any]) -> None:
    plain_programme()
    first: dict[str, Any] = {"member": MemberFactory.create(), "external_id": "R-1"}
    buy(**first)
    if other.get("member"):
        other = {"member": MemberFactory.create()}
    if "store" in other:
        other = {"store": StoreFactory.create()}
    with pytest.raises(PurchaseConflict) as refusal:
        buy(**{**first, **other})
    assert str(refusal.value) == "Purchase R-1 is already recorded with other contents."
    assert ledger() == [("earn", 100, 0, 100)]
    assert Purchase.objects.count() == 1


def test_number_counts_per_source() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, external_id="R-1", source="till")
    buy(member, external_id="R-1", source="online")
    assert [row[1] for row in ledger()] == [100, 100]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Shanghai", datetime(2024, 2, 28, 15, 59, 59, tzinfo=UTC), date(2024, 2, 28)),
        ("Asia/Shanghai", datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
        ("Asia/Shanghai", datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC), date(2024, 2, 29)),
        ("Asia/Shanghai", datetime(2024, 2, 29, 16, 0, tzinfo=UTC), date(2024, 3, 1)),
        # British summer time is an hour ahead of UTC.
        ("Europe/London", datetime(2024, 7, 31, 22, 59, 59, tzinfo=UTC), date(2024, 7, 31)),
        ("Europe/London", datetime(2024, 7, 31, 23, 0, tzinfo=UTC), date(2024, 8, 1)),
        ("Europe/London", datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC), date(2024, 12, 31)),
        ("Europe/London", datetime(2025, 1, 1, 0, 0, tzinfo=UTC), date(2025, 1, 1)),
        # The nights on which the clocks change.
        ("Europe/London", datetime(2024, 3, 30, 23, 59, 59, tzinfo=UTC), date(2024, 3, 30)),
        ("Europe/London", datetime(2024, 3, 31, 0, 0, tzinfo=UTC), date(2024, 3, 31)),
        ("Europe/London", datetime(2024, 10, 26, 22, 59, 59, tzinfo=UTC), date(2024, 10, 26)),
        ("Europe/London", datetime(2024, 10, 26, 23, 0, tzinfo=UTC), date(2024, 10, 27)),
    ],
)
def test_business_date_is_a_day_of_the_programmes_zone(
    settings: Settings, zone: str, at: datetime, day: date
) -> None:
    settings.PROGRAMME_TIMEZONE = zone
    plain_programme()
    purchase = buy(MemberFactory.create(), at=at, now=at)
    assert purchase.business_date == day
    assert PointsEntry.objects.get().business_date == day


@pytest.mark.parametrize(
    ("bought", "spendable", "expires"),
    [
        # 23:59 and 00:00 are two days, so everything lies a day apart.
        ((2025, 1, 15, 23, 59), (2025, 1, 23), (2026, 1, 16)),
        ((2025, 1, 16, 0, 0), (2025, 1, 24), (2026, 1, 17)),
        ((2024, 2, 28, 12, 0), (2024, 3, 7), (2025, 3, 1)),
        ((2024, 2, 29, 12, 0), (2024, 3, 8), (2025, 3, 1)),
        ((2024, 3, 1, 12, 0), (2024, 3, 9), (2025, 3, 2)),
        ((2023, 2, 28, 12, 0), (2023, 3, 8), (2024, 2, 29)),
        ((2024, 12, 31, 12, 0), (2025, 1, 8), (2026, 1, 1)),
    ],
)
def test_holding_and_validity_count_from_the_day_of_the_purchase(
    bought: tuple[int, ...], spendable: tuple[int, ...], expires: tuple[int, ...]
) -> None:
    full_programme()
    at = local(*bought)
    buy(MemberFactory.create(), at=at, now=at)
    lot = PointsLot.objects.get()
    assert (lot.available_at, lot.expires_at) == (local(*spendable), local(*expires))
    assert lot.activated_on is None


@pytest.mark.parametrize(
    ("bought", "expires"),
    [
        ((2025, 1, 28), (2025, 3, 1)),
        ((2025, 1, 31), (2025, 3, 1)),
        ((2024, 1, 30), (2024, 3, 1)),
        ((2025, 3, 31), (2025, 5, 1)),
    ],
)
def test_a_month_ends_with_the_month(bought: tuple[int, ...], expires: tuple[int, ...]) -> None:
    plain_programme(expiry="1M")
    at = local(*bought, 12)
    buy(MemberFactory.create(), at=at, now=at)
    assert PointsLot.objects.get().expires_at == local(*expires)


@pytest.mark.parametrize(
    ("bought", "expires"),
    [
        # Through 30 March (still winter time at its start) and through 29 March.
        ((2025, 2, 28, 12), datetime(2025, 3, 30, 23, 0, tzinfo=UTC)),
        ((2025, 2, 27, 12), datetime(2025, 3, 30, 0, 0, tzinfo=UTC)),
        ((2025, 9, 26, 12), datetime(2025, 10, 26, 23, 0, tzinfo=UTC) + timedelta(hours=1)),
    ],
)
def test_validity_ends_at_midnight_whatever_the_clocks_do(
    settings: Settings, bought: tuple[int, ...], expires: datetime
) -> None:
    settings.PROGRAMME_TIMEZONE = "Europe/London"
    plain_programme(expiry="30D")
    at = local(*bought)
    buy(MemberFactory.create(), at=at, now=at)
    assert PointsLot.objects.get().expires_at == expires


def test_anniversary_is_the_members_own() -> None:
    plain_programme(expiry="anniversary")
    joined = local(2024, 2, 29, 12)
    at = local(2025, 1, 10, 12)
    buy(MemberFactory.create(joined_at=joined), at=at, now=at)
    assert PointsLot.objects.get().expires_at == local(2025, 3, 1)


def test_late_purchase_is_held_from_its_own_day() -> None:
    """Told eight days late, the return window is over: spendable at once."""
    full_programme()
    buy(MemberFactory.create(), at=NOON - timedelta(days=8))
    lot = PointsLot.objects.get()
    assert (lot.available_at, lot.activated_on) == (NOON, date(2025, 3, 14))
    assert lot.expires_at == local(2026, 3, 7)


def test_purchase_older_than_the_validity_earns_what_has_expired() -> None:
    full_programme()
    member = MemberFactory.create()
    buy(member, at=local(2024, 3, 13, 12))
    lot = PointsLot.objects.get()
    assert (lot.points, lot.expires_at) == (100, local(2025, 3, 14))
    assert not PointsLot.objects.for_member(member).spendable(NOON).exists()


def test_ledger_time_never_goes_back() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member, now=NOON)
    buy(member, now=NOON - timedelta(hours=1))
    buy(member, now=NOON + timedelta(seconds=1))
    assert list(PointsEntry.objects.order_by("number").values_list("number", "at")) == [
        (1, NOON),
        (2, NOON),
        (3, NOON + timedelta(seconds=1)),
    ]


def test_lot_keeps_the_policy_it_was_born_with() -> None:
    kind = plain_programme(expiry="12M")
    member = MemberFactory.create()
    buy(member)
    kind.expiry = "1M"
    kind.save(update_fields=["expiry"])
    buy(member)
    assert list(PointsLot.objects.order_by("id").values_list("expiry", "expires_at")) == [
        ("12M", local(2026, 3, 15)),
        ("1M", local(2025, 4, 15)),
    ]


@pytest.mark.parametrize(
    ("amount", "entry", "debt", "lots"),
    [
        ("39.00", ("earn", 39, -39, 0), 1, []),
        ("40.00", ("earn", 40, -40, 0), 0, []),
        ("41.00", ("earn", 41, -40, 1), 0, [1]),
    ],
)
def test_pays_debt_before_it_opens_a_lot(
    amount: str, entry: tuple[str, int, int, int], debt: int, lots: list[int]
) -> None:
    plain_programme(holding="7D")
    member = MemberFactory.create()
    record_refund(source="till", external_id="C-1", at=NOON, amount=Decimal("40.00"), member=member)
    buy(member, amount)
    assert ledger()[-1] == entry
    assert PointsAccount.objects.get().debt == debt
    assert list(PointsLot.objects.values_list("points", flat=True)) == lots


def test_earns_while_other_points_are_spent() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member)
    by_hand.redeem_points(member=member, points=30, key="spend")
    buy(member, "5.00")
    assert ledger() == [("earn", 100, 0, 100), ("redeem", -30, 0, 70), ("earn", 5, 0, 75)]
    assert PointsLot.objects.points_left() == 75


def test_growth_needs_no_base() -> None:
    earning_rule(growth_points(), per_amount="10.00")
    buy(MemberFactory.create(), "25.00")
    assert ledger() == [("earn", 2, 0, 2)]
    assert not PointsLot.objects.exists()


def test_holds_the_lock_for_few_round_trips() -> None:
    """Two kinds and an upgrade, for a member whose accounts and standing are there already."""
    full_programme()
    member = MemberFactory.create()
    buy(member, "10.00")
    statements = under_the_lock(lambda: buy(member, "600.00"))
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)


def test_holds_the_lock_for_few_round_trips_the_first_time() -> None:
    full_programme()
    statements = under_the_lock(lambda: buy(MemberFactory.create(), "600.00"))
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
