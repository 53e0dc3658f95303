"""The database refuses coupons that the services would have refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from benefits.models import Coupon, CouponGroup, CouponTemplate, CouponUse
from common.integrity import broken_constraint
from tests.factories import MemberFactory

from .offers import NOON, coupon_for, offer

pytestmark = pytest.mark.django_db

# What is wrong with a copy of an open coupon of 10.00 off.
COUPONS: list[tuple[str, dict[str, Any]]] = [
    ("coupon_code_once", {"key": "other"}),
    ("coupon_key_once", {"code": "2" * 12}),
    ("coupon_status_known", {"status": "lost"}),
    ("coupon_gives_what_it_says", {"amount": None}),
    ("coupon_gives_what_it_says", {"amount": Decimal(0)}),
    ("coupon_gives_what_it_says", {"percent": Decimal(5)}),
    ("coupon_gives_what_it_says", {"kind": "percent_off", "amount": None}),
    (
        "coupon_gives_what_it_says",
        {"kind": "percent_off", "amount": None, "percent": Decimal("100.01")},
    ),
    ("coupon_gives_what_it_says", {"kind": "gift", "amount": None}),
    ("coupon_gives_what_it_says", {"kind": "nonsense"}),
    ("coupon_ceiling_of_percentage", {"ceiling": Decimal(5)}),
    ("coupon_minimum_positive", {"minimum_spend": Decimal(0)}),
    ("coupon_reserved_for_a_checkout", {"status": "reserved"}),
    ("coupon_reserved_for_a_checkout", {"checkout_key": "c"}),
    ("coupon_reserved_for_a_checkout", {"status": "reserved", "reserved_until": NOON}),
    ("coupon_taken_by_a_member", {"status": "used", "member": None}),
    ("coupon_voided_with_reason", {"status": "voided"}),
    ("coupon_voided_with_reason", {"status": "voided", "voided_at": NOON}),
    ("coupon_voided_with_reason", {"void_reason": "Why"}),
    ("coupon_valid_before_it_expires", {"expires_at": NOON}),
    ("coupon_discount_not_negative", {"discount": Decimal("-0.01")}),
]
TEMPLATES: list[tuple[str, dict[str, Any]]] = [
    ("coupontemplate_code_once", {"code": "ten-off"}),
    ("coupontemplate_one_kind_of_validity", {"validity": ""}),
    ("coupontemplate_one_kind_of_validity", {"ends_on": NOON.date()}),
    (
        "coupontemplate_starts_before_it_ends",
        {"validity": "", "starts_on": NOON.date() + timedelta(days=1), "ends_on": NOON.date()},
    ),
    ("coupontemplate_within_stock", {"stock": 1, "issued": 2}),
    ("coupontemplate_limit_positive", {"per_member_limit": 0}),
    ("coupontemplate_friends_positive", {"friends_per_coupon": 0}),
    ("coupontemplate_group_has_size_and_time", {"group_size": 3}),
    ("coupontemplate_group_has_size_and_time", {"group_size": 1, "group_hours": 1}),
]
SHARED = {
    "coupontemplate_gives_what_it_says",
    "coupontemplate_ceiling_of_percentage",
    "coupontemplate_minimum_positive",
    "coupon_shared_once_with_a_friend",
}


@pytest.fixture
def coupon() -> Coupon:
    return coupon_for()


def copied(row: models.Model, **changes: Any) -> None:
    details = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    copy = type(row)(**details)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)


def refused(row: models.Model, **changes: Any) -> str | None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        copied(row, **changes)
    return broken_constraint(error.value, type(row))


@pytest.mark.parametrize(("constraint", "changes"), COUPONS)
def test_no_impossible_coupon_is_let_in(
    constraint: str, changes: dict[str, Any], coupon: Coupon
) -> None:
    others = {} if constraint.endswith("_once") else {"code": "2" * 12, "key": "other"}
    assert refused(coupon, **(others | changes)) == constraint


@pytest.mark.parametrize(("constraint", "changes"), TEMPLATES)
def test_no_impossible_offer_is_let_in(
    constraint: str, changes: dict[str, Any], coupon: Coupon
) -> None:
    assert refused(coupon.template, **({"code": "other"} | changes)) == constraint


def test_a_copy_with_nothing_wrong_is_let_in(coupon: Coupon) -> None:
    copied(coupon, code="2" * 12, key="other")
    copied(coupon.template, code="other")


def test_a_friend_takes_once(coupon: Coupon) -> None:
    friend = MemberFactory.create()
    copied(coupon, code="2" * 12, key="a", member_id=friend.pk, shared_from_id=coupon.pk)
    again = {"code": "3" * 12, "key": "b", "member_id": friend.pk, "shared_from_id": coupon.pk}
    assert refused(coupon, **again) == "coupon_shared_once_with_a_friend"


def test_every_named_constraint_is_tried() -> None:
    tried = {constraint for constraint, _changes in COUPONS + TEMPLATES} | SHARED
    named = [*Coupon._meta.constraints, *CouponTemplate._meta.constraints]
    assert {constraint.name for constraint in named} == tried


def test_a_coupon_has_one_use_that_stands(coupon: Coupon) -> None:
    use = {"coupon": coupon, "member": coupon.member, "discount": 0, "at": NOON}
    CouponUse.objects.create(checkout_key="a", **use)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        CouponUse.objects.create(checkout_key="b", **use)
    assert broken_constraint(error.value, CouponUse) == "couponuse_once"


@pytest.mark.parametrize(
    "changes",
    [
        {"lapsed_at": NOON + timedelta(hours=23)},
        {"lapsed_at": NOON + timedelta(hours=24), "completed_at": NOON, "joined": 2},
    ],
)
def test_a_group_lapses_when_its_time_is_up_and_it_is_not_full(changes: dict[str, Any]) -> None:
    group = CouponGroup.objects.create(
        template=offer(),
        code="2" * 12,
        size=2,
        joined=1,
        key="k",
        opened_by=MemberFactory.create(),
        opened_at=NOON,
        closes_at=NOON + timedelta(hours=24),
    )
    other = {"code": "3" * 12, "key": "other"}
    assert refused(group, **(other | changes)) == "coupongroup_lapsed_when_over"
    copied(group, **other, lapsed_at=NOON + timedelta(hours=24))
