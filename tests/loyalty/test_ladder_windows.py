"""The edges of the windows in which figures count, by night and at once, and active days."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty.models import Ladder, Standing, Tier, TierChange
from loyalty.services.activities import check_in, record_activity, record_birthday
from members.models import Member
from members.services import record_visit

from .ledgers import buy, new_member
from .programmes import base_points, earning_rule, local, plain_programme, spend_tiers
from .reviews import bought, changes_of, place, review, tier_of

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
MAY = local(2025, 5, 1, 12)


def star(**bounds: Any) -> None:
    """Everyone's tier and one above it."""
    earning_rule(base_points())
    Ladder.objects.create(grace_days=0)
    Tier.objects.create(code="member", name_en="Member", rank=0)
    Tier.objects.create(code="star", name_en="Star", rank=1, **bounds)


# Twelve months, at once


@pytest.mark.parametrize(("offset", "code"), [(-TICK, "member"), (0 * TICK, "silver")])
def test_a_purchase_exactly_twelve_months_old_counts(offset: timedelta, code: str) -> None:
    plain_programme()
    member = new_member()
    bought(member, "499.99", local(2024, 5, 1, 12) + offset)
    buy(member, "0.01", MAY)
    assert tier_of(member) == code


# The calendar year


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (local(2024, 1, 1) - TICK, "member"),
        (local(2024, 1, 1), "silver"),
        (local(2025, 1, 1) - TICK, "silver"),
        (local(2025, 1, 1), "member"),
    ],
)
def test_the_night_of_new_year_closes_the_old_one(at: datetime, code: str) -> None:
    spend_tiers(window="year")
    member = new_member()
    bought(member, "500.00", at)
    review(2025, 1, 1)
    assert tier_of(member) == code
    assert TierChange.objects.get().window_from == local(2024, 1, 1)


@pytest.mark.parametrize(("first", "code"), [(-TICK, "member"), (0 * TICK, "silver")])
def test_at_once_the_year_is_the_one_of_the_day(first: timedelta, code: str) -> None:
    plain_programme()
    Ladder.objects.update(window="year")
    member = new_member()
    bought(member, "499.99", local(2025, 1, 1) + first)
    buy(member, "0.01", local(2025, 1, 1, 9))
    assert tier_of(member) == code


# Since the tier began


def test_what_won_a_tier_counts_no_more_towards_the_next() -> None:
    plain_programme()
    Ladder.objects.update(window="tier")
    member = new_member()
    buy(member, "1999.99", MAY)
    assert tier_of(member) == "silver"
    buy(member, "1999.99", MAY + timedelta(days=1))
    assert tier_of(member) == "silver"
    buy(member, "0.01", MAY + timedelta(days=2))
    assert tier_of(member) == "gold"
    assert TierChange.objects.latest("id").window_from == MAY + TICK


def test_the_lowest_tier_began_with_everything() -> None:
    plain_programme()
    Ladder.objects.update(window="tier")
    member = new_member()
    buy(member, "250.00", MAY)
    review(2025, 5, 2)
    buy(member, "250.00", MAY + timedelta(days=3))
    assert tier_of(member) == "silver"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (local(2025, 5, 2) - TICK, "silver"),
        (local(2025, 5, 2), "gold"),
    ],
)
def test_a_tier_won_by_night_begins_at_its_cutoff(at: datetime, code: str) -> None:
    spend_tiers(window="tier")
    member = new_member()
    bought(member, "600.00", MAY)
    review(2025, 5, 2)
    bought(member, "2000.00", at)
    review(2025, 5, 3)
    assert tier_of(member) == code


@pytest.mark.parametrize(("spend", "cause"), [("499.99", "downgrade"), ("500.00", "retained")])
def test_a_tier_that_is_kept_begins_anew(spend: str, cause: str) -> None:
    """What kept it for one term does not keep it for the next."""
    spend_tiers(window="tier", validity="1M")
    member = new_member()
    place(member, "silver", valid_until=local(2025, 5, 1), since=local(2025, 3, 20))
    bought(member, "900.00", local(2025, 4, 10))
    assert review(2025, 5, 1) == {"retained": 1}
    bought(member, spend, MAY)
    assert review(2025, 5, 31) == {cause: 1}
    assert Standing.objects.get().since == (
        local(2025, 3, 20) if cause == "retained" else local(2025, 5, 31)
    )


# Active days


def active(member: Member, kind: str, at: datetime) -> None:
    if kind == "purchase":
        buy(member, "0.00", at)
    elif kind == "visit":
        record_visit(member=member, now=at)
    elif kind == "check_in":
        check_in(member=member, now=at)
    elif kind == "birthday":
        record_birthday(member=member, year=at.year, at=at, now=at)
    else:
        record_activity(member=member, kind=kind, key=at.isoformat(), now=at)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("purchase", "star"),
        ("check_in", "star"),
        ("review", "star"),
        ("share", "star"),
        ("event_attended", "star"),
        ("visit", "star"),
        ("survey", "member"),
        ("referral", "member"),
        ("birthday", "member"),
    ],
)
def test_two_active_days_win_at_once(kind: str, code: str) -> None:
    star(entry_active_days=2)
    member = new_member()
    active(member, "check_in", MAY)
    active(member, kind, MAY + timedelta(days=1))
    assert tier_of(member) == code


def test_a_day_counts_once_whatever_happened_on_it() -> None:
    star(entry_active_days=2)
    member = new_member()
    for kind in ("purchase", "check_in", "review", "visit"):
        active(member, kind, MAY)
    assert tier_of(member) == "member"
    active(member, "visit", local(2025, 5, 2) - TICK)
    assert tier_of(member) == "member"
    active(member, "share", local(2025, 5, 2))
    assert tier_of(member) == "star"
    assert TierChange.objects.latest("id").active_days == 2


@pytest.mark.parametrize(
    ("offset", "code"), [(-TICK, "member"), (0 * TICK, "star"), (TICK, "star")]
)
def test_a_visit_falls_out_of_the_window(offset: timedelta, code: str) -> None:
    star(entry_active_days=2)
    member = new_member()
    place(member, "member", valid_until=None, since=local(2024, 1, 1))
    member.portal_days.create(business_date=MAY, at=local(2024, 5, 3) + offset)
    member.portal_days.create(business_date=local(2025, 5, 2), at=local(2025, 5, 2))
    review(2025, 5, 3)
    assert tier_of(member) == code


def test_a_night_sees_a_visit_that_nobody_answered() -> None:
    star(entry_active_days=1)
    member = new_member()
    review(2025, 5, 1)
    member.portal_days.create(business_date=MAY, at=MAY)
    assert review(2025, 5, 2) == {"upgrade": 1}
    assert changes_of(member)[-1] == ("upgrade", "star", "member")


def test_days_are_not_counted_for_a_ladder_that_does_not_ask() -> None:
    plain_programme()
    member = new_member()
    buy(member, "500.00", MAY)
    record_visit(member=member, now=MAY)
    assert review(2025, 5, 2) == {"unchanged": 1}
    assert TierChange.objects.get().active_days is None
