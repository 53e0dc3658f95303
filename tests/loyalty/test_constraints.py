"""The database refuses by itself what the services would have refused."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from common.integrity import broken_constraint
from loyalty.models import (
    Activity,
    EarningRule,
    Ladder,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointsMoney,
    PointsPayment,
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
    RuleCounter,
    RuleScope,
    Tier,
    TierChange,
    UncollectedPoints,
)
from loyalty.services.activities import check_in, record_activity
from loyalty.services.points import redeem_points, restore_points
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Segment
from tests.factories import StoreFactory
from tests.sharing import shared

from .ledgers import member_with_points, new_member, programme
from .payments import buy_with, give_back, take
from .programmes import earning_rule, local

pytestmark = pytest.mark.django_db

Rows = dict[str, Any]
Case = tuple[str, str, dict[str, Any]]

# The name of a row, the constraint, and what is wrong with a copy of the row.
CASES: list[Case] = [
    ("account", "account_once_per_member_and_type", {}),
    ("account", "account_balance_not_negative", {"member": "other", "balance": -1}),
    ("account", "account_debt_not_negative", {"member": "other", "debt": -1}),
    (
        "account",
        "account_debt_only_if_spendable",
        {"member": "other", "is_spendable": False, "debt": 1},
    ),
    ("entry", "entry_number_once", {"number": 1}),
    ("entry", "entry_key_once", {"key": "r"}),
    ("entry", "entry_purchase_earns_once", {"purchase": "purchase"}),
    ("visit", "entry_activity_earns_once", {"number": 99, "key": "again"}),
    ("activity", "activity_once_per_member", {}),
    ("activity", "activity_is_no_purchase", {"kind": "purchase"}),
    (
        "entry",
        "entry_refund_claws_back_once",
        {"kind": "clawback", "points": -5, "refund": "refund"},
    ),
    ("given_back", "entry_refund_restores_once", {"number": 99, "key": "again"}),
    ("entry", "entry_debt_change_within_points", {"debt_change": -6}),
    (
        "entry",
        "entry_debt_change_within_points",
        {"kind": "clawback", "points": -5, "debt_change": 6},
    ),
    ("entry", "entry_debt_not_negative", {"debt_after": -1}),
    ("entry", "entry_number_from_one", {"number": 0}),
    ("entry", "entry_restore_names_redemption", {"kind": "restore"}),
    ("entry", "entry_restore_names_redemption", {"reverses": "redemption"}),
    *(
        (
            "entry",
            "entry_signs_fit_kind",
            {"kind": kind, "points": points, "debt_change": debt_change},
        )
        for kind, points, debt_change in [
            ("earn", -5, 0),
            ("earn", 5, 1),
            ("redeem", 5, 0),
            ("redeem", -5, 1),
            ("expire", 5, 0),
            ("expire", -5, -1),
            ("clawback", 5, 0),
            ("clawback", -5, -1),
            ("adjust", 5, 1),
            ("adjust", -5, 1),
            ("adjust", -5, -1),
            ("gift", 5, 0),
        ]
    ),
    (
        "entry",
        "entry_signs_fit_kind",
        {"kind": "restore", "points": -5, "reverses": "redemption"},
    ),
    ("lot", "lot_points_positive", {"points": 0, "remaining": 0}),
    ("lot", "lot_remaining_within_points", {"remaining": -1}),
    ("lot", "lot_remaining_within_points", {"points": 5, "remaining": 6}),
    ("taken", "allocation_not_zero", {"points": 0}),
    ("taken", "allocation_puts_back_what_was_taken", {"points": 1}),
    ("restored", "allocation_puts_back_what_was_taken", {"points": -1}),
    ("taken", "allocation_takes_once", {}),
    ("restored", "allocation_reverses_once", {}),
    ("purchase", "purchase_once_per_source", {}),
    ("purchase", "purchase_amount_not_negative", {"external_id": "P-9", "amount": Decimal(-1)}),
    ("purchase", "purchase_discount_not_negative", {"external_id": "P-9", "discount": Decimal(-1)}),
    ("purchase", "purchase_points_part_is_a_payment", {"external_id": "P-9", "points_used": 1}),
    ("paid", "purchase_points_part_is_a_payment", {"external_id": "P-9", "payment": None}),
    ("paid", "purchase_payment_once", {"external_id": "P-9"}),
    ("payment", "payment_within_purchase", {"entry": "redemption", "amount": Decimal(0)}),
    ("payment", "payment_within_purchase", {"entry": "redemption", "amount": Decimal("101.00")}),
    ("payment", "payment_rate_positive", {"entry": "redemption", "points_per_money": 0}),
    ("money", "pointsmoney_only_one", {"id": 2}),
    ("money", "pointsmoney_rate_positive", {"points_per_money": 0}),
    ("money", "pointsmoney_minimum_not_negative", {"minimum_purchase": Decimal("-0.01")}),
    ("money", "pointsmoney_share_within_whole", {"maximum_share": Decimal(0)}),
    ("money", "pointsmoney_share_within_whole", {"maximum_share": Decimal("100.01")}),
    ("money", "pointsmoney_multiple_positive", {"multiple": 0}),
    ("purchase_line", "purchase_line_once", {}),
    ("refund", "refund_once_per_source", {}),
    ("refund", "refund_amount_not_negative", {"external_id": "C-9", "amount": Decimal(-1)}),
    (
        "refund",
        "refund_amount_not_negative",
        {"external_id": "C-9", "paid_by_points": Decimal("-0.01")},
    ),
    ("refund_line", "refund_line_once", {}),
    ("uncollected", "uncollected_once_per_refund", {}),
    ("uncollected", "uncollected_positive", {"account": "growth_account", "points": 0}),
    ("ladder", "ladder_only_one", {"id": 2}),
    ("tier", "tier_bounds_above_the_lowest", {"code": "top", "rank": 9, "entry_spend": None}),
    ("tier", "tier_colour_is_hex", {"code": "top", "rank": 9, "colour": "red"}),
    ("tier", "tier_points_per_money_positive", {"code": "top", "rank": 9, "points_per_money": 0}),
    ("tier", "tier_multiplier_positive", {"code": "top", "rank": 9, "multiplier": Decimal(0)}),
    ("tier", "tier_colour_is_hex", {"code": "top", "rank": 9, "colour": "#C0A062"}),
    (
        "tier",
        "tier_discount_rate_within_one",
        {"code": "top", "rank": 9, "discount_rate": Decimal(0)},
    ),
    (
        "tier",
        "tier_discount_rate_within_one",
        {"code": "top", "rank": 9, "discount_rate": Decimal("1.001")},
    ),
    ("rule", "rule_version_once", {"is_current": False}),
    ("rule", "rule_one_current_version", {"version": 2}),
    ("rule", "rule_gives_or_multiplies", {"code": "none", "points": 0}),
    ("rule", "rule_gives_or_multiplies", {"code": "none", "factor": Decimal(2)}),
    ("rule", "rule_gives_or_multiplies", {"code": "none", "points": 0, "factor": Decimal(0)}),
    ("rule", "rule_amount_positive", {"code": "none", "per_amount": Decimal(0)}),
    ("rule", "rule_amount_positive", {"code": "none", "trigger": "check_in"}),
    (
        "rule",
        "rule_starts_before_it_ends",
        {"code": "none", "starts_on": date(2025, 11, 12), "ends_on": date(2025, 11, 11)},
    ),
    ("rule", "rule_hours_both_or_none", {"code": "none", "hour_from": time(22)}),
    (
        "rule",
        "rule_hours_both_or_none",
        {"code": "none", "hour_from": time(22), "hour_to": time(22)},
    ),
    ("rule", "rule_caps_rise", {"code": "none", "cap_day": 9, "cap_month": 8}),
    ("rule", "rule_caps_rise", {"code": "none", "cap_day": 9, "budget": 8}),
    ("rule", "rule_caps_rise", {"code": "none", "cap_month": 9, "cap_ever": 8}),
    (
        "rule",
        "rule_factor_changes_points",
        {"code": "none", "points": 0, "per_amount": None, "factor": Decimal(1)},
    ),
    (
        "rule",
        "rule_minimum_spend_of_a_purchase",
        {"code": "none", "minimum_spend": Decimal(0)},
    ),
    (
        "rule",
        "rule_minimum_spend_of_a_purchase",
        {
            "code": "none",
            "trigger": "review",
            "per_amount": None,
            "minimum_spend": Decimal(1),
        },
    ),
    ("rule", "rule_streak_of_check_ins", {"code": "none", "streak_every": 7}),
    (
        "rule",
        "rule_streak_of_check_ins",
        {"code": "none", "trigger": "check_in", "per_amount": None, "streak_every": 1},
    ),
    ("scope", "rule_scope_is_one_thing", {"store": None}),
    ("scope", "rule_scope_is_one_thing", {"segment": "segment"}),
    ("scope", "rule_scope_is_one_thing", {"tier": "tier"}),
    (
        "profile",
        "activity_profile_completed_once",
        {"key": "again"},
    ),
    ("counter", "counter_once_per_member", {}),
    ("counter", "counter_not_negative", {"window": "day:2025-01-01", "used": -1}),
    ("budget", "counter_once_per_budget", {}),
]

FRESH_ENTRY = {"number": 99, "key": "fresh", "purchase": None, "points": 5}


def all_rows() -> Rows:
    """A row of each table, made by the services, and more that cases name."""
    base, growth = programme()
    member, at = new_member(), local(2025, 3, 1)
    line = Line(sku="tea", quantity=Decimal(1), unit_price=Decimal(100), amount=Decimal(100))
    purchase = record_purchase(
        source="till",
        external_id="P-1",
        at=at,
        amount=Decimal(100),
        member=member,
        lines=[line],
        now=at,
    )
    redemption = redeem_points(member=member, points=30, key="r", now=local(2025, 4, 1))
    restore = restore_points(redemption=redemption, points=10, key="s", now=local(2025, 4, 2))
    half = Line(sku="tea", quantity=Decimal(1), unit_price=Decimal(50), amount=Decimal(50))
    refund = record_refund(
        source="till",
        external_id="C-1",
        at=at,
        amount=Decimal(50),
        purchase=purchase,
        lines=[half],
        now=at,
    )
    account = member.accounts.get(point_type=base)
    rule = EarningRule.objects.get(code="base-purchase")
    earning_rule(base, code="visit", trigger="check_in", points=5, per_amount=None)
    activity = check_in(member=new_member(), now=local(2025, 4, 3))
    return {
        "other": new_member(),
        "account": account,
        "growth_account": member.accounts.get(point_type=growth),
        "entry": account.entries.get(number=1),
        "redemption": redemption,
        "lot": account.lots.get(),
        "taken": redemption.allocations.get(),
        "restored": restore.allocations.get(points__gt=0),
        "purchase": purchase,
        "purchase_line": purchase.lines.get(),
        "refund": refund,
        "refund_line": refund.lines.get(),
        "uncollected": UncollectedPoints.objects.create(refund=refund, account=account, points=1),
        **paid_by_points(),
        "ladder": Ladder.objects.get(),
        "tier": Tier.objects.get(code="gold"),
        "rule": rule,
        "activity": activity,
        "visit": activity.entries.get(),
        "profile": record_activity(
            member=member, kind="profile_completed", key="", at=at, now=local(2025, 4, 3)
        ),
        "segment": Segment.objects.create(code="tea", name_en="Tea lovers"),
        "scope": RuleScope.objects.create(rule=rule, store=StoreFactory.create()),
        "counter": RuleCounter.objects.create(rule_code="r", member=member, window="ever"),
        "budget": RuleCounter.objects.create(rule_code="r", window="budget"),
        "change": TierChange.objects.get(member=member),
    }


made = shared(all_rows)


@pytest.fixture
def rows(made: Rows) -> Rows:
    return deepcopy(made)


def paid_by_points() -> Rows:
    """A purchase that points paid for in part, and what its refund gave back of them."""
    at = local(2025, 4, 3)
    payment = take(member_with_points(300, at=at), "100.00", at)
    paid = buy_with(payment, at)
    refund = give_back(paid, "10.00", at)
    return {
        "paid": paid,
        "payment": payment,
        "given_back": refund.entries.get(kind="restore"),
        "money": PointsMoney.objects.create(),
    }


def refused(model: type[models.Model], write: Callable[[], object]) -> str | None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return broken_constraint(error.value, model)


def inserted_copy(row: models.Model, changes: dict[str, Any], rows: Rows) -> models.Model:
    """Insert the row again with changes; a string that names another row stands for it."""
    model = type(row)
    details = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    copy = model(**details)
    for name, value in changes.items():
        is_row = model._meta.get_field(name).is_relation and isinstance(value, str)
        setattr(copy, name, rows[value] if is_row else value)
    copy.save(force_insert=True)
    return copy


@pytest.mark.parametrize(("name", "constraint", "changes"), CASES)
def test_nothing_impossible_is_inserted(
    rows: Rows, name: str, constraint: str, changes: dict[str, Any]
) -> None:
    row = rows[name]
    details = {**FRESH_ENTRY, **changes} if name == "entry" else changes
    if name == "lot":
        details = {**changes, "entry": "redemption"}
    assert refused(type(row), lambda: inserted_copy(row, details, rows)) == constraint


@pytest.mark.parametrize("name", ["account", "entry", "purchase", "refund", "tier", "rule"])
def test_a_copy_with_nothing_wrong_is_let_in(rows: Rows, name: str) -> None:
    details = {
        "account": {"member": "other"},
        "entry": FRESH_ENTRY,
        "purchase": {"external_id": "P-9", "amount": Decimal(0)},
        "refund": {"external_id": "C-9", "amount": Decimal(0)},
        "tier": {"code": "top", "rank": 9},
        "rule": {"code": "other"},
    }
    assert inserted_copy(rows[name], details[name], rows).pk


def test_an_entry_of_nothing_is_refused(rows: Rows) -> None:
    details = {**FRESH_ENTRY, "points": 0}
    broken = refused(PointsEntry, lambda: inserted_copy(rows["entry"], details, rows))
    assert broken in {"entry_signs_fit_kind", "entry_debt_change_within_points"}  # breaks both


def test_the_lowest_tier_has_no_bounds(rows: Rows) -> None:
    lowest = Tier.objects.filter(rank=0)
    for bound in ("entry_spend", "entry_orders", "entry_growth"):
        write = lambda bound=bound: lowest.update(**{bound: 1})  # noqa: E731
        assert refused(Tier, write) == "tier_bounds_above_the_lowest"


def test_an_entry_opens_one_lot(rows: Rows) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        inserted_copy(rows["lot"], {}, rows)
    assert PointsLot.objects.filter(entry=rows["lot"].entry).count() == 1


def test_every_named_constraint_is_tried() -> None:
    tables = [
        *(PointsAccount, PointsEntry, PointsLot, LotAllocation, UncollectedPoints),
        *(Purchase, PurchaseLine, Refund, RefundLine, PointsPayment, PointsMoney, Ladder, Tier),
        *(EarningRule, RuleScope, RuleCounter, Activity),
    ]
    named = {constraint.name for table in tables for constraint in table._meta.constraints}
    assert named == {constraint for _name, constraint, _changes in CASES}


# Append-only tables

APPEND_ONLY = ["entry", "taken", "change", "payment"]


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_what_is_written_once_is_never_rewritten(rows: Rows, name: str) -> None:
    row = rows[name]
    model = type(row)
    same = model._default_manager.filter(pk=row.pk)
    before = same.values().get()
    for field in model._meta.concrete_fields:
        write = lambda attname=field.attname: same.update(**{attname: before[attname]})  # noqa: E731
        assert refused(model, write) is None
    assert same.values().get() == before


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_what_is_written_once_is_never_deleted(rows: Rows, name: str) -> None:
    model = type(rows[name])
    count = model._default_manager.count()
    table = model._meta.db_table
    statements = [f"DELETE FROM {table}"]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    for statement in statements:
        with connection.cursor() as cursor:
            assert refused(model, lambda sql=statement: cursor.execute(sql)) is None
    assert model._default_manager.count() == count


@pytest.mark.postgres
@pytest.mark.parametrize("name", APPEND_ONLY)
def test_what_is_written_once_is_never_emptied(rows: Rows, name: str) -> None:
    table = type(rows[name])._meta.db_table
    connection.check_constraints()  # else the foreign keys still to be checked refuse it first
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="append-only"):
        cursor.execute(f"TRUNCATE {table} CASCADE")
