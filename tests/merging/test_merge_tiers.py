"""The ladder counts what both did, each on its own date; the better tier is not lost."""

from datetime import date, datetime

import pytest

from common.jobs.nights import run_nights
from loyalty.models import Ladder, Standing, Tier, TierChange, TierOverride
from loyalty.services.overrides import tier_held
from loyalty.services.standings import figures_of
from members.models import Member
from members.services import record_visit
from tests.loyalty.ledgers import buy, give_back, new_member, programme
from tests.loyalty.programmes import local
from tests.loyalty.reviews import bought, place, review
from tests.loyalty.tampering import broken

from .worlds import merge, undo

pytestmark = pytest.mark.django_db

LATER = local(2024, 7, 1, 10)


@pytest.fixture(autouse=True)
def _programme() -> None:
    programme()


def tier_of(member: Member) -> str:
    return Standing.objects.get(member=member).tier.code


def held_at(member: Member, *instant: int) -> str:
    tier = tier_held(member, local(*instant))
    assert tier is not None
    return tier.code


def test_purchases_of_both_earn_a_tier_at_once() -> None:
    kept, merged = new_member(), new_member()
    buy(kept, "300.00", local(2024, 4, 1, 12))
    buy(merged, "200.00", local(2024, 4, 2, 12))
    merge(kept, merged)
    assert tier_of(kept) == "silver"
    change = TierChange.objects.filter(member=kept).latest("pk")
    assert (change.cause, str(change.spend), change.orders) == ("upgrade", "500.00", 2)
    assert broken() == {}


def test_growth_points_count_on_the_day_on_which_they_were_earned() -> None:
    kept, merged = new_member(), new_member()
    buy(merged, "200.00", local(2024, 4, 2, 12))
    merge(kept, merged)
    whole = figures_of(kept, window_from=local(2024, 4, 1), until=LATER)
    since = figures_of(kept, window_from=local(2024, 5, 1), until=LATER)
    assert (whole.growth, str(whole.spend), whole.orders) == (200, "200.00", 1)
    assert (since.growth, str(since.spend), since.orders) == (0, "0.00", 0)


def test_days_of_both_are_one_person_s_days() -> None:
    kept, merged = new_member(), new_member()
    buy(kept, "1.00", local(2024, 4, 1, 12))
    buy(merged, "1.00", local(2024, 4, 1, 13))
    buy(merged, "1.00", local(2024, 4, 2, 12))
    record_visit(member=merged, now=local(2024, 4, 3, 12))
    merge(kept, merged)
    figures = figures_of(kept, window_from=local(2024, 1, 1), until=LATER)
    assert figures.active_days == 3


def test_the_night_counts_like_a_purchase_does() -> None:
    kept, merged = new_member(), new_member()
    place(kept, "member", valid_until=None, since=local(2024, 1, 1))
    bought(merged, "600.00", local(2024, 4, 1, 12))
    merge(kept, merged)
    Standing.objects.filter(member=kept).update(
        tier=Tier.objects.get(code="member"), has_late_fact=True
    )
    review(2024, 6, 2)
    change = TierChange.objects.filter(member=kept).latest("pk")
    assert (change.to_tier.code, str(change.spend), change.orders) == ("silver", "600.00", 1)
    assert "I24" not in broken()


def test_a_tier_won_before_is_lent_until_its_end_and_grace() -> None:
    Ladder.objects.update(grace_days=10)
    kept, merged = new_member(), new_member()
    place(merged, "gold", valid_until=local(2024, 8, 1), since=local(2023, 7, 1))
    merge(kept, merged)
    assert held_at(kept, 2024, 8, 10, 23) == "gold"
    assert held_at(kept, 2024, 8, 11) == "member"
    lent = TierOverride.objects.get(member=kept)
    assert lent.reason == "One person with two cards"


def test_a_lower_tier_lends_nothing() -> None:
    kept, merged = new_member(), new_member()
    place(kept, "gold", valid_until=local(2024, 8, 1), since=local(2023, 7, 1))
    place(merged, "silver", valid_until=local(2024, 9, 1), since=local(2023, 7, 1))
    merge(kept, merged)
    assert TierOverride.objects.count() == 0


def test_undone_the_lent_tier_ends_and_both_are_judged_by_their_own() -> None:
    kept, merged = new_member(), new_member()
    place(merged, "gold", valid_until=local(2024, 8, 1), since=local(2023, 7, 1))
    buy(merged, "200.00", local(2024, 4, 2, 12))
    undo(merge(kept, merged), now=LATER)
    assert held_at(kept, 2024, 7, 2) == "member"
    assert held_at(merged, 2024, 7, 2) == "gold"
    figures = figures_of(kept, window_from=None, until=LATER)
    assert (str(figures.spend), figures.growth) == ("0.00", 0)


def test_a_late_refund_of_the_merged_member_s_counts_at_the_next_night() -> None:
    kept, merged = new_member(), new_member()
    buy(kept, "300.00", local(2024, 4, 1, 12))
    second = buy(merged, "200.00", local(2024, 4, 2, 12))
    merge(kept, merged)
    give_back(second, "200.00", LATER)
    figures = figures_of(kept, window_from=None, until=local(2024, 7, 2))
    assert (str(figures.spend), figures.growth) == ("300.00", 300)
    assert Standing.objects.get(member=kept).has_late_fact


def test_nights_leave_the_merged_member_alone() -> None:
    kept, merged = new_member(), new_member()
    place(merged, "gold", valid_until=local(2024, 6, 10), since=local(2023, 7, 1))
    merge(kept, merged)
    run_nights(date(2024, 6, 20))
    assert tier_of(merged) == "gold"
    assert not TierChange.objects.filter(member=merged, cause="downgrade").exists()


@pytest.mark.parametrize("window_from", [None, local(2024, 4, 2)])
def test_where_nobody_is_merged_both_statements_tell_the_same(
    window_from: datetime | None,
) -> None:
    member, other = new_member(), new_member()
    first = buy(member, "300.00", local(2024, 4, 1, 12))
    buy(member, "200.00", local(2024, 4, 2, 12))
    give_back(first, "30.00", local(2024, 4, 3, 12))
    record_visit(member=member, now=local(2024, 4, 5, 12))
    undo(merge(member, other), now=LATER)
    told = [
        figures_of(member, window_from=window_from, until=LATER, has_merges=has_merges)
        for has_merges in (True, False)
    ]
    assert told[0] == told[1]
    assert told[0].growth == (470 if window_from is None else 170)
