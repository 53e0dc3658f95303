"""The command: what every preset is, what it says, and what it refuses."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from loyalty.errors import TierInUse, TierNamedByRule
from loyalty.models import EarningRule, LadderVersion, PointType, Standing, Tier
from loyalty.presets import PRESETS
from loyalty.services.configuration import create_rule
from loyalty.services.ladder import check_ladder
from loyalty.services.presets import load_preset
from tests.factories import MemberFactory
from tests.loyalty.ledgers import buy
from tests.loyalty.programmes import local
from tests.loyalty.reviews import changes_of

from .years import broken, load, place_of, rows

pytestmark = pytest.mark.django_db

EVERY = pytest.mark.parametrize("name", list(PRESETS))


@EVERY
def test_every_preset_is_a_ladder_with_its_version(name: str) -> None:
    load(name, 2025, 1, 1)
    check_ladder()
    tiers = list(Tier.objects.by_rank())
    newest = LadderVersion.objects.newest()
    assert newest is not None
    assert [rung["code"] for rung in newest.tiers] == [tier.code for tier in tiers]
    assert [tier.code for tier in tiers] == [tier.code for tier in PRESETS[name].tiers]


@EVERY
def test_every_preset_is_named_in_both_languages(name: str) -> None:
    preset = PRESETS[name]
    named = [*preset.kinds, *preset.rules, *preset.tiers, *preset.categories]
    assert all(one.name_en.isascii() and one.name_en for one in named)
    assert all(one.name_zh for one in named)


def test_refuses_an_unknown_name_and_lists_the_known() -> None:
    known = "plain, super, private, experience, experience-upgrade, shop, classic, demo"
    with pytest.raises(CommandError, match=f"called “platinum”. Known: {known}"):
        call_command("load_preset", "platinum")
    assert not PointType.objects.exists()


def test_refuses_a_shorter_ladder_under_members() -> None:
    load("classic", 2025, 1, 1)
    member = MemberFactory.create(joined_at=local(2025, 1, 2))
    buy(member, "20000.00", local(2025, 2, 1, 12))
    before = rows()
    with pytest.raises(CommandError, match=r"tier “Diamond”.*at least 4 tiers"):
        load("super", 2025, 3, 1)
    assert rows() == before
    assert place_of(member)[0] == "diamond"


def test_refuses_to_forget_where_members_stood() -> None:
    load("classic", 2025, 1, 1)
    member = MemberFactory.create(joined_at=local(2025, 1, 2))
    buy(member, "20000.00", local(2025, 2, 1, 12))
    Standing.objects.update(tier=Tier.objects.get(rank=0))
    with pytest.raises(TierInUse, match="or stood"):
        load_preset(name="shop")
    assert Tier.objects.count() == 4


def test_refuses_to_drop_a_tier_that_rules_name() -> None:
    load("classic", 2025, 1, 1)
    create_rule(
        code="diamonds",
        name_en="For diamonds",
        point_type=PointType.objects.get(code="base"),
        points=1,
        tiers=[Tier.objects.get(code="diamond")],
        trigger="review",
    )
    before = rows()
    with pytest.raises(TierNamedByRule, match="Diamond"):
        load_preset(name="shop")
    assert rows() == before


def test_members_keep_their_rung_whatever_it_is_called() -> None:
    load("shop", 2025, 1, 1)
    member = MemberFactory.create(joined_at=local(2025, 1, 2))
    buy(member, "5000.00", local(2025, 2, 1, 12))
    assert place_of(member) == ("gold", "2026-02-28")
    load("private", 2025, 3, 1)
    # The third rung of both; “gold” is the first of this one.
    assert place_of(member) == ("black", "2026-02-28")
    assert [tier.code for tier in Tier.objects.by_rank()] == ["gold", "platinum", "black"]
    assert len(changes_of(member)) == 1
    load("classic", 2025, 3, 2)
    assert place_of(member) == ("gold", "2026-02-28")
    assert Tier.objects.count() == 4
    assert broken() == []


def test_a_longer_ladder_goes_back_while_its_top_is_empty() -> None:
    load("shop", 2025, 1, 1)
    load("classic", 2025, 1, 1)
    load("shop", 2025, 1, 1)
    assert [tier.code for tier in Tier.objects.by_rank()] == ["standard", "silver", "gold"]


def test_takes_other_rules_out_of_force_and_keeps_their_versions() -> None:
    load("super", 2025, 1, 1)
    out = load("plain", 2025, 1, 2)
    assert [rule.code for rule in EarningRule.objects.current()] == ["purchase"]
    assert EarningRule.objects.versions("share").count() == 1
    assert "share, share-growth" in out


def test_the_ladder_version_follows_what_is_loaded() -> None:
    load("classic", 2025, 1, 1)
    load("shop", 2025, 1, 2)
    load("shop", 2025, 1, 3)
    assert LadderVersion.objects.count() == 2


def test_a_yearly_campaign_is_written_for_its_next_day() -> None:
    load("super", 2025, 11, 11)
    rule = EarningRule.objects.newest_version("double-points-day")
    assert (str(rule.starts_on), str(rule.ends_on), rule.version) == ("2025-11-11", "2025-11-11", 1)
    load("super", 2025, 11, 12)
    rule = EarningRule.objects.newest_version("double-points-day")
    assert (str(rule.starts_on), rule.version) == ("2026-11-11", 2)
