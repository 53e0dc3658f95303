"""Health scores, bands and quadrants: by hand, at every bound, and as the night writes them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analytics.errors import HealthNotChanged
from analytics.jobs import measure_members
from analytics.models import HealthVersion, MemberMetrics, MemberRun
from analytics.rules.health import (
    DEFAULT_BANDS,
    DEFAULT_RULES,
    HealthBand,
    HealthFigures,
    HealthRules,
    content_of,
    has_ordered_bands,
    judge,
    loyalty_index,
    rules_from,
)
from analytics.services.health import apply_health, preview_health, rejudge_range
from members.models import Member, PortalDay
from tests.factories import OperatorFactory

from .shopping import buy, noon, programme, shopper
from .worlds import LAST_ID, figures_of, lively_world

NIGHT = date(2025, 6, 15)
NOTHING = HealthFigures(
    gone_days=None,
    orders_365=0,
    money_365=Decimal(0),
    money_90=Decimal(0),
    interactions_30=0,
    interactions_90=0,
    events_30=0,
    events_90=0,
)
# One part alone decides: its thousandths are the score's tenths.
SPENDING = HealthRules(spending_weight=100, interaction_weight=0, behaviour_weight=0)


def figures(**known: Any) -> HealthFigures:
    return HealthFigures(**{**vars(NOTHING), **known})


@pytest.mark.parametrize(
    ("gone", "score"),
    [(0, 33), (1, 33), (2, 32), (90, 16), (178, 0), (179, 0), (180, 0), (181, 0), (None, 0)],
)
def test_recency_fades_over_its_days(gone: int | None, score: int) -> None:
    assert judge(figures(gone_days=gone), SPENDING).score == score


@pytest.mark.parametrize(("orders", "score"), [(0, 0), (1, 2), (11, 30), (12, 33), (13, 33)])
def test_orders_count_up_to_the_full_number(orders: int, score: int) -> None:
    assert judge(figures(orders_365=orders), SPENDING).score == score


@pytest.mark.parametrize(
    ("money", "score"),
    [("-5", 0), ("0", 0), ("2999.99", 33), ("3000", 33), ("3000.01", 33), ("1500", 16)],
)
def test_money_counts_up_to_the_full_amount(money: str, score: int) -> None:
    assert judge(figures(money_365=Decimal(money)), SPENDING).score == score


def test_the_whole_is_the_weighed_parts() -> None:
    best = figures(
        gone_days=0,
        orders_365=12,
        money_365=Decimal(3000),
        interactions_30=8,
        interactions_90=20,
        events_30=40,
        events_90=100,
    )
    health = judge(best, DEFAULT_RULES)
    assert (health.spending, health.interaction, health.behaviour) == (100, 100, 100)
    assert (health.score, health.band) == (100, 3)
    half = judge(figures(interactions_30=8, interactions_90=8), DEFAULT_RULES)
    # Half of 1000 and 400 thousandths at a weight of 30: 21 of 100.
    assert (half.interaction, half.score) == (70, 21)


@pytest.mark.parametrize(
    ("score", "band"), [(0, 0), (24, 0), (25, 1), (26, 1), (49, 1), (50, 2), (74, 2), (75, 3)]
)
def test_a_band_begins_at_its_bound(score: int, band: int) -> None:
    rules = HealthRules(
        spending_weight=0, interaction_weight=100, behaviour_weight=0,
        interactions_30_full=100, interactions_90_full=100,
    )  # fmt: skip
    found = judge(figures(interactions_30=score, interactions_90=score), rules)
    assert (found.score, found.band) == (score, band)


@pytest.mark.parametrize(
    ("money", "interactions", "quadrant"),
    [
        ("300", 2, "active"),
        ("299.99", 2, "low_active"),
        ("300", 1, "churn_risk"),
        ("299.99", 1, "silent"),
        ("300.01", 3, "active"),
        ("0", 0, "silent"),
    ],
)
def test_a_quadrant_begins_at_its_bounds(money: str, interactions: int, quadrant: str) -> None:
    found = judge(
        figures(money_90=Decimal(money), interactions_30=interactions), DEFAULT_RULES
    ).quadrant
    assert found == quadrant


@pytest.mark.parametrize(
    ("bounds", "is_fine"),
    [
        ([0], True),
        ([0, 1, 100], True),
        ([1, 50], False),
        ([0, 50, 50], False),
        ([0, 60, 50], False),
        ([0, 101], False),
        ([], False),
        ([0, 1, 2, 3, 4, 5], True),
        ([0, 1, 2, 3, 4, 5, 6], False),
    ],
)
def test_bands_begin_one_above_the_other(bounds: list[int], is_fine: bool) -> None:
    bands = [HealthBand(bound, "A", "", "B", "") for bound in bounds]
    assert has_ordered_bands(bands) is is_fine


def test_rules_survive_their_keeping() -> None:
    rules = HealthRules(money_full=Decimal("12.34"), fall_days=7, bands=DEFAULT_BANDS[:2])
    assert rules_from(content_of(rules)) == rules
    assert rules_from({}) == DEFAULT_RULES


def test_the_index_is_a_mean_of_shares() -> None:
    def index(**known: Any) -> float:
        asked = {"value": 5000.0, "later_days": 4, "age_days": 60, "order_amount": 500.0}
        return loyalty_index(**{**asked, **known}, rules=DEFAULT_RULES)

    assert index() == 100
    assert index(value=50_000.0, order_amount=9_000.0) == 100
    assert index(later_days=0) == 0
    assert index(value=625.0) == pytest.approx(50)
    # Whoever came yesterday for the first time has not a rate of thirty a month.
    assert index(later_days=1, age_days=1) == pytest.approx(100 * 0.5 ** (1 / 3))
    assert loyalty_index(
        value=0.0,
        later_days=0,
        age_days=90,
        order_amount=250.0,
        rules=HealthRules(index_value_weight=0, index_frequency_weight=0, index_order_weight=3),
    ) == pytest.approx(50)


@pytest.mark.django_db
def test_a_night_agrees_with_a_recount_of_every_member() -> None:
    people = lively_world(NIGHT)
    assert measure_members(NIGHT, 1, LAST_ID) == {"members": len(people)}
    seen = set()
    for member in people:
        found = MemberMetrics.objects.get(member=member)
        expected = figures_of(member, NIGHT)
        for name, value in expected.items():
            assert getattr(found, name) == value, (name, member.pk)
        health = judge(
            HealthFigures(
                gone_days=found.recency_days,
                **{name: expected[name] for name in vars(NOTHING) if name != "gone_days"},
            ),
            DEFAULT_RULES,
        )
        told = (found.spending_score, found.interaction_score, found.behaviour_score)
        assert told == (health.spending, health.interaction, health.behaviour)
        assert (found.health_score, found.band, found.quadrant) == (
            health.score,
            health.band,
            health.quadrant,
        )
        seen.add(found.quadrant)
    assert seen == {"active", "low_active", "churn_risk", "silent"}


@pytest.mark.django_db
def test_the_same_night_twice_says_the_same() -> None:
    lively_world(NIGHT)
    measure_members(NIGHT, 1, LAST_ID)
    before = list(MemberMetrics.objects.order_by("member").values())
    measure_members(NIGHT, 1, LAST_ID)
    assert list(MemberMetrics.objects.order_by("member").values()) == before


def visit(member: Member, *days: date) -> None:
    PortalDay.objects.bulk_create(
        PortalDay(member=member, business_date=day, at=noon(day)) for day in days
    )


@pytest.mark.django_db
def test_a_score_is_compared_with_one_of_a_month_or_two_ago() -> None:
    member = shopper()
    visit(member, *(NIGHT - timedelta(days=days) for days in range(1, 9)))

    def told(days: int) -> tuple[int, int | None, date | None]:
        night = NIGHT + timedelta(days=days)
        measure_members(night, 1, LAST_ID)
        measure_members(night, 1, LAST_ID)
        found = MemberMetrics.objects.get()
        return found.health_score, found.past_score, found.mark_on

    # Eight visits: all of 30 days' share, 400 thousandths of 90 days'.
    assert told(0) == (21, None, NIGHT)
    assert told(29) == (7, None, NIGHT)
    assert told(30) == (6, 21, NIGHT + timedelta(days=30))
    assert told(59) == (6, 21, NIGHT + timedelta(days=30))
    assert told(60) == (6, 6, NIGHT + timedelta(days=60))


@pytest.mark.django_db
def test_a_new_version_forgets_what_was_compared() -> None:
    member = shopper()
    visit(member, NIGHT - timedelta(days=1))
    for days in (0, 30):
        measure_members(NIGHT + timedelta(days=days), 1, LAST_ID)
    assert MemberMetrics.objects.get().past_score is not None
    apply()
    measure_members(NIGHT + timedelta(days=31), 1, LAST_ID)
    found = MemberMetrics.objects.get()
    assert (found.past_score, found.past_on) == (None, None)
    assert found.mark_on == NIGHT + timedelta(days=31)


def apply(key: str = "k", **changes: Any) -> HealthVersion:
    rules = HealthRules(**{"interactions_90_full": 10, **changes})
    return apply_health(
        rules=rules, reason="Fewer visits are fine", operator=OperatorFactory(), key=key
    )


@pytest.mark.django_db
def test_a_preview_says_who_moves_and_moves_nobody() -> None:
    programme()
    lively_world(NIGHT)
    measure_members(NIGHT, 1, LAST_ID)
    kept = list(MemberMetrics.objects.order_by("member").values())
    same = preview_health(DEFAULT_RULES)
    assert (same.members, same.moved) == (len(kept), 0)
    rules = HealthRules(money_full=Decimal(1), orders_full=1, quadrant_money=Decimal(1))
    moves = preview_health(rules)
    assert moves.moved > 0
    assert list(MemberMetrics.objects.order_by("member").values()) == kept
    version = apply_health(rules=rules, reason="x", operator=OperatorFactory(), key="k")
    before = {row["member_id"]: (row["band"], row["quadrant"]) for row in kept}
    rejudge_range(version, 1, LAST_ID)
    for (old, new), count in moves.bands.items():
        assert count == sum(
            before[found.member_id][0] == old and found.band == new
            for found in MemberMetrics.objects.all()
        )
    for (old_quadrant, quadrant), count in moves.quadrants.items():
        assert count == sum(
            before[found.member_id][1] == old_quadrant and found.quadrant == quadrant
            for found in MemberMetrics.objects.all()
        )


@pytest.mark.django_db
def test_judging_anew_says_what_the_next_measuring_says() -> None:
    lively_world(NIGHT)
    measure_members(NIGHT, 1, LAST_ID)
    version = apply()
    assert rejudge_range(version, 1, LAST_ID) == MemberMetrics.objects.count()
    assert rejudge_range(version, 1, LAST_ID) == 0
    judged = list(MemberMetrics.objects.order_by("member").values())
    measure_members(NIGHT, 1, LAST_ID)
    assert list(MemberMetrics.objects.order_by("member").values()) == judged


@pytest.mark.django_db
def test_a_version_is_applied_once_for_each_key() -> None:
    version = apply()
    assert apply() == version
    run = MemberRun.objects.get()
    assert (run.kind, run.version, run.status) == ("health", version, "working")
    with pytest.raises(HealthNotChanged):
        apply(key="other")
    assert HealthVersion.objects.count() == 1


@pytest.mark.django_db
def test_only_the_latest_version_judges() -> None:
    shopper()
    measure_members(NIGHT, 1, LAST_ID)
    older = apply()
    apply(key="other", orders_full=3)
    assert rejudge_range(older, 1, LAST_ID) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"health_score": 101},
        {"band": -1},
        {"interactions_30": 5, "interactions_90": 4},
        {"events_30": -1},
    ],
)
def test_the_database_refuses_health_that_is_none(broken: dict[str, int]) -> None:
    shopper()
    measure_members(NIGHT, 1, LAST_ID)
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberMetrics.objects.update(**broken)


@pytest.mark.django_db
def test_favourites_are_the_first_of_equals() -> None:
    programme()
    member = shopper()
    buy(member, NIGHT - timedelta(days=366))
    buy(member, NIGHT - timedelta(days=3))
    buy(member, NIGHT - timedelta(days=2))
    measure_members(NIGHT, 1, LAST_ID)
    found = MemberMetrics.objects.get()
    assert (found.orders, found.orders_365) == (3, 2)
    # 12 and 13 June 2025, a Thursday and a Friday, both at noon.
    assert (found.favourite_weekday, found.favourite_hour) == (3, 12)
    assert (found.favourite_store, found.favourite_category) == (None, None)
