"""Operators change the programme: rules by versions, tiers as a ladder, nothing taken away."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from loyalty.errors import RuleRevisedMeanwhile
from loyalty.models import EarningRule, Ladder, PointType, Tier
from loyalty.services.configuration import retire_rule, revise_rule
from tests.loyalty.ledgers import new_member
from tests.loyalty.programmes import (
    base_points,
    earning_rule,
    full_programme,
    local,
    spend_tiers,
)
from tests.loyalty.reviews import place


@pytest.fixture
def rule(db: None) -> EarningRule:
    return earning_rule(base_points())


def wording(rule: EarningRule, **details: Any) -> dict[str, Any]:
    return {
        "name_en": "Double",
        "name_zh": "双倍",
        "point_type": rule.point_type,
        "points": 2,
        "per_amount": Decimal("1.00"),
        **details,
    }


def versions() -> list[tuple[int, int, bool]]:
    found = EarningRule.objects.order_by("version")
    return list(found.values_list("version", "points", "is_current"))


def test_revises_by_a_new_version(rule: EarningRule) -> None:
    revised = revise_rule(rule=rule, **wording(rule))
    assert (revised.code, revised.version, revised.name_zh) == (rule.code, 2, "双倍")
    assert versions() == [(1, 1, False), (2, 2, True)]


def test_makes_one_version_of_a_revision_sent_twice(rule: EarningRule) -> None:
    first = revise_rule(rule=rule, **wording(rule))
    assert revise_rule(rule=rule, **wording(rule)) == first
    assert versions() == [(1, 1, False), (2, 2, True)]


def test_refuses_to_revise_what_was_revised_meanwhile(rule: EarningRule) -> None:
    revise_rule(rule=rule, **wording(rule))
    with pytest.raises(RuleRevisedMeanwhile) as refusal:
        revise_rule(rule=rule, **wording(rule, points=3))
    assert str(refusal.value).endswith("version 2 is the newest.")
    with pytest.raises(RuleRevisedMeanwhile):
        retire_rule(rule=rule)
    assert versions() == [(1, 1, False), (2, 2, True)]


def test_retires_and_puts_in_force_again(rule: EarningRule) -> None:
    for _ in range(2):
        retire_rule(rule=rule)
    assert versions() == [(1, 1, False)]
    revise_rule(rule=rule, **wording(rule))
    assert versions() == [(1, 1, False), (2, 2, True)]


def test_revises_on_a_form_page(desk: Client, rule: EarningRule) -> None:
    page = reverse("admin:loyalty_earningrule_revise", args=[rule.pk])
    assert 'name="per_amount" value="1.00"' in desk.get(page).content.decode()
    data = {**wording(rule), "point_type": rule.point_type_id}
    assert "The new version is in force." in desk.post(page, data, follow=True).content.decode()
    data["points"] = 5
    assert "Someone has revised this rule meanwhile" in desk.post(page, data).content.decode()
    assert versions() == [(1, 1, False), (2, 2, True)]


def test_refuses_a_rule_for_no_money(desk: Client, rule: EarningRule) -> None:
    page = reverse("admin:loyalty_earningrule_revise", args=[rule.pk])
    data = {**wording(rule), "point_type": rule.point_type_id, "per_amount": "0"}
    assert "greater than or equal to 0.01" in desk.post(page, data).content.decode()
    assert versions() == [(1, 1, True)]


def test_retires_on_a_form_page(desk: Client, rule: EarningRule) -> None:
    page = reverse("admin:loyalty_earningrule_retire", args=[rule.pk])
    key = {"key": "k"}
    assert "The rule is out of force." in desk.post(page, key, follow=True).content.decode()
    assert versions() == [(1, 1, False)]


def test_adds_a_rule(desk: Client) -> None:
    base, _ = full_programme()
    data = {"code": "tea", "name_en": "Tea", "point_type": base.pk, "points": 3, "per_amount": "2"}
    assert desk.post(reverse("admin:loyalty_earningrule_add"), data).status_code == 302
    tea = EarningRule.objects.get(code="tea")
    assert (tea.version, tea.is_current, tea.per_amount) == (1, True, Decimal("2.00"))


def tier_form(tier: Tier, **details: Any) -> dict[str, Any]:
    names = ("name_en", "rank", "colour", "join", "entry_spend", "entry_orders", "entry_growth")
    kept = {name: getattr(tier, name) for name in names if getattr(tier, name) is not None}
    return {**kept, **details}


@pytest.mark.parametrize(
    ("code", "details", "words"),
    [
        ("silver", {"entry_spend": "2000"}, "“Gold” must ask for more than “Silver”."),
        ("silver", {"entry_spend": "2001"}, "“Gold” must ask for more than “Silver”."),
        ("silver", {"entry_spend": ""}, "needs at least one bound to enter"),
        ("member", {"entry_spend": "1"}, "leave all of its bounds empty"),
        ("member", {"retention_orders": "1"}, "leave all of its bounds empty"),
        ("gold", {"rank": "4"}, "“Gold” must ask for more than “Black”."),
        ("gold", {"rank": "3"}, "Rank already exists"),
        ("gold", {"entry_spend": "-1"}, "“Gold” must ask for more than “Silver”."),
        ("gold", {"colour": "gold"}, "Write the colour like #c0a062."),
    ],
)
def test_refuses_what_makes_no_ladder(
    code: str, details: dict[str, str], words: str, desk: Client
) -> None:
    spend_tiers()
    tier = Tier.objects.get(code=code)
    page = reverse("admin:loyalty_tier_change", args=[tier.pk])
    response = desk.post(page, tier_form(tier, **details)).content.decode()
    assert words in response
    assert "Constraint" not in response
    unchanged = Tier.objects.get(code=code)
    assert tier_form(unchanged) == tier_form(tier)


def test_moves_a_bound_between_its_neighbours(desk: Client) -> None:
    spend_tiers()
    tier = Tier.objects.get(code="gold")
    page = reverse("admin:loyalty_tier_change", args=[tier.pk])
    assert desk.post(page, tier_form(tier, entry_spend="2500")).status_code == 302
    tier.refresh_from_db()
    assert tier.entry_spend == Decimal(2500)
    assert tier.history.count() == 2


def test_once_members_stand_what_moves_them_changes_by_a_draft(desk: Client) -> None:
    spend_tiers()
    place(new_member(), "silver", valid_until=None, since=local(2025, 1, 1))
    tier = Tier.objects.get(code="gold")
    page = reverse("admin:loyalty_tier_change", args=[tier.pk])
    shown = desk.get(page).content.decode()
    assert "Members stand on the ladder" in shown
    assert reverse("admin:loyalty_ladderdraft_changelist") in shown
    assert 'name="entry_spend"' not in shown
    sent = tier_form(tier, entry_spend="501", rank="3", name_en="Sun", discount_rate="0.9")
    assert desk.post(page, sent).status_code == 302
    tier.refresh_from_db()
    assert (tier.name_en, tier.rank, tier.entry_spend) == ("Sun", 2, Decimal(2000))
    assert tier.discount_rate == Decimal("0.9")
    assert desk.get(reverse("admin:loyalty_tier_add")).status_code == 403
    data = {"window": "3M", "validity": "6M", "grace_days": 5, "downgrade": "matching"}
    desk.post(reverse("admin:loyalty_ladder_change", args=[1]), data)
    ladder = Ladder.objects.solo()
    assert (ladder.window, ladder.validity) == ("12M", "6M")


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("12M", ""),
        ("12M/month", "Use a plain number"),
        ("anniversary", "Use a plain number"),
        ("0D", "at least one day"),
        ("soon", "“soon” is not a period."),
    ],
)
def test_knows_what_a_window_can_be(window: str, words: str, desk: Client) -> None:
    Ladder.objects.create()
    page = reverse("admin:loyalty_ladder_change", args=[1])
    data = {"window": window, "validity": "12M", "grace_days": 5, "downgrade": "matching"}
    response = desk.post(page, data)
    assert response.status_code == (200 if words else 302)
    assert words in response.content.decode()
    assert Ladder.objects.solo().window == ("12M" if words else window)


def test_opens_the_one_ladder_from_its_list(desk: Client) -> None:
    Ladder.objects.create()
    response = desk.get(reverse("admin:loyalty_ladder_changelist"))
    assert response.headers["Location"] == reverse("admin:loyalty_ladder_change", args=[1])
    assert desk.get(reverse("admin:loyalty_ladder_add")).status_code == 403


def test_changes_a_policy_but_not_what_a_kind_is(desk: Client) -> None:
    base, _ = full_programme()
    page = reverse("admin:loyalty_pointtype_change", args=[base.pk])
    data = {"name_en": "Stars", "expiry": "1y", "holding": "14D", "clawback": "forgive"}
    assert desk.post(page, {**data, "code": "x", "is_spendable": ""}).status_code == 302
    kind = PointType.objects.base()
    assert (kind.name_en, kind.expiry, kind.holding, kind.is_spendable) == (
        "Stars",
        "1Y",
        "14D",
        True,
    )
    data["holding"] = "anniversary"
    assert "Use a plain number" in desk.post(page, data).content.decode()
