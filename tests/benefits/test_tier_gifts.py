"""Tier gifts: who rose gets one, once in a lifetime or a year, by night or at once."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from benefits.jobs import answer_tier_changes
from benefits.models import Coupon, TierGift, TierGiftGrant
from benefits.services.tier_gifts import answer_member
from common.integrity import broken_constraint
from loyalty.models import PointsAccount, Standing, Tier, TierChange
from members.models import Member, Notice
from members.notices import told
from members.services import record_visit
from tests.factories import MemberFactory
from tests.loyalty.programmes import local, plain_programme

from .offers import offer
from .perks import EVERYONE, LONG_AGO

pytestmark = pytest.mark.django_db

ROSE_AT = local(2025, 3, 14, 12)
NEXT_NIGHT = date(2025, 3, 15)


@pytest.fixture(autouse=True)
def now(time_machine: Any) -> None:
    time_machine.move_to(local(2025, 3, 15, 1), tick=False)


@pytest.fixture
def silver() -> Tier:
    plain_programme()
    return Tier.objects.get(code="silver")


@pytest.fixture
def member(silver: Tier) -> Member:
    member = MemberFactory.create(joined_at=LONG_AGO)
    Standing.objects.create(member=member, tier=silver, since=ROSE_AT, reviewed_at=ROSE_AT)
    return member


def gift(tier: Tier, **terms: Any) -> TierGift:
    """100 points once in a lifetime, unless told otherwise."""
    details: dict[str, Any] = {"name_en": "Welcome", "starts_on": date(2025, 1, 1)} | terms
    if "template" not in details:
        details.setdefault("points", 100)
    return TierGift.objects.create(tier=tier, **details)


def rise(member: Member, tier: Tier, at: datetime = ROSE_AT, **facts: Any) -> TierChange:
    details = {"cause": "upgrade", "spend": Decimal(500), "orders": 1, "growth": 0} | facts
    return TierChange.objects.create(
        member=member, to_tier=tier, at=at, business_date=at.date(), **details
    )


def night(on: date = NEXT_NIGHT) -> tuple[int, int]:
    counts = answer_tier_changes(on, *EVERYONE)
    return counts["gifts"], counts.get("refused_gifts", 0)


def test_gives_points_for_a_rise_once(member: Member, silver: Tier) -> None:
    gift(silver)
    rise(member, silver)
    assert [night(), night()] == [(1, 0), (0, 0)]
    assert PointsAccount.objects.get().balance == 100
    text = told(Notice.objects.get(kind="tier_gift")).text
    assert text.title == "A gift: you are Silver"
    assert text.body == "“Welcome”: 100 points are yours."


def test_gives_a_coupon(member: Member, silver: Tier) -> None:
    gift(silver, template=offer())
    rise(member, silver)
    assert night() == (1, 0)
    assert TierGiftGrant.objects.get().coupon == Coupon.objects.get(member=member)


@pytest.mark.parametrize(
    ("at", "gifts"), [(local(2025, 3, 14, 23, 59), 1), (local(2025, 3, 15), 0)]
)
def test_a_night_sees_what_happened_before_its_date(
    member: Member, silver: Tier, at: datetime, gifts: int
) -> None:
    gift(silver)
    rise(member, silver, at)
    assert night() == (gifts, 0)


@pytest.mark.parametrize(("once", "gifts"), [("lifetime", [1, 0, 0]), ("year", [1, 0, 1])])
def test_gives_once_in_a_lifetime_or_a_year(
    member: Member, silver: Tier, once: str, gifts: list[int]
) -> None:
    gift(silver, once=once)
    given = []
    for at in (ROSE_AT, local(2025, 12, 31, 23), local(2026, 1, 1)):
        rise(member, silver, at)
        given.append(night(date(2026, 1, 3))[0])
    assert given == gifts


@pytest.mark.parametrize(
    ("facts", "joined_on", "gifts"),
    [
        ({"cause": "retained"}, date(2020, 1, 1), 0),
        ({"cause": "downgrade"}, date(2020, 1, 1), 0),
        ({"cause": "entry"}, date(2024, 12, 31), 0),
        ({"cause": "entry"}, date(2025, 1, 1), 1),
    ],
)
def test_only_a_rise_is_answered(
    member: Member, silver: Tier, facts: dict[str, Any], joined_on: date, gifts: int
) -> None:
    gift(silver)
    Member.objects.update(joined_on=joined_on)
    rise(member, silver, **facts)
    assert night() == (gifts, 0)


@pytest.mark.parametrize("terms", [{"is_active": False}, {"starts_on": date(2025, 3, 15)}])
def test_a_gift_that_was_not_given_then_is_not_given(
    member: Member, silver: Tier, terms: dict[str, Any]
) -> None:
    gift(silver, **terms)
    rise(member, silver)
    assert night() == (0, 0)


def test_what_is_out_of_stock_is_tried_again(member: Member, silver: Tier) -> None:
    template = offer(stock=0)
    gift(silver, template=template)
    rise(member, silver)
    assert night() == (0, 1)
    template.stock = 1
    template.save(update_fields=["stock"])
    assert night() == (1, 0)


def test_a_visit_answers_at_once(member: Member, silver: Tier) -> None:
    gift(silver)
    rise(member, silver, local(2025, 3, 15, 0, 30))
    assert record_visit(member=member)
    assert TierGiftGrant.objects.count() == 1
    assert answer_member(member=member) == []


def test_the_database_refuses_a_second_one(member: Member, silver: Tier) -> None:
    gift(silver)
    rise(member, silver)
    night()
    grant = TierGiftGrant.objects.get()
    grant.pk = None
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        grant.save(force_insert=True)
    assert broken_constraint(refused.value, TierGiftGrant) == "tiergiftgrant_once_in_its_time"
