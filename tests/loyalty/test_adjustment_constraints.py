"""The database refuses adjustments that the services would have refused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.integrity import broken_constraint
from loyalty.models import AdjustmentApproval, AdjustmentRequest
from loyalty.services.adjustments import (
    adjust_points,
    approve_adjustment,
    request_adjustment,
)
from tests.factories import OperatorFactory

from .ledgers import new_member
from .programmes import base_points, local

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)
# What is wrong with a copy of a waiting request for 900 points.
CASES: list[tuple[str, dict[str, Any]]] = [
    ("adjustment_key_once", {}),
    ("adjustment_not_of_nothing", {"key": "k", "points": 0}),
    ("adjustment_limits_rise", {"key": "k", "limit_in_force": -1}),
    ("adjustment_limits_rise", {"key": "k", "two_approvers_above": 499}),
    ("adjustment_posted_names_entry", {"key": "k", "status": "posted", "closed_at": NOON}),
    ("adjustment_open_while_waiting", {"key": "k", "closed_at": NOON}),
    ("adjustment_open_while_waiting", {"key": "k", "status": "rejected"}),
    ("adjustment_above_limit_has_maker", {"key": "k", "maker": None}),
    ("adjustment_above_limit_has_maker", {"key": "k", "points": 500}),
    ("adjustment_above_limit_has_maker", {"key": "k", "points": -500}),
]


@pytest.fixture
def waiting() -> AdjustmentRequest:
    base_points()
    return request_adjustment(
        member=new_member(),
        points=900,
        key="fix",
        reason="Why",
        maker=OperatorFactory(),
        now=NOON,
    )


def copied(request: AdjustmentRequest, **changes: Any) -> AdjustmentRequest:
    details = {
        field.attname: getattr(request, field.attname)
        for field in AdjustmentRequest._meta.concrete_fields
        if not field.primary_key
    }
    copy = AdjustmentRequest(**details)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


@pytest.mark.parametrize(("constraint", "changes"), CASES)
def test_nothing_impossible_is_asked_for(
    constraint: str, changes: dict[str, Any], waiting: AdjustmentRequest
) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        copied(waiting, **changes)
    broken = broken_constraint(error.value, AdjustmentRequest)
    if "points" in changes and changes["points"] == 0:
        # Nothing is also within the limit and yet not posted.
        assert broken in {constraint, "adjustment_above_limit_has_maker"}
    else:
        assert broken == constraint


@pytest.mark.parametrize("points", [900, -900, 501, -501])
def test_a_copy_with_nothing_wrong_is_let_in(points: int, waiting: AdjustmentRequest) -> None:
    assert copied(waiting, key="k", points=points).pk


def test_every_named_constraint_is_tried() -> None:
    named = {constraint.name for constraint in AdjustmentRequest._meta.constraints}
    assert named == {constraint for constraint, _changes in CASES}


def test_an_entry_is_posted_for_one_request(waiting: AdjustmentRequest) -> None:
    entry = adjust_points(member=waiting.account.member, points=5, key="a", reason="Why", now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        copied(waiting, key="k", status="posted", closed_at=NOON, entry=entry)


def decide(request: AdjustmentRequest, checker: Any) -> AdjustmentApproval:
    return AdjustmentApproval.objects.create(
        request=request,
        checker=checker,
        maker=request.maker,
        decision="approve",
        at=NOON,
    )


def test_maker_is_no_checker(waiting: AdjustmentRequest) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        decide(waiting, waiting.maker)
    broken = broken_constraint(error.value, AdjustmentApproval)
    assert broken == "adjustment_checker_is_not_maker"


def test_checker_decides_once(waiting: AdjustmentRequest) -> None:
    checker = OperatorFactory()
    decide(waiting, checker)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        decide(waiting, checker)
    broken = broken_constraint(error.value, AdjustmentApproval)
    assert broken == "adjustment_decided_once_by_checker"


def test_decision_is_never_rewritten_or_deleted(waiting: AdjustmentRequest) -> None:
    approve_adjustment(request=waiting, checker=OperatorFactory(), now=NOON)
    for write in (
        lambda: AdjustmentApproval.objects.update(decision="reject"),
        lambda: AdjustmentApproval.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert AdjustmentApproval.objects.get().decision == "approve"
