"""Standings against their changes and figures: planted violations and their checks."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loyalty.jobs import review_tiers
from loyalty.models import (
    DowngradeEvidence,
    Ladder,
    LadderVersion,
    Purchase,
    Standing,
    Tier,
    TierChange,
    TierOverride,
)
from loyalty.services.overrides import grant_override
from members.models import Member

from .ledgers import buy, new_member
from .programmes import local, plain_programme
from .reviews import EVERYONE, review
from .tampering import broken, overwrite, unchecked

pytestmark = pytest.mark.django_db

MAY = local(2025, 5, 1, 12)


@pytest.fixture
def member() -> Member:
    """On silver, reviewed by a night, with an override."""
    plain_programme()
    member = new_member()
    buy(member, "600.00", MAY)
    review(2025, 5, 2)
    grant_override(
        member=member,
        kind="trial",
        steps=1,
        ends_at=local(2025, 6, 1),
        reason="To try",
        key="k",
        now=MAY,
    )
    assert broken() == {}
    return member


def tier(code: str) -> Tier:
    return Tier.objects.get(code=code)


def test_finds_a_tier_that_no_change_gave(member: Member) -> None:
    standing = Standing.objects.get()
    overwrite(standing, tier=tier("gold"))
    row = ("standing", standing.pk, "tier of the last change", tier("silver").pk, tier("gold").pk)
    assert broken() == {"I24": [row]}


def test_finds_a_standing_without_a_change(member: Member) -> None:
    other = new_member()
    standing = Standing.objects.create(
        member=other, tier=tier("member"), since=MAY, reviewed_at=MAY
    )
    row = ("standing", standing.pk, "tier of the last change", None, tier("member").pk)
    assert broken() == {"I24": [row]}


@pytest.mark.parametrize("end", [None, local(2030, 1, 1)])
def test_finds_an_end_that_no_change_gave(member: Member, end: Any) -> None:
    standing = Standing.objects.get()
    overwrite(standing, valid_until=end)
    row = ("standing", standing.pk, "end of the last change", 1, 0)
    assert broken() == {"I24": [row]}


def test_finds_a_change_without_a_standing(member: Member) -> None:
    Standing.objects.all().delete()
    change = TierChange.objects.latest("id")
    row = ("tier change", change.pk, "standings of its member", 1, 0)
    assert broken() == {"I24": [row]}


@pytest.mark.parametrize(("amount", "is_found"), [("1399.99", False), ("1400.00", True)])
def test_finds_a_tier_above_that_was_earned_at_the_last_review(
    member: Member, amount: str, is_found: bool
) -> None:
    """A purchase that nobody told the ledger of: 600.00 and this are the bound of gold."""
    Purchase.objects.create(
        source="file",
        external_id="X",
        at=MAY - timedelta(days=1),
        business_date=date(2025, 4, 30),
        amount=Decimal(amount),
        member=member,
    )
    standing = Standing.objects.get()
    row = ("standing", standing.pk, "rank at the last review", 2, 1)
    assert broken() == ({"I24": [row]} if is_found else {})
    Standing.objects.update(has_late_fact=True)
    assert broken() == {}


def test_what_an_older_wording_judged_is_for_the_next_night(member: Member) -> None:
    Tier.objects.filter(code="gold").update(entry_spend=Decimal(550))
    assert broken() == {}
    assert review_tiers(date(2025, 5, 3), 1, EVERYONE) == {}
    assert LadderVersion.objects.count() == 2
    assert broken() == {}


@pytest.mark.parametrize(
    ("constraint", "values", "row"),
    [
        ("override_tier_or_steps", {"steps": None}, ("aims", 1, 0)),
        ("override_starts_before_it_ends", {"ends_at": MAY}, ("begins before its end", 1, 0)),
    ],
)
def test_finds_an_override_that_is_none(
    member: Member, constraint: str, values: dict[str, Any], row: tuple[Any, ...]
) -> None:
    override = TierOverride.objects.get()
    with unchecked(TierOverride, constraint):
        overwrite(override, **values)
    assert broken() == {"I24": [("tier override", override.pk, *row)]}


def test_finds_whoever_came_down_untold(member: Member) -> None:
    Ladder.objects.update(grace_days=0)
    assert review(2026, 6, 1) == {"downgrade": 1}
    assert broken() == {}
    evidence = DowngradeEvidence.objects.get()
    change = TierChange.objects.latest("id")
    row = ("tier change", change.pk, "told on an earlier night", 1, 0)
    for values in (
        {"member": new_member()},
        {"tier": tier("gold")},
        {"valid_until": local(2026, 6, 1) + timedelta(microseconds=1)},
        {"business_date": date(2026, 6, 2)},
    ):
        before = {name: getattr(evidence, name) for name in values}
        overwrite(evidence, **values)
        assert broken() == {"I29": [row]}
        overwrite(evidence, **before)
    assert broken() == {}
