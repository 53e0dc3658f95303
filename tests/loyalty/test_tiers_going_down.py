"""Nobody comes down untold: notices of the way down, their evidence, waivers, and who is held."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from common import clock
from loyalty.errors import StandingNotHeld
from loyalty.jobs import notify_tiers_going_down
from loyalty.models import DowngradeEvidence, Ladder, Standing, Tier
from loyalty.notices import going_down_words
from loyalty.services.standings import waive_tier_notice
from members.models import Member, Notice
from tests.factories import OperatorFactory

from .ledgers import new_member
from .programmes import local, spend_tiers
from .reviews import EVERYONE, bought, changes_of, place, review, tier_of

pytestmark = pytest.mark.django_db

END = local(2025, 7, 1)
WON = local(2024, 6, 10, 12)
MAY = local(2025, 5, 1, 12)


@pytest.fixture(autouse=True)
def _no_first_night(settings: Settings) -> None:
    settings.NIGHTLY_WAIVES_FIRST_DOWNGRADE = False


def on_gold(spend: str = "0.00", *, valid_until: datetime = END) -> Member:
    member = new_member()
    place(member, "gold", valid_until=valid_until, since=WON)
    bought(member, spend, MAY)
    return member


def tell(*day: int) -> int:
    counts = notify_tiers_going_down(date(*day), 1, EVERYONE)
    assert set(counts) <= {"notices", "standings"}
    return counts.get("notices", 0)


@pytest.mark.parametrize(
    ("night", "told"),
    [
        ((2025, 5, 31), 0),
        ((2025, 6, 1), 1),
        ((2025, 6, 23), 1),
        ((2025, 6, 30), 1),
    ],
)
def test_tells_thirty_days_before_the_end(night: tuple[int, ...], told: int) -> None:
    spend_tiers()
    on_gold("1999.99")
    assert tell(*night) == told


def test_tells_once_for_each_period() -> None:
    spend_tiers()
    on_gold()
    nights = [date(2025, 5, 31) + timedelta(days=number) for number in range(31)]
    told = [night.isoformat() for night in nights if tell(night.year, night.month, night.day)]
    assert told == ["2025-06-01", "2025-06-24"]
    assert DowngradeEvidence.objects.count() == 2


@pytest.mark.parametrize(("spend", "told"), [("1999.99", 1), ("2000.00", 0), ("2000.01", 0)])
def test_tells_nobody_who_would_stay(spend: str, told: int) -> None:
    spend_tiers()
    on_gold(spend)
    assert tell(2025, 6, 1) == told


def test_counts_what_will_have_left_the_window_by_then() -> None:
    """Today it is enough to stay: on the night that decides it will be a year old."""
    spend_tiers()
    bought(on_gold(), "2000.00", local(2024, 6, 30, 23, 59))
    bought(on_gold(), "2000.00", local(2024, 7, 1))
    assert tell(2025, 6, 1) == 1


def test_says_where_to_when_and_what_is_missing() -> None:
    spend_tiers(grace_days=30)
    Tier.objects.filter(code="gold").update(name_zh="金卡", retention_orders=3)
    Tier.objects.filter(code="silver").update(name_zh="银卡")
    on_gold("1600.50")
    assert tell(2025, 6, 1) == 1
    params = Notice.objects.get().params
    words = going_down_words(params)
    assert words.title == "Your tier Gold is about to end"
    assert words.body == (
        "From Jul 31, 2025 on you will be Silver. "
        "To stay Gold, you still need: CN¥399.50 and 2 purchases."
    )
    with translation.override("zh-hans"):
        chinese = going_down_words(params)
    assert ("金卡" in chinese.title, "银卡" in chinese.body) == (True, True)


@pytest.mark.parametrize("policy", ["one_step", "matching"])
def test_names_the_tier_that_follows(policy: str) -> None:
    spend_tiers(downgrade=policy)
    on_gold("0.00")
    tell(2025, 6, 1)
    assert Notice.objects.get().params["to_en"] == ("Silver" if policy == "one_step" else "Member")


def test_tells_nobody_where_nobody_comes_down() -> None:
    spend_tiers(downgrade="none")
    on_gold()
    assert tell(2025, 6, 1) == 0


# What follows


def test_comes_down_on_the_evidence_of_an_earlier_night() -> None:
    spend_tiers()
    member = on_gold()
    tell(2025, 6, 1)
    assert review(2025, 7, 1) == {"downgrade": 1}
    assert tier_of(member) == "silver"


def test_a_notice_of_the_same_night_is_none() -> None:
    """Held this night, told by it, and down by the next."""
    spend_tiers()
    member = on_gold()
    assert review(2025, 7, 1) == {"untold": 1}
    assert tell(2025, 7, 1) == 1
    assert review(2025, 7, 1) == {"untold": 1}
    assert tier_of(member) == "gold"
    assert Notice.objects.get().params["down_on"] == "2025-07-02"
    assert review(2025, 7, 2) == {"downgrade": 1}


def test_evidence_of_another_term_is_none() -> None:
    spend_tiers()
    member = on_gold()
    tell(2025, 6, 1)
    Standing.objects.update(valid_until=local(2025, 8, 1))
    assert review(2025, 8, 1) == {"untold": 1}
    assert changes_of(member) == []


def test_whoever_catches_up_stays_although_told() -> None:
    spend_tiers(grace_days=30)
    member = on_gold()
    tell(2025, 6, 1)
    bought(member, "2000.00", local(2025, 7, 20))
    assert review(2025, 7, 31) == {"retained": 1}


def test_tells_in_the_days_of_grace_who_was_not_told_before() -> None:
    spend_tiers(grace_days=30)
    on_gold("2000.00")
    Standing.objects.update(tier=Tier.objects.get(code="black"))
    assert review(2025, 7, 1) == {"unchanged": 1}
    assert (tell(2025, 7, 1), tell(2025, 7, 2)) == (1, 0)
    assert Notice.objects.get().params["down_on"] == "2025-07-31"


def test_the_first_night_that_tells_waives_where_the_setting_says_so(settings: Settings) -> None:
    settings.NIGHTLY_WAIVES_FIRST_DOWNGRADE = True
    spend_tiers()
    on_gold()
    assert review(2025, 7, 1) == {"downgrade": 1}
    assert DowngradeEvidence.objects.get().waiver == "first_night"


@pytest.mark.parametrize(
    ("since", "counts"),
    [(local(2025, 6, 30), {"untold": 1}), (local(2025, 6, 30, 0, 0, 1), {"downgrade": 1})],
)
def test_a_tier_that_was_not_held_last_night_is_waived(
    since: datetime, counts: dict[str, int]
) -> None:
    spend_tiers()
    member = new_member()
    place(member, "gold", valid_until=END, since=since)
    assert review(2025, 7, 1) == counts
    waivers = list(DowngradeEvidence.objects.values_list("waiver", flat=True))
    assert waivers == (["short"] if "downgrade" in counts else [])


# Minimum time between two steps


@pytest.mark.parametrize(
    ("night", "counts"),
    [((2025, 8, 1), {"unchanged": 1}), ((2025, 8, 31), {"downgrade": 1})],
)
def test_comes_down_once_in_the_time_between_steps(
    night: tuple[int, ...], counts: dict[str, int], settings: Settings
) -> None:
    """Held on 30 June for a month: the next step is due on 31 July, and allowed after August."""
    settings.NIGHTLY_WAIVES_FIRST_DOWNGRADE = True
    spend_tiers(validity="1M", step_interval="2M")
    member = on_gold()
    assert review(2025, 7, 1) == {"downgrade": 1}
    assert Standing.objects.get().no_step_before == local(2025, 8, 31)
    assert review(*night) == counts
    assert tier_of(member) == ("silver" if "unchanged" in counts else "member")


# What operators see and may do


def held_now() -> Member:
    spend_tiers()
    today = clock.cutoff(clock.today())
    return on_gold(valid_until=today - timedelta(days=1))


def test_lists_who_is_held(admin_client: Client) -> None:
    held = held_now()
    other = new_member()
    place(other, "gold", valid_until=clock.now() + timedelta(days=9), since=WON)
    listed = admin_client.get(reverse("admin:loyalty_standing_changelist") + "?state=held")
    assert [row.member for row in listed.context["cl"].result_list] == [held]


def test_an_operator_lets_a_held_tier_go_down(admin_client: Client) -> None:
    member = held_now()
    standing = Standing.objects.get()
    page = reverse("admin:loyalty_standing_waive", args=[standing.pk])
    response = admin_client.post(page, {"key": "k"}, follow=True)
    assert "The next night may take this tier down." in response.content.decode()
    evidence = DowngradeEvidence.objects.get()
    assert (evidence.waiver, evidence.operator) == ("operator", response.context["user"])
    tomorrow = clock.today() + timedelta(days=1)
    assert review(tomorrow.year, tomorrow.month, tomorrow.day) == {"downgrade": 1}
    assert tier_of(member) == "silver"


@pytest.mark.parametrize("told", [True, False])
def test_refuses_to_waive_what_is_not_held(told: bool) -> None:
    member = held_now()
    standing = Standing.objects.get()
    operator = OperatorFactory.create()
    if told:
        today = clock.today()
        tell(today.year, today.month, today.day)
    else:
        Ladder.objects.update(grace_days=30)
    with pytest.raises(StandingNotHeld):
        waive_tier_notice(standing=standing, operator=operator)
    assert tier_of(member) == "gold"


def test_waived_twice_it_is_one_waiver() -> None:
    held_now()
    standing = Standing.objects.get()
    by: dict[str, Any] = {"standing": standing, "operator": OperatorFactory.create()}
    assert waive_tier_notice(**by) == waive_tier_notice(**by)
