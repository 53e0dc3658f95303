"""What a tier brings: its own, and what it inherits unless it is switched off."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.models import Tier, TierBenefit
from loyalty.tier_benefits import benefits_of

from .programmes import spend_tiers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ladder() -> None:
    spend_tiers()


def tier(code: str) -> Tier:
    return Tier.objects.get(code=code)


def gives(code: str, name: str, kind: str = "other", **details: Any) -> TierBenefit:
    return TierBenefit.objects.create(tier=tier(code), kind=kind, name_en=name, **details)


def names(code: str) -> list[str]:
    return [benefit.name for benefit in benefits_of(tier(code))]


def test_inherits_from_every_tier_below() -> None:
    gives("member", "Parcels")
    gives("gold", "Lounge")
    assert (names("member"), names("silver")) == (["Parcels"], ["Parcels"])
    assert names("black") == ["Lounge", "Parcels"]


def test_what_is_not_inherited_stays_where_it_is() -> None:
    gives("silver", "A mug", is_inherited=False)
    assert (names("silver"), names("gold")) == (["A mug"], [])


def test_switched_off_it_is_off_for_all_above() -> None:
    mug = gives("silver", "A mug")
    tier("gold").switched_off.add(mug)
    assert (names("silver"), names("gold"), names("black")) == (["A mug"], [], [])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("discount", ["5 % off"]), ("events", ["5 % off", "2 % off"])],
)
def test_its_own_takes_the_place_of_one_of_a_kind(kind: str, expected: list[str]) -> None:
    gives("silver", "2 % off", kind)
    gives("gold", "5 % off", kind)
    assert names("gold") == expected


def test_a_tier_may_switch_off_only_what_it_inherits(admin_client: Client) -> None:
    below = gives("silver", "A mug")
    own = gives("gold", "Lounge")
    page = reverse("admin:loyalty_tier_change", args=[tier("gold").pk])
    form = {"name_en": "Gold", "rank": 2, "colour": "#8a94a6", "join": "all"}
    form |= {"entry_spend": "2000", "multiplier": "1.5", "discount_rate": "0.95"}
    assert admin_client.post(page, {**form, "switched_off": [own.pk]}).status_code == 200
    assert admin_client.post(page, {**form, "switched_off": [below.pk]}).status_code == 302
    assert list(tier("gold").switched_off.all()) == [below]
    assert (str(tier("gold").multiplier), str(tier("gold").discount_rate)) == ("1.500", "0.950")


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"discount_rate": "0"}, "This must be more than 0"),
        ({"discount_rate": "1.001"}, "at most 1"),
        ({"multiplier": "-1"}, "This must be more than 0"),
        ({"retention_spend": "2000.01"}, "asks for more to stay"),
        ({"retention_orders": "1"}, "asks for more to stay"),
        ({"entry_spend": "500"}, "must ask for more than"),
    ],
)
def test_refuses_in_words_that_say_what_to_do(
    details: dict[str, str], words: str, admin_client: Client
) -> None:
    page = reverse("admin:loyalty_tier_change", args=[tier("gold").pk])
    form = {"name_en": "Gold", "rank": "2", "colour": "#8a94a6", "join": "all"}
    response = admin_client.post(page, {**form, "entry_spend": "2000", **details})
    assert words in response.content.decode()
    assert tier("gold").rank == 2


@pytest.mark.parametrize("window", ["year", "tier", "never", "18M", " Year "])
def test_the_ladder_takes_its_windows(window: str, admin_client: Client) -> None:
    page = reverse("admin:loyalty_ladder_change", args=[1])
    form = {"window": window, "validity": "1Y", "grace_days": 3, "downgrade": "none"}
    assert admin_client.post(page, form).status_code == 302
    assert admin_client.post(page, {**form, "window": "decade"}).status_code == 200
    assert admin_client.post(page, {**form, "step_interval": "1M/month"}).status_code == 200
