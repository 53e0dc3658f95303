"""Purchases and refunds behind the entries: planted violations and their checks."""

from copy import deepcopy

import pytest

from loyalty.models import PointsEntry, UncollectedPoints
from tests.sharing import shared

from .ledgers import Story, account_of, buy, healthy_ledger
from .programmes import local
from .tampering import broken, overwrite, unchecked

pytestmark = pytest.mark.django_db

PURCHASE_KEY = "its key is of the purchase that it names"
REFUND_KEY = "its key is of the refund that it names"


ledger = shared(healthy_ledger)


@pytest.fixture
def story(ledger: Story) -> Story:
    return deepcopy(ledger)


# I06: what an account earned or lost is its member's own


def test_finds_points_earned_by_another_members_purchase(story: Story) -> None:
    purchase = buy(story.dora, "10.00", local(2025, 6, 2))
    entries = list(PointsEntry.objects.filter(purchase=purchase).order_by("id"))
    overwrite(purchase, member=story.clara)
    row = ("member of its purchase", story.dora.pk, story.clara.pk)
    assert broken() == {"I06": [("entry", entry.pk, *row) for entry in entries]}


def test_finds_points_earned_by_a_guests_purchase(story: Story) -> None:
    purchase = buy(story.dora, "10.00", local(2025, 6, 2))
    entries = list(PointsEntry.objects.filter(purchase=purchase).order_by("id"))
    overwrite(purchase, member=None)
    row = ("member of its purchase", story.dora.pk, None)
    assert broken() == {"I06": [("entry", entry.pk, *row) for entry in entries]}


@pytest.mark.parametrize("is_guest", [False, True])
def test_finds_points_lost_by_a_refund_of_someone_else(story: Story, is_guest: bool) -> None:
    refund = story.first.refunds.get()
    entries = PointsEntry.objects.filter(refund=refund).order_by("id")
    expected = [("entry", entry.pk, "member of its refund", story.anna.pk) for entry in entries]
    thief = None if is_guest else story.clara
    overwrite(refund, member=thief)
    found = broken()
    assert set(found) == {"I06"}
    assert found["I06"] == [(*row, thief and thief.pk) for row in expected]
    assert len(expected) == 2  # base and growth points


def test_finds_points_forgiven_to_someone_else(story: Story) -> None:
    forgiven = UncollectedPoints.objects.get()
    overwrite(forgiven, account=account_of(story.clara))
    found = broken()
    assert found["I06"] == [
        ("uncollected", forgiven.pk, "member of its refund", story.clara.pk, story.berta.pk)
    ]


# I07: facts count once


def test_finds_a_purchase_that_earned_twice(story: Story) -> None:
    entry = story.entry(story.anna, 2)
    with unchecked(PointsEntry, "entry_purchase_earns_once"):
        overwrite(entry, purchase=story.first)
    rows = [
        ("entry", entry.pk, PURCHASE_KEY, 1, 0),
        ("purchase", story.first.pk, "entries that earn", 1, 2),
    ]
    assert broken() == {"I07": rows}


def test_finds_a_refund_that_clawed_back_twice(story: Story) -> None:
    refund = story.first.refunds.get()
    entry = story.entry(story.anna, 8)
    with unchecked(PointsEntry, "entry_refund_claws_back_once"):
        overwrite(entry, refund=refund)
    rows = [
        ("entry", entry.pk, REFUND_KEY, 1, 0),
        ("refund", refund.pk, "entries that claw back", 1, 2),
    ]
    assert broken() == {"I07": rows}


def test_finds_a_purchase_key_that_names_no_purchase(story: Story) -> None:
    purchase = buy(story.dora, "10.00", local(2025, 6, 2))
    entry = PointsEntry.objects.get(account=account_of(story.dora), purchase=purchase)
    assert entry.key == f"purchase:{purchase.pk}"
    overwrite(entry, purchase=None)
    assert broken() == {"I07": [("entry", entry.pk, PURCHASE_KEY, 1, 0)]}


def test_finds_an_earning_under_the_key_of_another_purchase(story: Story) -> None:
    purchase = buy(story.dora, "10.00", local(2025, 6, 2))
    entry = PointsEntry.objects.get(account=account_of(story.dora), purchase=purchase)
    overwrite(entry, key=f"purchase:{story.first.pk}")
    assert broken() == {"I07": [("entry", entry.pk, PURCHASE_KEY, 1, 0)]}


def test_finds_a_refund_key_that_names_no_refund(story: Story) -> None:
    entry = story.entry(story.anna, 8)
    assert entry.refund is not None
    overwrite(entry, refund=None)
    assert broken()["I07"] == [("entry", entry.pk, REFUND_KEY, 1, 0)]
