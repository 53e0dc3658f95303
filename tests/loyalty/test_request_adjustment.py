"""Above the limit an adjustment waits: the maker asks, others decide, it is posted once."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.errors import (
    AdjustmentDecidedOtherwise,
    AdjustmentNeedsApproval,
    AdjustmentNotWaiting,
    InsufficientPoints,
    KeyNotUsable,
    KeyReused,
    MakerCannotDecide,
    MakerMissing,
    OnlyTheMakerWithdraws,
    ReasonMissing,
    ReasonTooLong,
)
from loyalty.models import AdjustmentApproval, AdjustmentRequest, PointsEntry
from loyalty.services.adjustments import (
    adjust_points,
    approve_adjustment,
    reject_adjustment,
    request_adjustment,
    withdraw_adjustment,
)
from loyalty.services.points import earn_points, redeem_points
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory

from .ledgers import account_of, member_with_points
from .programmes import base_points, growth_points, local
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)
LATER = NOON + timedelta(days=2)


@pytest.fixture
def member() -> Member:
    base_points(holding="7D", expiry="12M")
    return MemberFactory.create()


@pytest.fixture
def maker() -> User:
    return OperatorFactory.create()


@pytest.fixture
def checker() -> User:
    return OperatorFactory.create()


def ask(member: Member, points: int, maker: User | None, **details: Any) -> AdjustmentRequest:
    given = {"key": "fix", "reason": "A lost parcel", "now": NOON, **details}
    return request_adjustment(member=member, points=points, maker=maker, **given)


@pytest.mark.parametrize(
    ("points", "needed"),
    [
        (1, 0),
        (499, 0),
        (500, 0),
        (501, 1),
        (-500, 0),
        (-501, 1),
        (49_999, 1),
        (50_000, 1),
        (50_001, 2),
        (-50_001, 2),
    ],
)
def test_needs_as_many_approvals_as_its_size(points: int, needed: int) -> None:
    request = AdjustmentRequest(points=points, limit_in_force=500, two_approvers_above=50_000)
    assert request.approvals_needed == needed


@pytest.mark.parametrize(("points", "status"), [(500, "posted"), (501, "waiting")])
def test_posts_at_once_up_to_the_limit(
    points: int, status: str, member: Member, maker: User
) -> None:
    request = ask(member, points, maker)
    assert request.status == status
    assert (request.limit_in_force, request.two_approvers_above) == (500, 50_000)
    assert PointsEntry.objects.count() == (1 if status == "posted" else 0)


def test_follows_the_settings_and_remembers_them(
    member: Member, maker: User, settings: Any
) -> None:
    settings.ADJUSTMENT_LIMIT, settings.ADJUSTMENT_TWO_APPROVERS_ABOVE = 10, 20
    request = ask(member, 21, maker)
    settings.ADJUSTMENT_LIMIT, settings.ADJUSTMENT_TWO_APPROVERS_ABOVE = 500, 50_000
    request.refresh_from_db()
    assert (request.status, request.approvals_needed) == ("waiting", 2)


def test_approval_posts_in_the_makers_name(member: Member, maker: User, checker: User) -> None:
    request = approve_adjustment(
        request=ask(member, 900, maker), checker=checker, note="Seen the slip", now=LATER
    )
    entry = PointsEntry.objects.get()
    assert (request.status, request.entry, request.closed_at) == ("posted", entry, LATER)
    assert (entry.points, entry.operator, entry.at) == (900, maker, LATER)
    assert (entry.note.text, entry.lot.available_at) == ("A lost parcel", LATER)
    approval = AdjustmentApproval.objects.get()
    assert (approval.checker, approval.maker, approval.decision) == (checker, maker, "approve")
    assert approval.note.text == "Seen the slip"


def test_maker_cannot_approve_or_reject(member: Member, maker: User) -> None:
    request = ask(member, 900, maker)
    with pytest.raises(MakerCannotDecide):
        approve_adjustment(request=request, checker=maker)
    with pytest.raises(MakerCannotDecide):
        reject_adjustment(request=request, checker=maker, note="No")
    request.refresh_from_db()
    assert (request.status, request.approvals.count()) == ("waiting", 0)


def test_two_others_approve_above_the_second_bound(
    member: Member, maker: User, checker: User
) -> None:
    request = ask(member, 50_001, maker)
    assert approve_adjustment(request=request, checker=checker).status == "waiting"
    assert approve_adjustment(request=request, checker=checker).status == "waiting"
    assert not PointsEntry.objects.exists()
    request = approve_adjustment(request=request, checker=OperatorFactory.create())
    assert (request.status, account_of(member).balance) == ("posted", 50_001)


@pytest.mark.parametrize(("points", "approvals"), [(501, 1), (50_000, 1), (50_001, 2)])
def test_is_posted_with_the_last_approval_that_its_size_needs(
    points: int, approvals: int, member: Member, maker: User
) -> None:
    request = ask(member, points, maker)
    for given in range(approvals):
        assert (request.status, account_of(member).balance) == ("waiting", 0)
        assert request.approvals.count() == given
        request = approve_adjustment(request=request, checker=OperatorFactory.create())
    assert (request.status, account_of(member).balance) == ("posted", points)


def test_one_no_is_enough(member: Member, maker: User, checker: User) -> None:
    request = ask(member, 50_001, maker)
    approve_adjustment(request=request, checker=checker)
    other = OperatorFactory.create()
    rejected = reject_adjustment(request=request, checker=other, note="Why?", now=LATER)
    assert (rejected.status, rejected.closed_at, rejected.entry) == ("rejected", LATER, None)
    with pytest.raises(AdjustmentNotWaiting, match="Its status: rejected"):
        approve_adjustment(request=request, checker=OperatorFactory.create())
    assert not PointsEntry.objects.exists()


def test_rejection_needs_a_reason(member: Member, maker: User, checker: User) -> None:
    request = ask(member, 900, maker)
    with pytest.raises(ReasonMissing):
        reject_adjustment(request=request, checker=checker, note=" ")
    request.refresh_from_db()
    assert request.status == "waiting"


@pytest.mark.parametrize("decide", [approve_adjustment, reject_adjustment])
def test_refuses_too_long_a_note(decide: Any, member: Member, maker: User, checker: User) -> None:
    request = ask(member, 900, maker)
    with pytest.raises(ReasonTooLong):
        decide(request=request, checker=checker, note="x" * 501)
    decide(request=request, checker=checker, note="x" * 500)
    assert AdjustmentApproval.objects.count() == 1


def test_keeps_the_keys_of_approved_ones_to_itself(member: Member) -> None:
    with pytest.raises(KeyNotUsable):
        earn_points(member=member, points=5, key="adjustment:1")


def test_deciding_again_changes_nothing_and_the_other_way_is_refused(
    member: Member, maker: User, checker: User
) -> None:
    request = ask(member, 900, maker)
    first = approve_adjustment(request=request, checker=checker)
    assert approve_adjustment(request=request, checker=checker) == first
    with pytest.raises(AdjustmentDecidedOtherwise):
        reject_adjustment(request=request, checker=checker, note="No")
    assert account_of(member).balance == 900
    assert PointsEntry.objects.count() == 1


def test_rejecting_again_changes_nothing(member: Member, maker: User, checker: User) -> None:
    request = ask(member, 900, maker)
    for _ in range(2):
        rejected = reject_adjustment(request=request, checker=checker, note="No", now=NOON)
        assert rejected.status == "rejected"
    assert AdjustmentApproval.objects.count() == 1


def test_only_the_maker_withdraws_and_only_while_it_waits(
    member: Member, maker: User, checker: User
) -> None:
    request = ask(member, 900, maker)
    with pytest.raises(OnlyTheMakerWithdraws):
        withdraw_adjustment(request=request, maker=checker)
    assert withdraw_adjustment(request=request, maker=maker, now=LATER).status == "withdrawn"
    assert withdraw_adjustment(request=request, maker=maker).closed_at == LATER
    with pytest.raises(AdjustmentNotWaiting):
        approve_adjustment(request=request, checker=checker)
    posted = approve_adjustment(request=ask(member, 901, maker, key="2"), checker=checker)
    with pytest.raises(AdjustmentNotWaiting):
        withdraw_adjustment(request=posted, maker=maker)
    assert account_of(member).balance == 901


@pytest.mark.parametrize("points", [40, 900])
def test_same_key_gives_the_first_request_back(points: int, member: Member, maker: User) -> None:
    first = ask(member, points, maker)
    assert ask(member, points, maker) == first
    assert AdjustmentRequest.objects.count() == 1
    with pytest.raises(KeyReused):
        ask(member, points + 1, maker)
    earn_points(member=member, points=points, key="earned")
    with pytest.raises(KeyReused):
        ask(member, points, maker, key="earned")


def test_a_retry_is_answered_when_the_limit_is_lower_by_then(
    member: Member, maker: User, settings: Any
) -> None:
    given = {"member": member, "points": 400, "key": "k", "reason": "Why", "operator": maker}
    first = adjust_points(**given)
    settings.ADJUSTMENT_LIMIT = 100
    assert adjust_points(**given) == first


def test_needs_to_know_who_asks(member: Member) -> None:
    with pytest.raises(MakerMissing):
        ask(member, 501, None)
    assert not AdjustmentRequest.objects.exists()


def test_adjusting_at_once_refuses_more_than_the_limit(member: Member, maker: User) -> None:
    with pytest.raises(AdjustmentNeedsApproval, match="more than 500 points"):
        adjust_points(member=member, points=501, key="k", reason="Why", operator=maker)
    assert not AdjustmentRequest.objects.exists()


def test_refuses_a_debit_of_more_than_there_is_at_once(member: Member, maker: User) -> None:
    adjust_points(member=member, points=500, key="start", reason="Why")
    with pytest.raises(InsufficientPoints):
        ask(member, -501, maker)
    assert not AdjustmentRequest.objects.waiting().exists()


def test_debit_whose_points_are_gone_by_then_goes_on_waiting(maker: User, checker: User) -> None:
    base_points()
    member = member_with_points(500, 500)
    request = ask(member, -600, maker)
    redeem_points(member=member, points=500, key="r", now=NOON)
    with pytest.raises(InsufficientPoints):
        approve_adjustment(request=request, checker=checker, now=LATER)
    request.refresh_from_db()
    assert (request.status, request.approvals.count()) == ("waiting", 0)
    assert account_of(member).balance == 500


def test_posts_although_its_key_was_used_while_it_waited(
    member: Member, maker: User, checker: User
) -> None:
    request = ask(member, 900, maker)
    earn_points(member=member, points=5, key="fix", now=NOON)
    entry = approve_adjustment(request=request, checker=checker, now=LATER).entry
    assert entry is not None
    assert entry.key == f"adjustment:{request.pk}"
    assert account_of(member).balance == 905


def test_waits_for_kinds_that_are_not_spent_too(member: Member, maker: User, checker: User) -> None:
    request = ask(member, -501, maker, point_type=growth_points())
    assert request.status == "waiting"
    approve_adjustment(request=request, checker=checker)
    assert account_of(member, "growth").balance == -501


def test_holds_the_lock_for_few_round_trips(maker: User, checker: User) -> None:
    base_points()
    request = ask(member_with_points(500, 500), -600, maker)
    statements = under_the_lock(
        lambda: approve_adjustment(request=request, checker=checker, note="Yes", now=LATER)
    )
    assert len(statements) <= MOST_UNDER_A_LOCK, "\n".join(statements)
