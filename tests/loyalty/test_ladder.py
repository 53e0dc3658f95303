"""What makes a ladder, and what a ladder that is none must not break."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from loyalty import rules
from loyalty.errors import (
    BoundsDoNotRise,
    ColourNotValid,
    LowestTierAsksForSomething,
    LowestTierMissing,
    RanksHaveGap,
    StayingAsksForMore,
    TierAsksForNothing,
)
from loyalty.jobs import review_tiers
from loyalty.models import Ladder, Purchase, Standing, Tier, TierChange

from .ledgers import buy, new_member
from .programmes import base_points, earning_rule, local, spend_tiers
from .reviews import bought, place

MANY = 10**9


def tier(rank: int, **bounds: Any) -> Tier:
    return Tier(rank=rank, code=f"t{rank}", name_en=f"Tier {rank}", **bounds)


LOWEST = tier(0)
SILVER = tier(1, entry_spend=Decimal(500))


@pytest.mark.parametrize(
    "tiers",
    [
        [LOWEST],
        [LOWEST, SILVER],
        [LOWEST, SILVER, tier(2, entry_spend=Decimal("500.01"))],
        [LOWEST, SILVER, tier(2, entry_orders=1), tier(3, entry_spend=Decimal(501))],
    ],
)
def test_accepts_a_ladder(tiers: list[Tier]) -> None:
    rules.check_ladder(tiers)


@pytest.mark.parametrize(
    ("tiers", "refusal"),
    [
        ([], LowestTierMissing),
        ([SILVER], LowestTierMissing),
        ([SILVER, tier(2, entry_spend=Decimal(501))], LowestTierMissing),
        ([tier(0, entry_orders=0)], LowestTierAsksForSomething),
        ([tier(0, retention_growth=1)], LowestTierAsksForSomething),
        ([LOWEST, tier(1)], TierAsksForNothing),
        ([LOWEST, tier(1, retention_spend=Decimal(1))], TierAsksForNothing),
        ([LOWEST, SILVER, tier(2, entry_spend=Decimal(500))], BoundsDoNotRise),
        ([LOWEST, SILVER, tier(3, entry_spend=Decimal(501))], RanksHaveGap),
        ([LOWEST, tier(1, entry_active_days=5, retention_active_days=6)], StayingAsksForMore),
        ([LOWEST, tier(1, entry_active_days=5, retention_orders=1)], StayingAsksForMore),
        ([LOWEST, tier(1, entry_orders=1, colour="red")], ColourNotValid),
        # To stay, silver asks for what it asks to enter; gold must not be easier to keep.
        (
            [LOWEST, SILVER, tier(2, entry_spend=Decimal(2000), retention_spend=Decimal(500))],
            BoundsDoNotRise,
        ),
        (
            [LOWEST, tier(1, entry_growth=5), SILVER, tier(3, entry_growth=5)],
            BoundsDoNotRise,
        ),
    ],
)
def test_refuses_what_is_none(tiers: list[Tier], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_ladder(tiers)


def test_nobody_earns_a_tier_of_no_ladder() -> None:
    nothing = rules.TierFigures(spend=Decimal(0), orders=0, growth=0)
    assert rules.earned_tier([], nothing) is None
    assert rules.earned_tier([SILVER], nothing) is None


# A programme whose rows nobody checked


@pytest.fixture
def _no_lowest_tier(db: None) -> None:
    earning_rule(base_points())
    tier(1, entry_spend=Decimal(500)).save()


@pytest.mark.usefixtures("_no_lowest_tier")
def test_a_purchase_is_recorded_without_the_lowest_tier() -> None:
    member = new_member()
    buy(member, "499.99", local(2025, 1, 10))
    assert (Purchase.objects.count(), Standing.objects.count()) == (1, 0)
    buy(member, "0.01", local(2025, 1, 11))
    assert Standing.objects.get().tier.code == "t1"


@pytest.mark.usefixtures("_no_lowest_tier")
def test_a_night_says_that_the_lowest_tier_is_missing() -> None:
    new_member()
    with pytest.raises(LowestTierMissing, match="rank 0"):
        review_tiers(date(2025, 1, 1), 1, MANY)
    assert not TierChange.objects.exists()


def test_the_first_tier_that_an_operator_adds_is_the_lowest(admin_client: Client) -> None:
    page = reverse("admin:loyalty_tier_add")
    form = {"name_en": "Silver", "code": "silver", "rank": 1, "colour": "#8a94a6", "join": "all"}
    response = admin_client.post(page, {**form, "entry_spend": "500"}).content.decode()
    assert "A ladder begins with a tier of rank 0, which is everyone" in response
    assert not Tier.objects.exists()
    assert admin_client.post(page, {**form, "rank": 0}).status_code == 302
    assert admin_client.post(page, {**form, "code": "x", "entry_spend": "500"}).status_code == 302
    assert list(Tier.objects.by_rank().values_list("rank", flat=True)) == [0, 1]


def test_the_lowest_tier_keeps_its_rank(admin_client: Client) -> None:
    lowest = Tier.objects.create(code="member", name_en="Member", rank=0)
    page = reverse("admin:loyalty_tier_change", args=[lowest.pk])
    form = {"name_en": "Member", "rank": 3, "colour": "#8a94a6", "join": "all"}
    assert "rank 0" in admin_client.post(page, {**form, "entry_orders": "1"}).content.decode()
    lowest.refresh_from_db()
    assert lowest.rank == 0


# How long a tier is held


@pytest.mark.parametrize(
    ("validity", "ends"),
    [
        ("12M/month", local(2026, 2, 1)),
        ("1y", local(2026, 1, 11)),
        ("@12-31", local(2026, 1, 1)),
        ("@01-31 > 30D", local(2026, 2, 1)),
        ("never", None),
    ],
)
@pytest.mark.django_db
def test_validity_is_the_same_for_everyone(validity: str, ends: datetime | None) -> None:
    spend_tiers()
    earning_rule(base_points())
    ladder = Ladder.objects.solo()
    ladder.validity = validity
    ladder.full_clean()
    ladder.save()
    by_day, by_night = new_member(), new_member()
    buy(by_day, "500.00", local(2025, 1, 10, 12))
    Standing.objects.all().delete()
    buy(by_night, "500.00", local(2025, 1, 10, 12))
    assert review_tiers(date(2025, 1, 11), 1, MANY) == {"entry": 1, "unchanged": 1}
    assert set(Standing.objects.values_list("valid_until", flat=True)) == {ends}


@pytest.mark.django_db
def test_a_tier_kept_on_the_fixed_day_itself_is_held_to_the_next() -> None:
    """The night that closes 31 December does not keep a tier until that very midnight."""
    spend_tiers(validity="@12-31", window="12M")
    member = new_member()
    place(member, "silver", valid_until=local(2026, 1, 1), since=local(2025, 2, 1))
    bought(member, "500.00", local(2025, 3, 1, 12))
    assert review_tiers(date(2026, 1, 1), 1, MANY) == {"retained": 1}
    assert Standing.objects.get().valid_until == local(2027, 1, 1)
    assert review_tiers(date(2026, 1, 2), 1, MANY) == {}


@pytest.mark.parametrize(
    ("validity", "code"),
    [
        ("anniversary", "period_needs_joining"),
        ("Anniversary > 30D", "period_needs_joining"),
        ("inactive 12M", "period_needs_activity"),
        ("0D", "period_zero"),
        ("soon", "period_invalid"),
    ],
)
def test_refuses_a_validity_without_meaning(validity: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Ladder(validity=validity).clean_fields()
    assert [error.code for error in refusal.value.error_dict["validity"]] == [code]


def test_says_why_a_tier_is_not_held_until_an_anniversary(admin_client: Client) -> None:
    data = {"window": "12M", "validity": "anniversary", "grace_days": 0, "downgrade": "none"}
    page = admin_client.post(reverse("admin:loyalty_ladder_add"), data).content.decode()
    assert "The anniversary of joining has no meaning here." in page
    assert not Ladder.objects.exists()
