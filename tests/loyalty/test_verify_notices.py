"""Held lots are no violation, and points that expired untold are."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from common import clock
from loyalty.models import ExpiryEvidence, LotAllocation
from members.models import Notice
from tests.sharing import shared

from .ledgers import NIGHT, Story, healthy_ledger, lots_of
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

ledger = shared(healthy_ledger)


@pytest.fixture
def story(ledger: Story) -> Story:
    return deepcopy(ledger)


@pytest.fixture
def evidence(story: Story) -> ExpiryEvidence:
    """That of a lot which the first night expired."""
    allocation = LotAllocation.objects.filter(entry__kind="expire").earliest("id")
    return ExpiryEvidence.objects.get(lot=allocation.lot)


def untold(evidence: ExpiryEvidence) -> dict[str, list[Any]]:
    allocation = LotAllocation.objects.get(lot=evidence.lot, entry__kind="expire")
    return {"I26": [("allocation", allocation.pk, "told on an earlier night", 1, 0)]}


def test_the_first_night_recorded_its_waivers(story: Story) -> None:
    waivers = ExpiryEvidence.objects.values_list("waiver", "business_date").distinct()
    # The rows of these tests are recorded today: later than any notice of that night.
    assert list(waivers) == [("short", NIGHT)]


def test_a_held_lot_is_no_violation(story: Story) -> None:
    overwrite(lots_of(story.dora)[1], expires_at=clock.cutoff(NIGHT))
    assert "I15" not in broken()


def test_a_lot_waived_after_the_night_is_the_next_nights(story: Story) -> None:
    lot = lots_of(story.dora)[1]
    end = clock.cutoff(NIGHT)
    overwrite(lot, expires_at=end)
    ExpiryEvidence.objects.create(
        lot=lot, expires_at=end, business_date=NIGHT, waiver="first_night"
    )
    assert "I15" not in broken()


def test_finds_points_that_expired_without_evidence(story: Story, evidence: ExpiryEvidence) -> None:
    expected = untold(evidence)
    overwrite(evidence, lot=lots_of(story.dora)[1].pk)
    assert broken() == expected


def test_finds_points_told_of_for_a_later_end(evidence: ExpiryEvidence) -> None:
    overwrite(evidence, expires_at=clock.cutoff(NIGHT) + timedelta(microseconds=1))
    assert broken() == untold(evidence)


@pytest.mark.parametrize(("days", "is_found"), [(-1, False), (0, True)])
def test_counts_only_a_notice_of_an_earlier_night(
    story: Story, evidence: ExpiryEvidence, days: int, is_found: bool
) -> None:
    notice = Notice.objects.create(
        member=story.anna, kind="points_expiring", key="k", business_date=NIGHT
    )
    night = NIGHT + timedelta(days=days)
    overwrite(evidence, waiver="", notice=notice.pk, business_date=night)
    assert broken() == (untold(evidence) if is_found else {})
