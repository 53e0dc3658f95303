"""Points of two members who are one: pairs of entries, and a ledger that is proved afterwards."""

from decimal import Decimal

import pytest
from django.db.models import F

from common.jobs.nights import run_nights
from loyalty.errors import InsufficientPoints
from loyalty.models import MergeMove, PointsEntry, PointType, Purchase, UncollectedPoints
from loyalty.services.points import redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.merging import words_of_undo
from members.models import MemberMerge
from tests.loyalty.ledgers import (
    account_of,
    buy,
    give_back,
    lots_of,
    member_with_points,
    new_member,
    programme,
)
from tests.loyalty.programmes import local
from tests.loyalty.tampering import broken, overwrite

from .worlds import NOW, held, merge, open_lots, undo

pytestmark = pytest.mark.django_db

LATER = local(2024, 7, 1, 10)


@pytest.fixture(autouse=True)
def _programme() -> None:
    programme()


def test_moves_lots_with_their_terms_and_names_their_source() -> None:
    kept, merged = new_member(), new_member()
    buy(kept, "30.00", local(2024, 5, 1, 12))
    buy(merged, "50.00", local(2024, 4, 1, 12))
    buy(merged, "20.00", local(2024, 5, 30, 12))
    terms = [(lot.remaining, lot.expires_at) for lot in lots_of(merged)]
    pending = lots_of(merged)[1].available_at
    done = merge(kept, merged)
    assert open_lots(merged) == []
    assert open_lots(kept)[1:] == terms
    assert [lot.expiry for lot in lots_of(kept)] == ["12M", "12M", "12M"]
    assert lots_of(kept)[2].available_at == pending
    first = MergeMove.objects.forth(done)[0]
    source = first.taken.allocations.get().lot
    assert (source, first.given.lot) == (lots_of(merged)[0], lots_of(kept)[1])
    assert broken() == {}


def test_moves_other_kinds_by_their_sum() -> None:
    kept, merged = new_member(), new_member()
    buy(kept, "30.00", local(2024, 5, 1, 12))
    buy(merged, "50.00", local(2024, 4, 1, 12))
    merge(kept, merged)
    assert held(kept, PointType.GROWTH) == (80, 0)
    assert held(merged, PointType.GROWTH) == (0, 0)
    assert broken() == {}


def test_debt_moves_and_is_paid_by_what_the_kept_member_holds() -> None:
    kept, merged = member_with_points(100), member_with_points(10)
    bought = buy(merged, "60.00", local(2024, 2, 1, 12))
    redeem_points(member=merged, points=70, key="r", now=local(2024, 3, 1))
    give_back(bought, "60.00", local(2024, 3, 2))
    assert held(merged) == (0, 60)
    merge(kept, merged)
    assert (held(kept), held(merged)) == ((40, 0), (0, 0))
    assert broken() == {}


def test_points_that_come_pay_the_kept_member_s_debt_first() -> None:
    kept, merged = member_with_points(10), member_with_points(25, 100)
    bought = buy(kept, "60.00", local(2024, 2, 1, 12))
    redeem_points(member=kept, points=70, key="r", now=local(2024, 3, 1))
    give_back(bought, "60.00", local(2024, 3, 2))
    done = merge(kept, merged)
    assert (held(kept), held(merged)) == ((65, 0), (0, 0))
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((0, 60), (125, 0))
    assert broken() == {}


def test_the_same_key_changes_nothing() -> None:
    kept, merged = member_with_points(10), member_with_points(25)
    first = merge(kept, merged)
    entries = PointsEntry.objects.count()
    assert merge(kept, merged) == first
    assert (PointsEntry.objects.count(), MemberMerge.objects.count()) == (entries, 1)


def test_undone_at_once_everything_is_as_before() -> None:
    kept, merged = member_with_points(10), member_with_points(25)
    buy(merged, "50.00", local(2024, 5, 30, 12))
    before = [open_lots(kept), open_lots(merged), held(merged, PointType.GROWTH)]
    undo(merge(kept, merged), now=NOW)
    assert [open_lots(kept), open_lots(merged), held(merged, PointType.GROWTH)] == before
    assert broken() == {}


def test_undone_after_spending_the_kept_member_owes_what_is_missing() -> None:
    kept, merged = member_with_points(10), member_with_points(25)
    done = merge(kept, merged)
    redeem_points(member=kept, points=30, key="r", now=local(2024, 6, 2))
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((0, 20), (25, 0))
    assert broken() == {}


def test_undone_after_spending_a_policy_that_forgives_leaves_it_to_them() -> None:
    kept, merged = member_with_points(10), member_with_points(25)
    done = merge(kept, merged)
    redeem_points(member=kept, points=30, key="r", now=local(2024, 6, 2))
    PointType.objects.filter(code=PointType.BASE).update(clawback=PointType.Clawback.FORGIVE)
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((0, 0), (5, 0))
    assert broken() == {}


def test_what_expired_meanwhile_is_gone_for_both() -> None:
    kept, merged = new_member(), member_with_points(25, at=local(2023, 6, 10))
    buy(kept, "10.00", local(2024, 5, 1, 12))
    done = merge(kept, merged)
    run_nights(local(2024, 6, 20).date())
    assert held(kept) == (10, 0)
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((10, 0), (0, 0))
    assert broken() == {}


def test_debt_goes_back_to_whose_it_was() -> None:
    kept, merged = member_with_points(100), member_with_points(10)
    bought = buy(merged, "60.00", local(2024, 2, 1, 12))
    redeem_points(member=merged, points=70, key="r", now=local(2024, 3, 1))
    give_back(bought, "60.00", local(2024, 3, 2))
    done = merge(kept, merged)
    assert words_of_undo(done, LATER) == ["Points: a debt of 60 is the merged member’s again."]
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((100, 0), (0, 60))
    assert broken() == {}


# What still comes to the merged member's account


def test_a_refund_of_an_earlier_purchase_takes_from_the_kept_member() -> None:
    kept, merged = member_with_points(5), new_member()
    bought = buy(merged, "50.00", local(2024, 4, 1, 12))
    merge(kept, merged)
    give_back(bought, "20.00", LATER)
    assert (held(kept), held(merged)) == ((35, 0), (0, 0))
    assert held(kept, PointType.GROWTH) == (30, 0)
    assert broken() == {}


def test_a_forgiving_refund_forgives_only_what_neither_holds() -> None:
    kept, merged = member_with_points(5), new_member()
    bought = buy(merged, "50.00", local(2024, 4, 1, 12))
    merge(kept, merged)
    redeem_points(member=kept, points=45, key="r", now=local(2024, 6, 2))
    PointType.objects.filter(code=PointType.BASE).update(clawback=PointType.Clawback.FORGIVE)
    give_back(bought, "20.00", LATER)
    assert (held(kept), held(merged)) == ((0, 0), (0, 0))
    assert UncollectedPoints.objects.get().points == 10
    assert broken() == {}


def test_a_refund_that_took_from_the_kept_member_is_the_merged_one_s_after_undoing() -> None:
    kept, merged = member_with_points(5), new_member()
    bought = buy(merged, "50.00", local(2024, 4, 1, 12))
    done = merge(kept, merged)
    give_back(bought, "20.00", local(2024, 6, 2))
    undo(done, now=LATER)
    assert (held(kept), held(merged)) == ((5, 0), (30, 0))
    assert broken() == {}


def test_points_given_back_are_brought_over_by_the_night() -> None:
    kept, merged = member_with_points(5), member_with_points(40)
    spent = redeem_points(member=merged, points=40, key="r", now=local(2024, 3, 1))
    merge(kept, merged)
    restore_points(redemption=spent, key="s", now=local(2024, 6, 2))
    run_nights(local(2024, 6, 3).date())
    assert (held(kept), held(merged)) == ((45, 0), (0, 0))
    assert broken() == {}


def test_a_till_that_knows_the_merged_member_sells_to_the_kept_one() -> None:
    kept, merged = new_member(), new_member()
    merge(kept, merged)
    bought = buy(merged, "30.00", LATER)
    assert (bought.member, held(kept)) == (kept, (30, 0))


def test_a_purchase_told_again_after_merging_is_the_same() -> None:
    kept, merged = new_member(), new_member()
    bought = buy(merged, "30.00", local(2024, 5, 1, 12))
    merge(kept, merged)
    again = record_purchase(
        source="till",
        external_id=bought.external_id,
        at=bought.at,
        amount=Decimal("30.00"),
        member=kept,
        now=LATER,
    )
    assert (again, Purchase.objects.count()) == (bought, 1)


def test_a_refund_may_name_the_kept_member() -> None:
    kept, merged = new_member(), new_member()
    bought = buy(merged, "30.00", local(2024, 5, 1, 12))
    merge(kept, merged)
    refund = record_refund(
        source="till",
        external_id="C-1",
        at=LATER,
        amount=Decimal("30.00"),
        purchase=bought,
        member=kept,
        now=LATER,
    )
    assert (refund.member, held(kept)) == (merged, (0, 0))


def test_the_merged_member_s_points_cannot_be_spent_twice() -> None:
    kept, merged = member_with_points(5), member_with_points(40)
    merge(kept, merged)
    with pytest.raises(InsufficientPoints):
        redeem_points(member=merged, points=1, key="r", now=LATER)
    assert held(kept) == (45, 0)


# I31


def test_finds_a_pair_that_does_not_cancel() -> None:
    kept, merged = member_with_points(5), member_with_points(40)
    move = MergeMove.objects.forth(merge(kept, merged))[0]
    overwrite(move.given, points=F("points") + 1)
    assert broken()["I31"] == [("merge move", move.pk, "points of the pair", 0, 1)]


def test_finds_an_entry_in_no_pair() -> None:
    kept, merged = member_with_points(5), member_with_points(40)
    entry = account_of(kept).entries.get()
    merge(kept, merged)
    overwrite(entry, kind="merge")
    assert broken()["I31"] == [("entry", entry.pk, "pairs that it is in", 1, 0)]


def test_finds_a_pair_of_a_stranger() -> None:
    kept, merged, other = member_with_points(5), member_with_points(40), new_member()
    done = merge(kept, merged)
    move = MergeMove.objects.forth(done)[0]
    overwrite(done, kept=other)
    found = broken()["I31"]
    assert ("merge move", move.pk, "member it was given to", other.pk, kept.pk) in found
    assert ("merge", done.pk, "member merged into", other.pk, kept.pk) in found


def test_finds_a_merged_member_without_a_merge() -> None:
    kept, merged = new_member(), new_member()
    overwrite(merged, status="closed", merged_into=kept)
    assert broken()["I31"] == [("member", merged.pk, "live merges", 1, 0)]
