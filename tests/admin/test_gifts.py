"""Operators' pages of birthday perks, tier gifts and holidays: refusals that say what to do."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from benefits.forms import BirthdayPerkForm, HolidayForm, TierGiftForm
from loyalty.models import Tier
from members.models import User
from tests.benefits.offers import offer
from tests.benefits.perks import born, gold_tier, lowest_tier, perk
from tests.factories import OperatorFactory
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client) -> Client:
    operator: User = OperatorFactory.create()
    client.force_login(operator, backend="members.adapters.LoginBackend")
    return client


def perk_form(**changes: Any) -> BirthdayPerkForm:
    data = {
        "name_en": "Birthday",
        "tier": lowest_tier().pk,
        "kind": "points",
        "points": "200",
        "span": "day",
        "days_ahead": "0",
        "is_active": "on",
        "starts_on": "2025-01-01",
    }
    return BirthdayPerkForm(data | changes)


def test_a_perk_that_gives_one_thing_is_taken() -> None:
    assert perk_form().is_valid()
    assert perk_form(kind="tier", points="", lift_steps="1").is_valid()
    assert perk_form(kind="multiplier", points="", factor="2").is_valid()
    assert perk_form(kind="coupon", points="", template=offer().pk).is_valid()


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"points": ""}, "points", "Say what this perk gives."),
        ({"points": "0"}, "points", "Give at least one point."),
        ({"factor": "2"}, "factor", "Leave this empty for what this perk gives."),
        ({"kind": "coupon"}, "template", "Say what this perk gives."),
        (
            {"kind": "multiplier", "points": "", "factor": "1"},
            "factor",
            "A multiplier is above 1 and at most 10.",
        ),
        (
            {"kind": "tier", "points": "", "lift_steps": "0"},
            "lift_steps",
            "Lift by at least one step.",
        ),
        ({"days_ahead": "61"}, "days_ahead", "At most 60 days ahead."),
    ],
)
def test_a_perk_that_cannot_be_meant_is_refused(
    changes: dict[str, Any], field: str, text: str
) -> None:
    form = perk_form(**changes)
    assert text in form.errors[field]


def test_a_perk_lifts_to_a_higher_tier_only() -> None:
    form = perk_form(kind="tier", points="", lift_tier=lowest_tier().pk)
    assert "This tier is not above the members’ own." in form.errors["lift_tier"]
    both = perk_form(kind="tier", points="", lift_tier=gold_tier().pk, lift_steps="1")
    assert "Set either a tier or a number of steps." in both.errors["lift_steps"]


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"points": ""}, "points", "Set either a coupon template or points."),
        ({"points": "0"}, "points", "Give at least one point."),
        ({"tier": "lowest"}, "tier", "The lowest tier is everyone’s: nobody rises to it."),
    ],
)
def test_a_tier_gift_that_cannot_be_meant_is_refused(
    changes: dict[str, Any], field: str, text: str
) -> None:
    tiers: dict[str, Tier] = {"gold": gold_tier(), "lowest": lowest_tier()}
    data = {"name_en": "G", "tier": "gold", "points": "1", "once": "year", "starts_on": "2025-1-1"}
    data |= changes
    form = TierGiftForm(data | {"tier": tiers[data["tier"]].pk})
    assert text in form.errors[field]


@pytest.mark.parametrize(
    ("calendar", "month", "day", "is_valid"),
    [
        ("solar", 2, 29, True),
        ("solar", 2, 30, False),
        ("lunar", 2, 30, True),
        ("lunar", 1, 31, False),
        ("solar", 13, 1, False),
    ],
)
def test_a_holiday_is_a_day_of_its_calendar(
    calendar: str, month: int, day: int, is_valid: bool
) -> None:
    data = {"name_en": "H", "greeting_en": "Hello", "calendar": calendar}
    form = HolidayForm(data | {"month": month, "day": day})
    assert form.is_valid() is is_valid
    assert ("This calendar has no such day." in form.errors.get("day", [])) is not is_valid


def test_the_preview_names_who_gets_what(signed_in: Client, time_machine: Any) -> None:
    time_machine.move_to(local(2025, 3, 14, 12), tick=False)
    perk(days_ahead=3, starts_on=date(2025, 1, 1))
    born(3, 20, family_name="Soon", given_name="")
    born(4, 17, family_name="Late", given_name="")
    page = signed_in.get("/admin/benefits/birthdayperk/upcoming/").content.decode()
    assert "Soon" in page
    assert "2025-03-17" in page
    assert "Late" not in page


def test_the_preview_says_when_it_is_nobody(signed_in: Client) -> None:
    page = signed_in.get("/admin/benefits/birthdayperk/upcoming/").content.decode()
    assert "Nobody gets a birthday gift in the next 30 days" in page
