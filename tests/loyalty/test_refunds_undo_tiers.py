"""What a refund does to a tier: kept until its validity ends, or looked at again that night."""

from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.models import DowngradeEvidence, Ladder, Purchase, Standing, Tier, TierChange
from loyalty.services.purchases import record_refund
from members.models import Member

from .ledgers import buy, give_back, new_member
from .programmes import base_points, earning_rule, growth_points, local, plain_programme
from .reviews import changes_of, review, tier_of
from .tampering import broken

pytestmark = pytest.mark.django_db

MAY = local(2025, 5, 1, 12)
NEXT = MAY + timedelta(days=1)


@pytest.fixture
def sold() -> Purchase:
    """2,000.00 exactly, which is gold; whoever stays needs 1,500.00. The night has seen it."""
    plain_programme()
    Ladder.objects.update(refunds="reevaluate", grace_days=30)
    Tier.objects.filter(code="gold").update(retention_spend=Decimal(1500))
    sold = buy(new_member(), "2000.00", MAY)
    review(2025, 5, 2)
    return sold


def member_of(sold: Purchase) -> Member:
    assert sold.member is not None
    return sold.member


@pytest.mark.parametrize(
    ("back", "counts"),
    [
        ("499.99", {"unchanged": 1}),
        ("500.00", {"unchanged": 1}),
        ("500.01", {"refunded": 1}),
        ("2000.00", {"refunded": 1}),
    ],
)
def test_looked_at_again_that_night(sold: Purchase, back: str, counts: dict[str, int]) -> None:
    give_back(sold, back, NEXT)
    assert review(2025, 5, 3) == counts
    assert tier_of(member_of(sold)) == ("gold" if "unchanged" in counts else "silver")


def test_says_by_what_and_leaves_its_evidence(sold: Purchase) -> None:
    give_back(sold, "1900.00", NEXT)
    review(2025, 5, 3)
    assert changes_of(member_of(sold))[-1] == ("refunded", "silver", "gold")
    change = TierChange.objects.latest("id")
    assert (change.spend, change.orders, change.at) == (Decimal(100), 1, local(2025, 5, 3))
    assert change.valid_until == Standing.objects.get().valid_until == local(2026, 6, 1)
    assert DowngradeEvidence.objects.get().waiver == "refund"
    assert broken() == {}
    assert review(2025, 5, 3) == {}
    assert review(2025, 5, 4) == {}


def test_matching_goes_all_the_way(sold: Purchase) -> None:
    Ladder.objects.update(downgrade="matching")
    give_back(sold, "2000.00", NEXT)
    review(2025, 5, 3)
    assert tier_of(member_of(sold)) == "member"


@pytest.mark.parametrize(("policy", "mode"), [("keep", "one_step"), ("reevaluate", "none")])
def test_kept_until_the_validity_ends(sold: Purchase, policy: str, mode: str) -> None:
    Ladder.objects.update(refunds=policy, downgrade=mode)
    give_back(sold, "2000.00", NEXT)
    assert review(2025, 5, 3) == {"unchanged": 1}
    assert tier_of(member_of(sold)) == "gold"


def test_a_small_refund_does_not_cost_what_time_has_taken(sold: Purchase) -> None:
    """A year later the purchase no longer counts: it is not this refund that misses the bound."""
    Ladder.objects.update(validity="3Y")
    Standing.objects.update(valid_until=local(2028, 5, 1))
    late = local(2026, 5, 10, 12)
    buy(member_of(sold), "100.00", late)
    record_refund(
        source="till",
        external_id="R",
        at=late,
        amount=Decimal(1),
        member=member_of(sold),
        now=late,
    )
    assert review(2026, 5, 11) == {"unchanged": 1}
    assert tier_of(member_of(sold)) == "gold"


def test_a_refund_told_late_counts_as_soon_as_it_is_told(sold: Purchase) -> None:
    review(2025, 5, 10)
    Standing.objects.update(reviewed_at=local(2025, 5, 10))
    record_refund(
        source="till",
        external_id="R",
        at=NEXT,
        amount=Decimal(600),
        purchase=sold,
        now=local(2025, 5, 10, 12),
    )
    assert review(2025, 5, 11) == {"refunded": 1}


def test_comes_down_by_refunds_once_in_the_time_between_steps(sold: Purchase) -> None:
    Ladder.objects.update(step_interval="3M")
    give_back(sold, "1000.00", NEXT)
    assert review(2025, 5, 3) == {"refunded": 1}
    give_back(sold, "1000.00", NEXT + timedelta(days=1))
    assert review(2025, 5, 4) == {"unchanged": 1}
    assert tier_of(member_of(sold)) == "silver"


def test_growth_taken_back_after_the_cutoff_counts_the_night_after() -> None:
    """Told between the cutoff and its night, of a day before: that night knows the refund but not
    yet what it takes, which is an entry of the new day."""
    base_points()
    earning_rule(growth_points())
    Ladder.objects.create(refunds="reevaluate", grace_days=30)
    Tier.objects.create(code="member", name_en="Member", rank=0)
    Tier.objects.create(code="star", name_en="Star", rank=1, entry_growth=1000)
    sold = buy(new_member(), "2000.00", MAY)
    review(2025, 5, 3)
    assert tier_of(member_of(sold)) == "star"
    record_refund(
        source="till",
        external_id="R",
        at=NEXT,
        amount=Decimal(2000),
        purchase=sold,
        now=local(2025, 5, 4, 0, 30),
    )
    assert review(2025, 5, 4) == {"unchanged": 1}
    assert review(2025, 5, 5) == {"refunded": 1}
    assert tier_of(member_of(sold)) == "member"
    assert broken() == {}
