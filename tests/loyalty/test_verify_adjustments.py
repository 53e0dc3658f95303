"""I21: every adjustment was asked for and, above the limit, approved by others than its maker."""

from copy import deepcopy

import pytest
from django.db.models import F

from loyalty.models import AdjustmentApproval, AdjustmentRequest, PointsEntry
from loyalty.services.adjustments import approve_adjustment, request_adjustment
from tests.factories import OperatorFactory
from tests.sharing import shared

from .ledgers import Story, account_of, healthy_ledger
from .programmes import local
from .tampering import broken, overwrite, unchecked

pytestmark = pytest.mark.django_db

ledger = shared(healthy_ledger)


@pytest.fixture
def story(ledger: Story) -> Story:
    return deepcopy(ledger)


@pytest.fixture
def request_of_clara(story: Story) -> AdjustmentRequest:
    return AdjustmentRequest.objects.get(key="big:600")


def erase(*rows: AdjustmentApproval | AdjustmentRequest) -> None:
    """Delete rows as the database's owner."""
    for row in rows:
        overwrite(row, id=F("id"))
        row.delete()


def test_finds_an_adjustment_that_nobody_asked_for(story: Story) -> None:
    entry = story.entry(story.anna, 10)
    erase(AdjustmentRequest.objects.get(entry=entry))
    assert broken() == {"I21": [("entry", entry.pk, "requests", 1, 0)]}


def test_finds_an_adjustment_above_the_limit_that_nobody_approved(
    request_of_clara: AdjustmentRequest,
) -> None:
    erase(request_of_clara.approvals.get())
    row = ("adjustment", request_of_clara.pk, "approvals by others than its maker", 1, 0)
    assert broken() == {"I21": [row]}


def test_finds_a_maker_who_approved(request_of_clara: AdjustmentRequest) -> None:
    with unchecked(AdjustmentApproval, "adjustment_checker_is_not_maker"):
        overwrite(request_of_clara.approvals.get(), checker=request_of_clara.maker)
    row = ("adjustment", request_of_clara.pk, "approvals by others than its maker", 1, 0)
    assert broken() == {"I21": [row]}


def test_finds_a_maker_who_was_changed_afterwards(request_of_clara: AdjustmentRequest) -> None:
    overwrite(request_of_clara, maker=request_of_clara.approvals.get().checker)
    row = ("adjustment", request_of_clara.pk, "approvals by others than its maker", 1, 0)
    assert broken() == {"I21": [row]}


def test_finds_a_second_approval_that_is_missing(request_of_clara: AdjustmentRequest) -> None:
    overwrite(request_of_clara, two_approvers_above=599)
    row = ("adjustment", request_of_clara.pk, "approvals by others than its maker", 2, 1)
    assert broken() == {"I21": [row]}


def test_finds_an_adjustment_posted_otherwise_than_asked(story: Story) -> None:
    request = AdjustmentRequest.objects.get(entry=story.entry(story.anna, 10))
    overwrite(request, points=-51)
    assert broken() == {"I21": [("adjustment", request.pk, "points posted", -51, -50)]}


def test_finds_an_adjustment_posted_to_another_account(story: Story) -> None:
    request = AdjustmentRequest.objects.get(entry=story.entry(story.anna, 10))
    overwrite(request, account=account_of(story.dora))
    assert broken() == {"I21": [("adjustment", request.pk, "points posted", -50, 0)]}


def test_finds_a_status_that_its_entry_does_not_bear_out(story: Story) -> None:
    request = AdjustmentRequest.objects.get(entry=story.entry(story.anna, 10))
    names = "adjustment_posted_names_entry", "adjustment_above_limit_has_maker"
    with unchecked(AdjustmentRequest, *names):
        overwrite(request, status="rejected")
    assert broken() == {"I21": [("adjustment", request.pk, "entries of its status", 0, 1)]}


def test_stays_clean_when_the_limits_change_later(story: Story, settings: object) -> None:
    settings.ADJUSTMENT_LIMIT = settings.ADJUSTMENT_TWO_APPROVERS_ABOVE = 1  # type: ignore[attr-defined]
    assert broken() == {}


def test_stays_clean_with_one_waiting_and_one_of_two_approvals(story: Story) -> None:
    maker, checker = OperatorFactory(), OperatorFactory()
    request = request_adjustment(
        member=story.dora,
        points=60_000,
        key="huge",
        reason="Why",
        maker=maker,
        now=local(2025, 6, 2),
    )
    assert approve_adjustment(request=request, checker=checker).status == "waiting"
    assert not PointsEntry.objects.filter(points=60_000).exists()
    assert broken() == {}
