"""The help page: the programme's rules, written out of what is configured and of nothing else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from benefits.help import help_chapters
from benefits.models import TierGift
from common import clock
from loyalty.models import EarningRule, Ladder, PointsMoney, PointType, RuleScope, Tier
from loyalty.services.presets import load_preset
from members.models import Member, Segment
from tests.benefits.offers import offer
from tests.benefits.perks import perk

pytestmark = pytest.mark.django_db

EARN = "How you earn points"
WORTH = "What points are worth"
ENDS = "When points can be spent, and when they end"
BACK = "When you bring something back"


def told(language: str = "en") -> dict[str, list[str]]:
    with override(language):
        return {chapter.title: chapter.lines for chapter in help_chapters(clock.today())}


@pytest.fixture
def super_programme(db: None) -> None:
    load_preset(name="super")


def test_tells_a_whole_programme(super_programme: None) -> None:
    chapters = told()
    assert list(chapters) == [EARN, WORTH, ENDS, "Tiers", BACK, "How you leave"]
    assert "Members earn 1 point per ¥1." in chapters[EARN]
    assert "Members earn 5 points for a check-in." in chapters[EARN]
    assert chapters[WORTH] == [
        "100 points are worth ¥1.",
        "They pay for up to 50% of a purchase of at least ¥100, 100 points at a time.",
        "Never spent: Growth points and Honour points.",
    ]
    assert chapters[ENDS] == [
        "Points of a purchase are held before you can spend them: 7 days.",
        "Points are valid from the day on which you earn them: 12 months.",
        "We tell you 30, 7 and 1 days before points end.",
        "Points that end soonest are spent first.",
    ]
    assert chapters["Tiers"] == [
        "Classic: everyone's; 2% off.",
        "Premium: spend CN¥3,000.00, to enter and to stay; 1.2 times the points; 3% off.",
        "VIP: 5,000 growth points, to enter and to stay; 1.5 times the points; 5% off.",
        "The last 12 months count.",
        "You rise as soon as you reach a tier, several at a time if need be.",
        "You keep a tier: 12 months, to the end of the month. Reach it again by then, and this "
        "begins anew.",
        "If you do not reach it again by then or in the 30 days after, you come down one tier.",
    ]
    assert chapters[BACK][1].startswith("If you have spent them already, the next points")


def test_follows_every_change(super_programme: None, settings: Any) -> None:
    """Each figure of the page, changed where an operator or the environment changes it."""
    EarningRule.objects.filter(trigger="check_in").update(points=8)
    PointsMoney.objects.update(
        points_per_money=200,
        maximum_share=Decimal("12.5"),
        minimum_purchase=Decimal(30),
        multiple=50,
    )
    PointType.objects.filter(code="base").update(
        expiry="never", holding="0D", clawback=PointType.Clawback.FORGIVE
    )
    Tier.objects.filter(code="vip").update(
        entry_growth=6_000, retention_growth=6_000, points_per_money=50
    )
    Ladder.objects.update(window="year", grace_days=0, downgrade="matching", validity="6M")
    settings.ERASURE_COOLING_DAYS = 14
    chapters = told()
    assert "Members earn 8 points for a check-in." in chapters[EARN]
    assert chapters[WORTH][:3] == [
        "100 points are worth ¥0.50.",
        "VIP: 100 points are worth ¥2.",
        "They pay for up to 12.5% of a purchase of at least ¥30, 50 points at a time.",
    ]
    assert chapters[ENDS] == ["Points can be spent at once.", "Points never end."]
    assert any(line.startswith("VIP: 6,000 growth points") for line in chapters["Tiers"])
    assert chapters["Tiers"][3:] == [
        "What happens in the calendar year counts.",
        "You rise as soon as you reach a tier, several at a time if need be.",
        "You keep a tier: 6 months. Reach it again by then, and this begins anew.",
        "If you do not reach it again by then, you come down to the tier that fits.",
    ]
    assert chapters[BACK][1] == "If you have spent them already, nothing more is asked of you."
    assert "For 14 days you can take that back" in chapters["How you leave"][0]


def test_a_tier_that_stays_says_so(super_programme: None) -> None:
    Ladder.objects.update(downgrade="none")
    assert told()["Tiers"][-1] == "A tier that you reached stays yours."


def test_notices_follow_the_setting(super_programme: None, settings: Any) -> None:
    settings.EXPIRY_NOTICE_DAYS = [3]
    assert "We tell you 3 days before points end." in told()[ENDS]


def test_points_that_pay_for_nothing_say_so(super_programme: None) -> None:
    PointsMoney.objects.update(is_offered=False)
    assert told()[WORTH][0] == "Points buy rewards; they pay for no part of a purchase."


def rule(**details: Any) -> EarningRule:
    return EarningRule.objects.create(
        name_en="Extra",
        point_type=PointType.objects.get(code="base"),
        points=7,
        trigger="review",
        **{"code": "extra", **details},
    )


def seven(chapters: dict[str, list[str]]) -> list[str]:
    return [line for line in chapters[EARN] if "earn 7 points" in line]


def test_tells_what_is_in_force_and_what_comes(super_programme: None) -> None:
    today = clock.today()
    rule(code="now", starts_on=today, ends_on=today)
    rule(code="soon", starts_on=today + timedelta(days=1))
    rule(code="over", ends_on=today - timedelta(days=1))
    rule(code="off", is_current=False)
    assert len(seven(told())) == 2


def test_keeps_segments_to_itself(super_programme: None) -> None:
    segment = Segment.objects.create(code="risk", name_en="About to leave")
    RuleScope.objects.create(rule=rule(), segment=segment)
    assert seven(told()) == []


def test_tells_of_birthdays_and_tier_gifts(super_programme: None, settings: Any) -> None:
    vip = Tier.objects.get(code="vip")
    perk(vip, points=200)
    perk(vip, kind="coupon", template=offer(), span="month")
    TierGift.objects.create(
        tier=vip, name_en="Hello", points=50, once="year", starts_on=clock.today()
    )
    chapters = told()
    assert chapters["Your birthday"] == [
        "VIP: 200 points, on the day.",
        "VIP: Ten off · ¥10 off, for the month of your birthday.",
        "You tell your birthday once. Told less than 30 days before, it counts from the next one "
        "on.",
        "A birthday on 29 February is kept on 28 February in other years.",
    ]
    assert chapters["When you rise to a tier"] == ["VIP: 50 points, once a year."]
    settings.BIRTHDAY_LEAP_DAY, settings.BIRTHDAY_QUIET_DAYS = "03-01", 10
    assert "kept on 1 March" in told()["Your birthday"][-1]
    assert "less than 10 days" in told()["Your birthday"][-2]


def test_an_empty_programme_has_little_to_say(db: None) -> None:
    assert list(told()) == ["How you leave"]


@pytest.mark.parametrize("name", ["super", "private", "experience", "shop", "classic", "plain"])
def test_speaks_chinese_of_every_ready_programme(db: None, name: str) -> None:
    load_preset(name=name)
    english, chinese = told(), told("zh-hans")
    assert [len(lines) for lines in english.values()] == [len(lines) for lines in chinese.values()]
    assert "如何赚取积分" in chinese
    latin = [line for lines in chinese.values() for line in lines if line.isascii()]
    assert latin == []


def test_the_page_shows_it(signed_in: Client, member: Member) -> None:
    shown = signed_in.get(reverse("help")).content.decode()
    assert "Members earn 1 point per ¥1." in shown
    assert reverse("erase") in shown


def test_costs_as_much_for_ten_rules_as_for_one(signed_in: Client, member: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as sent:
            signed_in.get(reverse("help"))
        return len(sent)

    cost()
    few = cost()
    for number in range(10):
        rule(code=f"x{number}")
        perk(Tier.objects.get(code="gold"), name_en=f"P{number}")
        Tier.objects.create(
            code=f"t{number}",
            name_en="T",
            rank=10 + number,
            entry_spend=Decimal(9_000 + number),
            points_per_money=9,
        )
    assert cost() == few
