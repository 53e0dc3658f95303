"""Where a place leads: what is missing to rise and to stay, and the tier that follows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from loyalty.models import Activity, Ladder, Standing, Tier
from loyalty.outlook import Outlook, outlook_of
from loyalty.services.overrides import grant_override
from members.models import Member
from members.services import record_visit

from .ledgers import new_member
from .programmes import growth_points, local, spend_tiers
from .reviews import bought, grown, place, refunded

pytestmark = pytest.mark.django_db

NOW = local(2025, 5, 20, 12)
WON = local(2024, 6, 10, 12)
END = local(2025, 7, 1)
TICK = timedelta(microseconds=1)


def on_gold(*, until: datetime | None = END, **ladder: Any) -> Member:
    """Gold asks for 2,000 to enter and 1,500 to stay; days of grace are 30."""
    spend_tiers(**{"grace_days": 30, **ladder})
    asks("gold", retention_spend=Decimal(1500))
    member = new_member()
    place(member, "gold", valid_until=until, since=WON)
    return member


def asks(code: str, **bounds: Any) -> None:
    Tier.objects.filter(code=code).update(**bounds)


def missing(outlook: Outlook) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """What is missing to the next tier and to stay, by measure."""
    return (
        [(bound.measure, bound.missing) for bound in outlook.to_next],
        [(bound.measure, bound.missing) for bound in outlook.to_stay],
    )


def leads_to(outlook: Outlook) -> tuple[str, date | None]:
    assert outlook.projected is not None
    return outlook.projected.code, outlook.down_on


def test_without_a_ladder_there_is_nothing() -> None:
    outlook = outlook_of(new_member(), NOW)
    assert (outlook.place.tier, outlook.projected, outlook.down_on) == (None, None, None)
    assert (outlook.to_next, outlook.to_stay, outlook.stays) == ([], [], False)


def test_a_newcomer_is_on_the_lowest_without_an_end() -> None:
    spend_tiers()
    outlook = outlook_of(new_member(), NOW)
    assert leads_to(outlook) == ("member", None)
    assert missing(outlook) == ([("spend", Decimal(500))], [])
    assert outlook.stays


@pytest.mark.parametrize(
    ("spend", "to_stay", "follows"),
    [
        ("1499.99", Decimal("0.01"), ("silver", date(2025, 7, 31))),
        ("1500.00", Decimal(0), ("gold", None)),
        ("1500.01", Decimal(0), ("gold", None)),
    ],
)
def test_stays_from_its_bound_on(
    spend: str, to_stay: Decimal, follows: tuple[str, date | None]
) -> None:
    member = on_gold()
    bought(member, spend, local(2025, 5, 1))
    outlook = outlook_of(member, NOW)
    assert missing(outlook) == (
        [("spend", Decimal(10000) - Decimal(spend))],
        [("spend", to_stay)],
    )
    assert (leads_to(outlook), outlook.stays) == (follows, follows[0] == "gold")


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (local(2024, 7, 1) - TICK, False),
        (local(2024, 7, 1), True),
        (local(2024, 7, 1) + TICK, True),
    ],
)
def test_what_leaves_the_window_before_the_end_does_not_keep(at: datetime, counts: bool) -> None:
    member = on_gold()
    bought(member, "1500.00", at)
    outlook = outlook_of(member, NOW)
    assert outlook.figures.spend == Decimal(1500)
    assert missing(outlook)[1] == [("spend", Decimal(0 if counts else 1500))]
    assert outlook.stays is counts


@pytest.mark.parametrize(("offset", "spend"), [(-TICK, 0), (TICK * 0, 700), (TICK, 700)])
def test_counts_up_to_and_with_this_instant(offset: timedelta, spend: int) -> None:
    member = on_gold()
    bought(member, "700.00", NOW)
    assert outlook_of(member, NOW + offset).figures.spend == Decimal(spend)


def test_a_refund_counts_against_it() -> None:
    member = on_gold()
    bought(member, "1600.00", local(2025, 5, 1))
    refunded(member, "100.01", local(2025, 5, 2))
    assert missing(outlook_of(member, NOW))[1] == [("spend", Decimal("0.01"))]


def measured(member: Member) -> None:
    """Two purchases of 10.00 together, 30 growth points, four active days."""
    growth_points()
    for day in (1, 2):
        bought(member, "5.00", local(2025, 5, day))
    grown(member, 30, local(2025, 5, 1, 9))
    Activity.objects.create(
        member=member,
        kind="check_in",
        business_date=date(2025, 5, 3),
        at=local(2025, 5, 3, 9),
        key="c",
    )
    record_visit(member=member, now=local(2025, 5, 4, 9))


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"orders": 3}, [("orders", 1)]),
        ({"growth": 31}, [("growth", 1)]),
        ({"active_days": 5}, [("active_days", 1)]),
        ({"orders": 2, "growth": 40}, [("orders", 0), ("growth", 10)]),
    ],
)
def test_asks_by_every_measure(bounds: dict[str, int], expected: list[tuple[str, int]]) -> None:
    member = on_gold()
    entry = {f"entry_{name}": bound for name, bound in bounds.items()}
    retention = {f"retention_{name}": bound for name, bound in bounds.items()}
    asks("gold", entry_spend=None, retention_spend=None, **entry, **retention)
    asks("black", entry_spend=None, **entry)
    measured(member)
    assert missing(outlook_of(member, NOW)) == (expected, expected)


@pytest.mark.parametrize(("join", "stays"), [("any", True), ("all", False)])
def test_any_or_all_of_its_bounds_keep(join: str, stays: bool) -> None:
    member = on_gold()
    asks("gold", join=join, entry_orders=1)
    bought(member, "5.00", local(2025, 5, 1))
    outlook = outlook_of(member, NOW)
    assert missing(outlook)[1] == [("spend", Decimal(1495)), ("orders", 0)]
    assert outlook.stays is stays


@pytest.mark.parametrize(
    ("downgrade", "follows"),
    [
        ("none", ("gold", None)),
        ("one_step", ("silver", date(2025, 7, 31))),
        ("matching", ("member", date(2025, 7, 31))),
    ],
)
def test_follows_the_way_down(downgrade: str, follows: tuple[str, date | None]) -> None:
    assert leads_to(outlook_of(on_gold(downgrade=downgrade), NOW)) == follows


@pytest.mark.parametrize(
    ("window", "until", "at", "spend_now", "stays"),
    [
        # The calendar year of the night that decides is that of the day it closes.
        ("year", local(2026, 1, 1), local(2025, 1, 1), 1500, True),
        ("year", local(2026, 1, 1), local(2025, 1, 1) - TICK, 0, False),
        ("year", local(2026, 1, 2), local(2025, 5, 1), 1500, False),
        # What won the tier at that instant does not keep it.
        ("tier", END, WON, 0, False),
        ("tier", END, WON + TICK, 1500, True),
        ("never", END, local(1999, 1, 1), 1500, True),
        ("1M", END, local(2025, 5, 31), 0, False),
    ],
)
def test_looks_through_its_window(
    window: str, until: datetime, at: datetime, spend_now: int, stays: bool
) -> None:
    member = on_gold(window=window, until=until)
    begins = WON + TICK
    member.standing.counts_from = begins
    member.standing.save(update_fields=["counts_from"])
    bought(member, "1500.00", at)
    outlook = outlook_of(member, NOW)
    assert (outlook.figures.spend, outlook.stays) == (Decimal(spend_now), stays)


@pytest.mark.parametrize(
    ("now", "night"),
    [(local(2025, 7, 1), date(2025, 7, 31)), (local(2025, 7, 30, 23), date(2025, 7, 31))],
)
def test_in_the_days_of_grace_the_next_night_decides(now: datetime, night: date) -> None:
    member = on_gold()
    bought(member, "1500.00", now - timedelta(days=360))
    outlook = outlook_of(member, now)
    assert outlook.stays
    bought(member, "500.00", now)
    asks("gold", retention_spend=Decimal(2001), entry_spend=Decimal(3000))
    assert leads_to(outlook_of(member, now)) == ("silver", night)


def test_a_tier_without_an_end_asks_for_nothing_to_stay() -> None:
    outlook = outlook_of(on_gold(until=None), NOW)
    assert (outlook.to_stay, leads_to(outlook), outlook.stays) == ([], ("gold", None), True)


def test_nothing_is_above_the_highest() -> None:
    spend_tiers()
    member = new_member()
    place(member, "black", valid_until=None, since=WON)
    outlook = outlook_of(member, NOW)
    assert (outlook.place.next_tier, outlook.to_next) == (None, [])


def test_an_override_lifts_the_place_and_not_where_it_leads() -> None:
    member = on_gold()
    for key, ends_at in (("short", local(2025, 6, 1)), ("long", local(2025, 6, 11))):
        grant_override(
            member=member,
            kind="birthday",
            steps=1,
            ends_at=ends_at,
            reason="Happy birthday",
            key=key,
            now=NOW - timedelta(days=1),
        )
    outlook = outlook_of(member, NOW)
    held, lifting = outlook.place, outlook.place.lifting
    assert held.tier is not None
    assert lifting is not None
    assert (held.tier.code, lifting.key) == ("black", "long")
    assert (held.valid_through(), held.earned_through()) == (date(2025, 6, 10), date(2025, 6, 30))
    assert leads_to(outlook) == ("silver", date(2025, 7, 31))
    assert [bound.measure for bound in outlook.to_next] == ["spend"]


def test_needs_six_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    member = on_gold()
    measured(member)
    assert Ladder.objects.count() == 1
    with django_assert_num_queries(6):
        outlook_of(member, NOW)


@pytest.mark.parametrize(
    ("held", "down_on"),
    [
        # The days of grace are over: whom nobody told comes down on no earlier night than the next.
        ({"valid_until": local(2025, 2, 1)}, date(2025, 5, 21)),
        # Not so soon after the last way down.
        ({"no_step_before": local(2025, 9, 1)}, date(2025, 9, 1)),
        ({"no_step_before": local(2025, 7, 20)}, date(2025, 7, 31)),
    ],
)
def test_never_says_that_the_way_down_is_behind(held: dict[str, Any], down_on: date) -> None:
    member = on_gold()
    Standing.objects.update(**held)
    assert leads_to(outlook_of(member, NOW)) == ("silver", down_on)
