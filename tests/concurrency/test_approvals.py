"""Fifty approvals of one adjustment at once, on PostgreSQL: it is posted once."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError

from common.errors import DomainError
from loyalty.errors import AdjustmentNotWaiting
from loyalty.models import AdjustmentApproval, AdjustmentRequest, PointsEntry
from loyalty.models.adjustments import AdjustmentRequestQuerySet
from loyalty.services.adjustments import (
    approve_adjustment,
    reject_adjustment,
    request_adjustment,
    withdraw_adjustment,
)
from members.models import User
from tests.factories import OperatorFactory
from tests.loyalty.ledgers import account_of, new_member
from tests.loyalty.programmes import base_points, local
from tests.loyalty.tampering import broken

from .test_nights import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
ROUNDS = 3
NOON = local(2025, 3, 14, 12)


@pytest.fixture
def people(db: Any) -> Iterator[list[User]]:
    """A maker, and fifty who may check."""
    base_points()
    return [OperatorFactory.create() for _ in range(THREADS + 1)]


def asked(maker: User, points: int = 900) -> AdjustmentRequest:
    return request_adjustment(
        member=new_member(), points=points, key="fix", reason="Why", maker=maker, now=NOON
    )


def approvals_at_once(request: AdjustmentRequest, checkers: list[User]) -> list[str]:
    """What each of fifty threads hears, the checkers in turn."""
    turn = count()

    def approve() -> str:
        checker = checkers[next(turn) % len(checkers)]
        try:
            return approve_adjustment(request=request, checker=checker, now=NOON).status
        except DomainError as refusal:
            return refusal.code
        except IntegrityError:
            return "an error of the database"

    return at_once(THREADS, approve)


def test_posts_once_for_one_checker_fifty_times(people: list[User]) -> None:
    for _ in range(ROUNDS):
        request = asked(people[0])
        assert approvals_at_once(request, people[1:2]) == ["posted"] * THREADS
        assert account_of(request.account.member).balance == 900
    assert PointsEntry.objects.count() == AdjustmentApproval.objects.count() == ROUNDS
    assert broken() == {}


def test_posts_once_for_fifty_checkers(people: list[User]) -> None:
    for _ in range(ROUNDS):
        request = asked(people[0])
        heard = approvals_at_once(request, people[1:])
        assert sorted(heard) == [AdjustmentNotWaiting.code] * 49 + ["posted"]
        assert account_of(request.account.member).balance == 900
    assert PointsEntry.objects.count() == AdjustmentApproval.objects.count() == ROUNDS


def test_two_of_fifty_approve_a_great_one(people: list[User]) -> None:
    request = asked(people[0], 50_001)
    heard = approvals_at_once(request, people[1:])
    assert sorted(heard) == [AdjustmentNotWaiting.code] * 48 + ["posted", "waiting"]
    assert account_of(request.account.member).balance == 50_001
    assert broken() == {}


def test_breaks_without_the_lock(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever reads without the lock sees it waiting still, and approves as well."""
    unlocked = AdjustmentRequestQuerySet.select_related
    monkeypatch.setattr(
        AdjustmentRequestQuerySet,
        "locked",
        lambda rows: unlocked(rows, "account__member", "account__point_type"),
    )
    heard: list[str] = []
    for _ in range(ROUNDS):
        heard += approvals_at_once(asked(people[0]), people[1:])
    assert heard.count("posted") > ROUNDS or "an error of the database" in heard


def test_ends_one_way_when_approved_rejected_and_withdrawn_at_once(people: list[User]) -> None:
    maker, approver, rejecter = people[:3]
    for _ in range(5):
        request = asked(maker)
        turn = count()

        def decide(request: AdjustmentRequest = request, turn: Any = turn) -> str:
            number = next(turn) % 3
            try:
                if number == 0:
                    return approve_adjustment(request=request, checker=approver).status
                if number == 1:
                    return reject_adjustment(request=request, checker=rejecter, note="No").status
                return withdraw_adjustment(request=request, maker=maker).status
            except AdjustmentNotWaiting:
                return "late"

        heard = set(at_once(12, decide)) - {"late"}
        request.refresh_from_db()
        assert heard == {request.status}
        assert PointsEntry.objects.filter(account=request.account).count() == (
            1 if request.status == "posted" else 0
        )
    assert broken() == {}
