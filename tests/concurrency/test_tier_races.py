"""Two nights review the same members at once, on PostgreSQL: every tier moves exactly once."""

import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from loyalty import jobs
from loyalty.models import PointsAccount, PointType, Purchase, Standing, Tier, TierChange
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ledgers import JOINED
from tests.loyalty.programmes import base_points, local, spend_tiers

from .test_nights import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NIGHT = date(2025, 7, 1)
END = local(2025, 7, 1)
MAY = local(2025, 5, 1, 12)
EVERYONE = 10**9
CROWD = 120
THREADS = 2
# Each third of the crowd: from which tier, with which spend, moves where and why.
LOTS = (
    ("member", "2000.00", "gold", "upgrade"),
    ("gold", "2500.00", "gold", "retained"),
    ("black", "0.00", "gold", "downgrade"),
)


@pytest.fixture
def crowd(db: None) -> list[Member]:
    """Members with accounts, facts in May and, but for the lowest tier, a validity that ends."""
    kind = base_points()
    spend_tiers()
    members = Member.objects.bulk_create(MemberFactory.build_batch(CROWD, joined_at=JOINED))
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    PointsAccount.objects.bulk_create(account(member, kind) for member in members)
    Purchase.objects.bulk_create(
        purchase(member, LOTS[turn % 3][1]) for turn, member in enumerate(members)
    )
    Standing.objects.bulk_create(
        standing(member, tiers[LOTS[turn % 3][0]]) for turn, member in enumerate(members)
    )
    return list(members)


def account(member: Member, kind: PointType) -> PointsAccount:
    return PointsAccount(member=member, point_type=kind, is_spendable=True)


def purchase(member: Member, amount: str) -> Purchase:
    return Purchase(
        source="file",
        external_id=str(member.pk),
        member=member,
        at=MAY,
        business_date=MAY.date(),
        amount=Decimal(amount),
    )


def standing(member: Member, tier: Tier) -> Standing:
    ends = END if tier.rank else None
    return Standing(member=member, tier=tier, since=JOINED, valid_until=ends, reviewed_at=JOINED)


def review_twice(monkeypatch: pytest.MonkeyPatch, *, is_locked: bool = True) -> list[Mapping]:
    """Both list the same members before either may go on; what each then says it did."""
    both_listed = threading.Barrier(THREADS)
    execute, fetch = jobs.execute_sql, jobs.fetch_sql

    def execute_sql(app: str, name: str, params: Mapping[str, object]) -> list[int]:
        counts = execute(app, name, params)
        if name == "list_members_to_review":
            both_listed.wait(timeout=20)
        return counts

    def fetch_sql(app: str, name: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
        skips = name == "lock_members_to_review" and not is_locked
        return [] if skips else fetch(app, name, params)

    def review() -> Mapping[str, int]:
        with transaction.atomic():
            return jobs.review_tiers(NIGHT, 1, EVERYONE)

    monkeypatch.setattr(jobs, "execute_sql", execute_sql)
    monkeypatch.setattr(jobs, "fetch_sql", fetch_sql)
    return at_once(THREADS, review)


def test_moves_every_member_once(crowd: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    reports = review_twice(monkeypatch)
    moved = {"upgrade": CROWD // 3, "retained": CROWD // 3, "downgrade": CROWD // 3}
    assert sorted(reports, key=len) == [{"unchanged": CROWD}, moved]
    changes = TierChange.objects.order_by("member_id").values_list(
        "member_id", "from_tier__code", "to_tier__code", "cause"
    )
    assert list(changes) == [
        (member.pk, LOTS[turn % 3][0], *LOTS[turn % 3][2:]) for turn, member in enumerate(crowd)
    ]
    assert set(Standing.objects.values_list("tier__code", "valid_until")) == {
        ("gold", local(2026, 7, 1))
    }


def test_moves_members_twice_without_the_lock(
    crowd: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both see the members where they stood."""
    review_twice(monkeypatch, is_locked=False)
    assert TierChange.objects.count() > CROWD


def test_gives_everyone_one_first_standing(
    crowd: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is there to lock: that a member has one standing decides who was first."""
    Standing.objects.all().delete()
    review_twice(monkeypatch)
    assert Standing.objects.count() == TierChange.objects.count() == CROWD
    assert set(TierChange.objects.values_list("cause", flat=True)) == {"entry"}
