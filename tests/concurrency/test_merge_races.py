"""Members are merged while others spend, sell, refund and merge them, on PostgreSQL."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, models
from django.db.models import Sum

from common import clock
from loyalty.errors import InsufficientPoints
from loyalty.models import MergeMove, PointsAccount, PointType
from loyalty.services.merging import settle_merges
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_purchase, record_refund
from members.errors import MergeNotAlone, MergeOfClosed
from members.models import Member, MemberMerge, User
from members.services.merging import merge_members, undo_merge
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme

from .test_points_races import breaks, broken, member_with, unguarded
from .threads import all_at_once, outcome

__all__ = ["unguarded"]

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROUNDS = 4
numbers = count(1)


@pytest.fixture(autouse=True)
def programme(transactional_db: None) -> None:
    plain_programme()


def merging(kept: Member, merged: Member, operator: User) -> Callable[[], MemberMerge]:
    return partial(
        merge_members,
        kept=kept,
        merged=merged,
        operator=operator,
        reason="One person",
        key=f"k{next(numbers)}",
    )


def settle(*members: Member) -> None:
    """What the night brings over of what came a moment too late."""
    ids = [member.pk for member in members]
    settle_merges(first_member_id=min(ids), last_member_id=max(ids), at=clock.now())


def held_by(*members: Member) -> list[int]:
    accounts = PointsAccount.objects.filter(member__in=members, point_type__code=PointType.BASE)
    held = dict(accounts.values_list("member", "balance"))
    return [held.get(member.pk, 0) for member in members]


# --- Merged while both cards spend and one sells ----------------------------------------------


def spend_and_sell_while_merging() -> bool:
    """Nothing is spent twice, and all that is left is the kept member's."""
    operator = User.objects.first() or OperatorFactory.create()
    kept, merged = member_with(10), member_with(100)
    refusals = (InsufficientPoints, DatabaseError)
    merge = outcome(merging(kept, merged, operator), DatabaseError)
    spend = outcome(partial(redeem_points, member=merged, points=80, key="a"), *refusals)
    again = outcome(partial(redeem_points, member=kept, points=80, key="b"), *refusals)
    sell = outcome(partial(earn_points, member=merged, points=7, key="c"), DatabaseError)
    merge_end, spent, spent_again, sold = all_at_once([merge, spend, again, sell])
    settle(kept, merged)
    left = 117 - 80 * [spent, spent_again].count("done")
    is_right = (merge_end, sold) == ("done", "done") and held_by(kept, merged) == [left, 0]
    return is_right and left in (37, 117)


def test_nothing_is_spent_twice_while_merging() -> None:
    assert all(spend_and_sell_while_merging() for _round in range(ROUNDS))
    assert broken() == set()


def test_without_the_locks_the_books_break(unguarded: None) -> None:
    assert breaks(spend_and_sell_while_merging)


# --- A refund of an earlier purchase ----------------------------------------------------------


def test_a_refund_takes_its_points_once_wherever_they_are() -> None:
    operator = OperatorFactory.create()
    for number in range(ROUNDS):
        kept, merged = MemberFactory.create(), MemberFactory.create()
        facts: dict[str, Any] = {"source": "till", "at": clock.now()}
        bought = record_purchase(
            **facts, external_id=f"P{number}", amount=Decimal("50.00"), member=merged
        )
        facts["at"] = bought.at
        refund = partial(record_refund, **facts, external_id=f"C{number}", amount=Decimal("20.00"))
        all_at_once(
            [
                outcome(merging(kept, merged, operator)),
                outcome(partial(refund, purchase=bought)),
                outcome(partial(refund, purchase=bought)),
            ]
        )
        settle(kept, merged)
        assert held_by(kept, merged) == [30, 0]
    assert broken() == set()


# --- Merges of the same members ---------------------------------------------------------------


def crossed_merges() -> bool:
    """Of merges that would make chains or circles, those that are let in make neither."""
    operator = User.objects.first() or OperatorFactory.create()
    one, two, three = member_with(1), member_with(2), member_with(4)
    refusals = (MergeNotAlone, MergeOfClosed, DatabaseError)
    acts = [
        outcome(merging(kept, merged, operator), *refusals)
        for kept, merged in ((one, two), (two, one), (two, three), (three, one), (one, three))
    ]
    ends = all_at_once(acts)
    live = MemberMerge.objects.live().filter(kept__in=(one, two, three))
    kept = set(live.values_list("kept", flat=True))
    merged = list(live.values_list("merged", flat=True))
    is_flat = kept.isdisjoint(merged) and len(set(merged)) == len(merged)
    return is_flat and "done" in ends and sum(held_by(one, two, three)) == 7


def test_crossed_merges_make_no_chain() -> None:
    assert all(crossed_merges() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.fixture
def unlocked_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are read instead of locked."""

    def unlocked(members: models.QuerySet[Member], **options: Any) -> models.QuerySet[Member]:
        return members

    monkeypatch.setattr(type(Member.objects.all()), "select_for_update", unlocked)


def test_without_the_members_locks_merges_cross(unlocked_members: None) -> None:
    assert breaks(crossed_merges)


# --- Merged and undone ------------------------------------------------------------------------


def test_is_undone_once() -> None:
    operator = OperatorFactory.create()
    for _round in range(ROUNDS):
        kept, merged = member_with(10), member_with(100)
        done = merging(kept, merged, operator)()
        undo = partial(undo_merge, merge=done, operator=operator, reason="Two people")
        spend = partial(redeem_points, member=kept, points=60, key="a")
        ends = all_at_once([outcome(undo), outcome(undo), outcome(spend, InsufficientPoints)])
        assert ends[:2] == ["done", "done"]
        owed = PointsAccount.objects.get(member=kept).debt
        spent = 60 if ends[2] == "done" else 0
        assert held_by(kept, merged)[1] == 100
        assert held_by(kept)[0] - owed == 10 - spent
    returned = MergeMove.objects.filter(is_return=True).aggregate(points=Sum("given__points"))
    assert returned["points"] == 100 * ROUNDS
    assert broken() == set()
