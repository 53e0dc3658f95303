"""One member's cap under fifty purchases at once, on PostgreSQL, with the lock and without it."""

from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest

from common.proof import configured_checks, prove
from loyalty.models import PointsAccount, PointsEntry, Purchase, RuleCounter
from loyalty.models.points import PointsAccountQuerySet
from loyalty.services import caps
from loyalty.services.activities import record_activity
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points, earning_rule, local

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
NOON = local(2025, 11, 11, 12)


def buy(member: Member, number: int, at: datetime = NOON) -> Purchase:
    return record_purchase(
        source="till",
        external_id=f"P-{member.pk}-{number}",
        at=at,
        amount=Decimal(30),
        member=member,
        now=at,
    )


def review(member: Member, number: int) -> object:
    return record_activity(member=member, kind="review", key=f"r-{number}", now=NOON)


def used() -> dict[str, int]:
    return dict(RuleCounter.objects.values_list("window", "used"))


def broken() -> set[str]:
    return {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean}


@pytest.fixture
def member() -> Member:
    return MemberFactory.create(joined_at=local(2025, 1, 1))


def test_fifty_purchases_of_one_member_fill_the_cap_exactly(member: Member) -> None:
    earning_rule(base_points(), cap_day=500, cap_month=700, budget=10_000)
    told = all_at_once([outcome(partial(buy, member, number)) for number in range(THREADS)])
    assert told == ["done"] * THREADS
    assert PointsEntry.objects.total() == 500
    assert used() == {"day:2025-11-11": 500, "month:2025-11": 500, "budget": 500}
    assert broken() == set()


def test_fifty_reviews_of_one_member_fill_the_cap_exactly(member: Member) -> None:
    rule = {"trigger": "review", "points": 30, "per_amount": None}
    earning_rule(base_points(), cap_day=500, **rule)  # type: ignore[arg-type]
    all_at_once([partial(review, member, number) for number in range(THREADS)])
    assert PointsEntry.objects.total() == 500
    assert used() == {"day:2025-11-11": 500}


def test_fifty_members_share_a_budget_within_their_own_caps() -> None:
    earning_rule(base_points(), cap_day=20, budget=900)
    members = [MemberFactory.create(joined_at=local(2025, 1, 1)) for _ in range(THREADS)]
    all_at_once([partial(buy, member, 1) for member in members])
    assert PointsEntry.objects.total() == 900
    counters = RuleCounter.objects.filter(member__isnull=False)
    assert sorted(counters.values_list("used", flat=True)) == [20] * 45
    assert RuleCounter.objects.budget_used("base-purchase") == 900
    assert broken() == set()


def test_without_the_lock_a_cap_does_not_hold(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: accounts and counters read without being held, purchases run into the
    conditional update behind the lock; it stops some of them, and never lets the cap overflow."""

    def unlocked(
        accounts: PointsAccountQuerySet, members: list[int], kinds: list[int]
    ) -> list[PointsAccount]:
        found = accounts.filter(member_id__in=members, point_type_id__in=kinds)
        return list(found.order_by("id"))

    original = caps.caps_left
    monkeypatch.setattr(PointsAccountQuerySet, "lock", unlocked)
    monkeypatch.setattr(
        "loyalty.services.earning.caps_left",
        lambda terms, member, day: original(terms, member, day, is_locked=False),
    )
    earning_rule(base_points(), cap_day=500)
    buy(member, THREADS)
    acts = [outcome(partial(buy, member, number), Exception) for number in range(THREADS)]
    told = all_at_once(acts)
    assert told.count("done") < THREADS
    assert used()["day:2025-11-11"] <= 500
