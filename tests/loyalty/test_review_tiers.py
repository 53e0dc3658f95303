"""The night's review: who is looked at, by which figures, and what a tier won by night is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from loyalty.jobs import review_tiers
from loyalty.models import Ladder, Standing, Tier, TierChange
from loyalty.services.purchases import record_refund
from loyalty.services.standings import note_late_facts
from members.models import Member
from tests.factories import MemberFactory

from .ledgers import new_member
from .programmes import base_points, growth_points, local, plain_programme, spend_tiers
from .reviews import EVERYONE, bought, changes_of, grown, place, refunded, review, tier_of

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
NIGHT = (2025, 6, 15)
CUTOFF = local(*NIGHT)
MAY = local(2025, 5, 1, 12)


def two_tiers(**bounds: Any) -> None:
    Ladder.objects.create(grace_days=0)
    Tier.objects.create(code="member", name_en="Member", rank=0)
    Tier.objects.create(code="star", name_en="Star", rank=1, **bounds)


# Bounds


@pytest.mark.parametrize(
    ("spend", "code"),
    [
        ("0.00", "member"),
        ("0.01", "member"),
        ("499.99", "member"),
        ("500.00", "silver"),
        ("500.01", "silver"),
        ("1999.99", "silver"),
        ("2000.00", "gold"),
        ("2000.01", "gold"),
        ("9999.99", "gold"),
        ("10000.00", "black"),
        ("10000.01", "black"),
    ],
)
def test_spend_earns_the_highest_tier_that_it_reaches(spend: str, code: str) -> None:
    spend_tiers()
    member = new_member()
    bought(member, spend, MAY)
    assert review(*NIGHT) == {"entry": 1}
    assert changes_of(member) == [("entry", code, None)]


@pytest.mark.parametrize(
    ("back", "code"), [("0.00", "silver"), ("0.01", "member"), ("500.01", "member")]
)
def test_refunds_lower_the_spend(back: str, code: str) -> None:
    spend_tiers()
    member = new_member()
    bought(member, "500.00", MAY)
    refunded(member, back, MAY + timedelta(days=1))
    review(*NIGHT)
    assert tier_of(member) == code
    assert TierChange.objects.get().spend == Decimal(500) - Decimal(back)


def test_less_than_nothing_is_still_the_lowest_tier() -> None:
    spend_tiers()
    member = new_member()
    refunded(member, "0.01", MAY)
    review(*NIGHT)
    assert tier_of(member) == "member"
    assert TierChange.objects.get().spend == Decimal("-0.01")


@pytest.mark.parametrize(("orders", "code"), [(2, "member"), (3, "star"), (4, "star")])
def test_counts_orders(orders: int, code: str) -> None:
    two_tiers(entry_orders=3)
    member = new_member()
    for number in range(orders):
        bought(member, "1.00", MAY + timedelta(days=number))
    refunded(member, "1.00", MAY)
    review(*NIGHT)
    assert tier_of(member) == code
    assert TierChange.objects.get().orders == orders


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([99], "member"),
        ([100], "star"),
        ([101], "star"),
        ([101, -1], "star"),
        ([101, -2], "member"),
    ],
)
def test_counts_growth_points(points: list[int], code: str) -> None:
    base_points()
    growth_points()
    two_tiers(entry_growth=100)
    member = new_member()
    for number, count in enumerate(points):
        grown(member, count, MAY + timedelta(days=number))
    review(*NIGHT)
    assert tier_of(member) == code
    assert TierChange.objects.get().growth == sum(points)


@pytest.mark.parametrize(
    ("join", "amounts", "code"),
    [
        ("all", ["50.00", "49.99"], "member"),
        ("all", ["100.00"], "member"),
        ("all", ["50.00", "50.00"], "star"),
        ("any", ["50.00", "49.99"], "star"),
        ("any", ["100.00"], "star"),
        ("any", ["99.99"], "member"),
    ],
)
def test_conditions_are_joined_by_any_or_all(join: str, amounts: list[str], code: str) -> None:
    two_tiers(entry_spend=Decimal(100), entry_orders=2, join=join)
    member = new_member()
    for amount in amounts:
        bought(member, amount, MAY)
    review(*NIGHT)
    assert tier_of(member) == code


# The window


@pytest.mark.parametrize(
    ("zone", "night", "begins", "ends"),
    [
        ("Asia/Shanghai", (2025, 6, 15), (2024, 6, 14, 16), (2025, 6, 14, 16)),
        # 28 February has a year behind it that began on the 28th; so has 29 February.
        ("Asia/Shanghai", (2025, 2, 28), (2024, 2, 27, 16), (2025, 2, 27, 16)),
        ("Asia/Shanghai", (2024, 2, 29), (2023, 2, 27, 16), (2024, 2, 28, 16)),
        ("Asia/Shanghai", (2025, 3, 1), (2024, 2, 29, 16), (2025, 2, 28, 16)),
        # The clocks of London changed on 31 March 2024 and 30 March 2025 at 01:00,
        ("Europe/London", (2025, 3, 30), (2024, 3, 30, 0), (2025, 3, 30, 0)),
        ("Europe/London", (2025, 3, 31), (2024, 3, 31, 0), (2025, 3, 30, 23)),
        ("Europe/London", (2025, 4, 1), (2024, 3, 31, 23), (2025, 3, 31, 23)),
        # and back on 27 October 2024 and 26 October 2025 at 02:00.
        ("Europe/London", (2025, 10, 27), (2024, 10, 26, 23), (2025, 10, 27, 0)),
        # In São Paulo 4 November 2018 began at 01:00, which was 03:00 UTC.
        ("America/Sao_Paulo", (2018, 11, 4), (2017, 11, 4, 2), (2018, 11, 4, 3)),
        ("America/Sao_Paulo", (2019, 11, 4), (2018, 11, 4, 3), (2019, 11, 4, 3)),
    ],
)
def test_window_is_the_twelve_months_before_the_cutoff(
    settings: Settings,
    zone: str,
    night: tuple[int, ...],
    begins: tuple[int, ...],
    ends: tuple[int, ...],
) -> None:
    """Half-open: its first instant counts, the cutoff does not."""
    settings.PROGRAMME_TIMEZONE = zone
    spend_tiers()
    first = datetime(*begins, tzinfo=UTC)  # type: ignore[arg-type, misc]
    cutoff = datetime(*ends, tzinfo=UTC)  # type: ignore[arg-type, misc]
    instants = [edge + offset for edge in (first, cutoff) for offset in (-TICK, TICK * 0, TICK)]
    joined = datetime(2010, 1, 1, tzinfo=UTC)
    members = [MemberFactory.create(joined_at=joined) for _ in instants]
    for member, at in zip(members, instants, strict=True):
        bought(member, "500.00", at)
    assert review(*night) == {"entry": 6}
    inside = ["member", "silver", "silver", "silver", "member", "member"]
    assert [tier_of(member) for member in members] == inside
    stated = set(TierChange.objects.values_list("at", "window_from", "business_date"))
    assert stated == {(cutoff, first, date(*night))}


def test_lifetime_window_never_forgets() -> None:
    spend_tiers(window="never")
    member = new_member()
    bought(member, "500.00", local(1999, 12, 31, 12))
    review(*NIGHT)
    assert tier_of(member) == "silver"
    assert TierChange.objects.get().window_from is None


# Who is looked at


def test_first_night_gives_everyone_a_standing_with_its_reasons() -> None:
    plain_programme()
    growth_points()
    silent, buyer = new_member(), new_member()
    bought(buyer, "1234.50", MAY)
    bought(buyer, "1000.00", MAY)
    refunded(buyer, "34.25", MAY)
    grown(buyer, 70, MAY)
    assert review(*NIGHT) == {"entry": 2}
    names = ("tier__code", "since", "valid_until", "reviewed_at", "has_late_fact")
    standings = {row[0]: row[1:] for row in Standing.objects.values_list("member", *names)}
    ends = local(2026, 7, 1)
    assert standings == {
        silent.pk: ("member", CUTOFF, None, CUTOFF, False),
        buyer.pk: ("gold", CUTOFF, ends, CUTOFF, False),
    }
    facts = ("at", "business_date", "valid_until", "window_from", "spend", "orders", "growth")
    found = {row[0]: row[1:] for row in TierChange.objects.values_list("member", *facts)}
    since = local(2024, 6, 15)
    assert found == {
        silent.pk: (CUTOFF, date(*NIGHT), None, since, Decimal(0), 0, 0),
        buyer.pk: (CUTOFF, date(*NIGHT), ends, since, Decimal("2200.25"), 2, 70),
    }
    assert changes_of(silent) == [("entry", "member", None)]


@pytest.mark.parametrize(("offset", "counts"), [(-TICK, {"entry": 1}), (TICK * 0, {}), (TICK, {})])
def test_who_joins_at_the_cutoff_is_the_next_nights(
    offset: timedelta, counts: dict[str, int]
) -> None:
    spend_tiers()
    member = MemberFactory.create(joined_at=CUTOFF + offset)
    assert review(*NIGHT) == counts
    assert TierChange.objects.filter(member=member).count() == len(counts)
    review(2025, 6, 16)
    assert changes_of(member) == [("entry", "member", None)]


@pytest.mark.parametrize(("status", "count"), [("active", 1), ("paused", 1), ("closed", 0)])
def test_closed_members_are_left_out(status: str, count: int) -> None:
    spend_tiers()
    member = new_member()
    Member.objects.filter(pk=member.pk).update(status=status)
    review(*NIGHT)
    assert Standing.objects.count() == TierChange.objects.count() == count


def test_only_members_of_the_range_are_looked_at() -> None:
    spend_tiers()
    first, second, third = new_member(), new_member(), new_member()
    assert review_tiers(date(*NIGHT), second.pk, second.pk) == {"entry": 1}
    assert Standing.objects.get().member == second
    assert review_tiers(date(*NIGHT), first.pk, EVERYONE) == {"entry": 2}
    assert changes_of(third) == [("entry", "member", None)]


@pytest.mark.parametrize(
    ("at", "is_seen"),
    [
        (CUTOFF - TICK, False),
        (CUTOFF, True),
        (CUTOFF + timedelta(days=1) - TICK, True),
        (CUTOFF + timedelta(days=1), False),
    ],
)
@pytest.mark.parametrize("fact", [bought, refunded])
def test_later_nights_look_at_facts_since_the_last_review(
    fact: Any, at: datetime, is_seen: bool
) -> None:
    spend_tiers()
    member = new_member()
    review(*NIGHT)
    fact(member, "1.00", at)
    assert review(2025, 6, 16) == ({"unchanged": 1} if is_seen else {})
    reviewed_at = Standing.objects.get().reviewed_at
    assert reviewed_at == (local(2025, 6, 16) if is_seen else CUTOFF)


def test_later_nights_look_at_growth_points_since_the_last_review() -> None:
    base_points()
    growth_points()
    two_tiers(entry_growth=100)
    member = new_member()
    review(*NIGHT)
    grown(member, 100, CUTOFF + timedelta(hours=1))
    assert review(2025, 6, 16) == {"upgrade": 1}
    assert changes_of(member) == [("entry", "member", None), ("upgrade", "star", "member")]


def test_a_refund_told_after_the_review_is_looked_at_once() -> None:
    plain_programme()
    member = new_member()
    review(*NIGHT)
    record_refund(
        source="till", external_id="C", at=MAY, amount=Decimal(1), member=member, now=CUTOFF + TICK
    )
    assert Standing.objects.get().has_late_fact
    assert review(2025, 6, 16) == {"unchanged": 1}
    assert not Standing.objects.get().has_late_fact
    assert review(2025, 6, 17) == {}


def test_a_purchase_imported_after_the_review_raises_the_tier() -> None:
    spend_tiers()
    member = new_member()
    review(*NIGHT)
    bought(member, "2000.00", MAY)
    assert review(2025, 6, 16) == {}
    note_late_facts({member.pk: MAY})
    assert review(2025, 6, 17) == {"upgrade": 1}
    assert changes_of(member)[1:] == [("upgrade", "gold", "member")]


# What is won


@pytest.mark.parametrize(
    ("night", "ends"),
    [
        # The day that the night closed is the one on which it was won.
        ((2025, 6, 15), (2026, 7, 1)),
        ((2025, 6, 30), (2026, 7, 1)),
        ((2025, 7, 1), (2026, 7, 1)),
        ((2025, 7, 2), (2026, 8, 1)),
        ((2024, 3, 1), (2025, 3, 1)),
        ((2025, 1, 1), (2026, 1, 1)),
    ],
)
def test_upgrade_skips_ranks_and_is_held_to_the_end_of_a_month_in_a_year(
    night: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    spend_tiers()
    cutoff = local(*night)
    member = MemberFactory.create(joined_at=local(2020, 1, 1))
    place(member, "member", valid_until=None, since=cutoff - timedelta(days=30))
    bought(member, "2000.00", cutoff - TICK)
    assert review(*night) == {"upgrade": 1}
    assert changes_of(member) == [("upgrade", "gold", "member")]
    standing = Standing.objects.get()
    assert (standing.since, standing.valid_until) == (cutoff, local(*ends))
    assert TierChange.objects.get().valid_until == local(*ends)


def test_an_upgrade_starts_the_validity_anew() -> None:
    spend_tiers()
    member = new_member()
    place(member, "silver", valid_until=local(2025, 8, 1), since=local(2024, 7, 10))
    bought(member, "2000.00", MAY)
    assert review(*NIGHT) == {"upgrade": 1}
    assert Standing.objects.get().valid_until == local(2026, 7, 1)


def test_a_night_of_a_past_date_never_sets_a_standing_back() -> None:
    """The night is late: the member has risen meanwhile, and its own cutoff is before that."""
    spend_tiers()
    member = new_member()
    risen = CUTOFF + timedelta(hours=12)
    place(member, "silver", valid_until=local(2026, 7, 1), since=risen)
    bought(member, "2000.00", MAY)
    note_late_facts({member.pk: MAY})
    assert review(*NIGHT) == {"upgrade": 1}
    assert (TierChange.objects.get().at, Standing.objects.get().since) == (risen, risen)


def test_an_older_night_run_again_moves_nobody_before_the_last_change() -> None:
    """Kept by a later night, then raised by an older one: the tier of now is the one raised to."""
    spend_tiers()
    member = new_member()
    place(member, "silver", valid_until=local(2025, 6, 20), since=local(2024, 6, 20))
    bought(member, "500.00", MAY)
    assert review(2025, 6, 20) == {"retained": 1}
    bought(member, "1500.00", MAY)
    note_late_facts({member.pk: MAY})
    assert review(*NIGHT) == {"upgrade": 1}
    last = TierChange.objects.last_at(member, local(2025, 7, 1))
    assert last is not None
    assert (tier_of(member), last.to_tier.code) == ("gold", "gold")


def test_the_same_night_again_changes_nothing() -> None:
    spend_tiers()
    members = [new_member() for _ in range(4)]
    bought(members[1], "600.00", MAY)
    place(members[2], "gold", valid_until=CUTOFF, since=local(2024, 6, 1))
    place(members[3], "gold", valid_until=CUTOFF, since=local(2024, 6, 1))
    bought(members[3], "2000.00", MAY)
    assert review(*NIGHT) == {"entry": 2, "downgrade": 1, "retained": 1}
    rows = [list(model.objects.order_by("pk").values()) for model in (Standing, TierChange)]
    assert review(*NIGHT) == {}
    again = [list(model.objects.order_by("pk").values()) for model in (Standing, TierChange)]
    assert again == rows


def test_without_tiers_there_is_nothing_to_do() -> None:
    new_member()
    assert review(*NIGHT) == {}
    assert not Standing.objects.exists()
