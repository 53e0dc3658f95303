"""Birthday perks: who gets what on which night, once, late as well, and what is refused."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from benefits.jobs import grant_birthday_perks
from benefits.models import BirthdayGrant, Coupon
from common.integrity import broken_constraint
from loyalty.models import MemberMultiplier, PointsAccount, PointsEntry, Tier, TierOverride
from loyalty.services.overrides import effective_at
from loyalty.services.points import redeem_points
from loyalty.services.purchases import record_purchase
from members.models import Member, Notice
from members.notices import told
from members.services.birthdays import correct_birthday, give_birthday
from tests.factories import OperatorFactory
from tests.loyalty.programmes import base_points, local, plain_programme
from tests.loyalty.tampering import broken, overwrite, stand_in

from .offers import offer
from .perks import EVERYONE, born, gold_tier, lowest_tier, night, perk

pytestmark = pytest.mark.django_db

BIRTHDAY = date(2025, 3, 20)


@pytest.fixture(autouse=True)
def night_of_the_birthday(time_machine: Any) -> Any:
    time_machine.move_to(local(2025, 3, 20, 1), tick=False)
    return time_machine


@pytest.fixture
def child() -> Member:
    """Born on 20 March."""
    base_points(holding="7D")
    return born(3, 20)


def purchase(member: Member, at: datetime, amount: str = "100.00") -> PointsEntry | None:
    bought = record_purchase(
        source="till",
        external_id=at.isoformat(),
        at=at,
        amount=Decimal(amount),
        member=member,
        now=at,
    )
    return PointsEntry.objects.filter(purchase=bought).first()


# --- On which night -----------------------------------------------------------------------------


def test_gives_points_that_can_be_spent_at_once(child: Member) -> None:
    perk()
    assert night(BIRTHDAY) == (1, 0)
    entry = BirthdayGrant.objects.get().entry
    assert entry is not None
    assert (entry.points, entry.kind) == (200, "earn")
    assert redeem_points(member=child, points=200, key="spent").points == -200
    assert broken() == {}


def test_gives_once_however_often_the_night_runs(child: Member) -> None:
    perk()
    assert [night(BIRTHDAY), night(BIRTHDAY), night(BIRTHDAY + timedelta(days=1))] == [
        (1, 0),
        (0, 0),
        (0, 0),
    ]
    assert PointsAccount.objects.get().balance == 200
    assert Notice.objects.filter(member=child).count() == 1


def test_gives_again_next_year(child: Member, time_machine: Any) -> None:
    perk()
    night(BIRTHDAY)
    time_machine.move_to(local(2026, 3, 20, 1), tick=False)
    assert night(date(2026, 3, 20)) == (1, 0)
    assert list(BirthdayGrant.objects.order_by("pk").values_list("year", flat=True)) == [2025, 2026]


@pytest.mark.parametrize(
    ("days_ahead", "on", "gifts"),
    [(0, 19, 0), (0, 20, 1), (7, 12, 0), (7, 13, 1), (7, 20, 1)],
)
def test_gives_so_many_days_ahead(child: Member, days_ahead: int, on: int, gifts: int) -> None:
    perk(days_ahead=days_ahead)
    assert night(date(2025, 3, on)) == (gifts, 0)


@pytest.mark.parametrize(
    ("setting", "year", "on"),
    [
        ("02-28", 2024, date(2024, 2, 29)),
        ("02-28", 2025, date(2025, 2, 28)),
        ("02-28", 2026, date(2026, 2, 28)),
        ("02-28", 2027, date(2027, 2, 28)),
        ("03-01", 2024, date(2024, 2, 29)),
        ("03-01", 2025, date(2025, 3, 1)),
        ("03-01", 2026, date(2026, 3, 1)),
        ("03-01", 2027, date(2027, 3, 1)),
    ],
)
def test_29_february_in_four_years(
    settings: Any, time_machine: Any, setting: str, year: int, on: date
) -> None:
    settings.BIRTHDAY_LEAP_DAY = setting
    base_points()
    born(2, 29)
    perk()
    time_machine.move_to(local(on.year, on.month, on.day, 1), tick=False)
    assert night(on - timedelta(days=1)) == (0, 0)
    assert night(on) == (1, 0)
    grant = BirthdayGrant.objects.get()
    assert (grant.year, grant.celebrated_on) == (year, on)


@pytest.mark.parametrize(
    ("month", "day", "on", "year"),
    [
        # The twelfth month of 2024 has 29 days.
        (12, 30, date(2025, 1, 28), 2024),
        # The sixth month of 2025 is followed by a leap month from 25 July: kept once.
        (6, 5, date(2025, 6, 29), 2025),
    ],
)
def test_lunar_birthdays(time_machine: Any, month: int, day: int, on: date, year: int) -> None:
    base_points()
    born(month, day, birth_calendar="lunar")
    perk()
    for ahead in (-31, -30, -29, -1, 0, 1, 28, 29, 30, 31):
        that = on + timedelta(days=ahead)
        time_machine.move_to(local(that.year, that.month, that.day, 1), tick=False)
        assert night(that) == (int(ahead == 0), 0)
    grant = BirthdayGrant.objects.get()
    assert (grant.year, grant.celebrated_on) == (year, on)


@pytest.mark.parametrize(
    ("joined_at", "gifts"),
    [
        (local(2025, 3, 19, 23, 59), [1, 0]),
        (local(2025, 3, 20), [0, 1]),
        (local(2025, 3, 20, 12), [0, 1]),
        (local(2025, 3, 21), [0, 0]),
    ],
)
def test_who_joined_today_waits_for_the_next_night(joined_at: datetime, gifts: list[int]) -> None:
    base_points()
    born(3, 20, joined_at=joined_at)
    perk()
    assert [night(BIRTHDAY)[0], night(date(2025, 3, 21))[0]] == gifts


def test_who_joins_later_in_the_month_gets_it_too(time_machine: Any) -> None:
    base_points()
    perk()
    born(3, 1, joined_at=local(2025, 3, 31, 23, 59))
    born(3, 1, joined_at=local(2025, 4, 1))
    time_machine.move_to(local(2025, 4, 2, 1), tick=False)
    assert night(date(2025, 4, 1)) == (1, 0)
    assert night(date(2025, 4, 2)) == (0, 0)


def test_three_missed_nights_are_caught_up_in_order(child: Member, time_machine: Any) -> None:
    perk()
    born(3, 21)
    time_machine.move_to(local(2025, 3, 23, 1), tick=False)
    given = [night(date(2025, 3, day)) for day in (20, 21, 22, 23)]
    assert given == [(1, 0), (1, 0), (0, 0), (0, 0)]


def test_the_next_night_gives_what_three_nights_never_did(child: Member) -> None:
    perk()
    born(3, 21)
    assert night(date(2025, 3, 23)) == (2, 0)


def test_only_members_of_the_range_are_given(child: Member) -> None:
    perk()
    assert grant_birthday_perks(BIRTHDAY, child.pk + 1, child.pk + 9)["gifts"] == 0
    assert grant_birthday_perks(BIRTHDAY, child.pk, child.pk)["gifts"] == 1


# --- Who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("set_at", "gifts"),
    [
        (local(2025, 2, 17, 23, 59), 1),
        (local(2025, 2, 18), 0),
        (local(2025, 3, 19, 12), 0),
    ],
)
def test_a_birthday_told_within_thirty_days_brings_nothing_this_year(
    time_machine: Any, set_at: datetime, gifts: int
) -> None:
    base_points()
    perk()
    member = born(3, 20)
    Member.objects.update(birth_month=None, birth_day=None, birthday_set_on=None)
    member.refresh_from_db()
    give_birthday(member=member, month=3, day=20, now=set_at)
    assert night(BIRTHDAY) == (gifts, 0)
    # Not a month later either: only next year.
    assert night(date(2025, 3, 27)) == (0, 0)
    time_machine.move_to(local(2026, 3, 20, 1), tick=False)
    assert night(date(2026, 3, 20)) == (1, 0)


def test_a_corrected_birthday_brings_no_second_gift(child: Member, time_machine: Any) -> None:
    perk()
    assert night(BIRTHDAY) == (1, 0)
    correct_birthday(
        member=child,
        operator=OperatorFactory.create(),
        reason="Typed wrong at the till",
        month=6,
        day=1,
        now=local(2025, 3, 21, 12),
    )
    time_machine.move_to(local(2025, 6, 1, 1), tick=False)
    assert night(date(2025, 6, 1)) == (0, 0)


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_only_active_members_are_given(child: Member, status: str) -> None:
    perk()
    Member.objects.update(status=status)
    assert night(BIRTHDAY) == (0, 0)


def test_the_tier_that_held_when_the_perk_opened_decides(child: Member) -> None:
    gold = gold_tier()
    perk(lowest_tier(), span="month")
    perk(gold, points=500, span="month")
    TierOverride.objects.create(
        member=child,
        tier=gold,
        kind="operator",
        starts_at=local(2025, 3, 5),
        ends_at=local(2025, 12, 1),
        reason="r",
        key="k",
    )
    assert night(BIRTHDAY) == (1, 0)
    assert PointsAccount.objects.get().balance == 200


def test_a_perk_of_another_tier_is_not_given(child: Member) -> None:
    perk(gold_tier())
    assert night(BIRTHDAY) == (0, 0)


@pytest.mark.parametrize("terms", [{"is_active": False}, {"starts_on": date(2025, 3, 21)}])
def test_a_perk_that_is_not_given_now_is_not_given(child: Member, terms: dict[str, Any]) -> None:
    perk(**terms)
    assert night(BIRTHDAY) == (0, 0)


def test_a_new_perk_is_not_for_birthdays_before_it(child: Member) -> None:
    perk(starts_on=date(2025, 3, 21))
    assert night(date(2025, 3, 21)) == (0, 0)


# --- What ---------------------------------------------------------------------------------------


def test_gives_a_coupon_with_its_terms(child: Member) -> None:
    perk(kind="coupon", template=offer(stock=1))
    assert night(BIRTHDAY) == (1, 0)
    coupon = Coupon.objects.get()
    assert (coupon.member, BirthdayGrant.objects.get().coupon) == (child, coupon)


def test_what_is_out_of_stock_is_tried_again(child: Member) -> None:
    template = offer(stock=0)
    perk(kind="coupon", template=template)
    perk()
    assert night(BIRTHDAY) == (1, 1)
    template.stock = 1
    template.save(update_fields=["stock"])
    assert night(date(2025, 3, 21)) == (1, 0)
    assert broken() == {}


def test_lifts_the_tier_for_the_month(time_machine: Any) -> None:
    plain_programme()
    child = born(3, 20)
    lowest = Tier.objects.get(rank=0)
    perk(lowest, kind="tier", lift_steps=1, span="month")
    time_machine.move_to(local(2025, 3, 1, 1), tick=False)
    assert night(date(2025, 3, 1)) == (1, 0)
    tiers = list(Tier.objects.by_rank())
    held = [
        effective_at(child, at, tiers)
        for at in (local(2025, 3, 1, 2), local(2025, 3, 31, 23, 59), local(2025, 4, 1))
    ]
    assert held == [tiers[1], tiers[1], None]
    assert TierOverride.objects.get().kind == "birthday"


def test_multiplies_what_purchases_of_the_day_earn(time_machine: Any) -> None:
    plain_programme()
    child = born(3, 20)
    perk(Tier.objects.get(rank=0), kind="multiplier", factor=Decimal(2), name_en="Double day")
    night(BIRTHDAY)
    time_machine.move_to(local(2025, 3, 21, 12), tick=False)
    entries = [purchase(child, at) for at in (local(2025, 3, 20, 23, 59), local(2025, 3, 21))]
    assert [entry.points for entry in entries if entry] == [200, 100]
    assert entries[0] is not None
    assert entries[0].breakdown["multipliers"] == [
        {
            "boost": MemberMultiplier.objects.get().pk,
            "name_en": "Double day",
            "name_zh": "生日积分",
            "factor": "2.00",
            "gives": "100",
        }
    ]
    assert broken() == {}


def test_a_day_that_is_over_is_made_up_for_today(time_machine: Any) -> None:
    plain_programme()
    child = born(3, 20)
    perk(Tier.objects.get(rank=0), kind="multiplier", factor=Decimal(3))
    time_machine.move_to(local(2025, 3, 23, 1), tick=False)
    night(BIRTHDAY)
    found = MemberMultiplier.objects.get(member=child)
    assert (found.starts_at, found.ends_at) == (local(2025, 3, 23, 1), local(2025, 3, 24))
    grant = BirthdayGrant.objects.get()
    assert (grant.starts_on, grant.ends_on) == (date(2025, 3, 23), date(2025, 3, 23))


@pytest.mark.parametrize(
    ("language", "on", "title", "body"),
    [
        ("en", 20, "Happy birthday!", "“Birthday points”: 200 points are yours."),
        ("zh-hans", 20, "生日快乐！", "“生日积分”：200 积分已到账。"),
        ("en", 17, "Your birthday is coming", "“Birthday points”: 200 points are yours."),
        ("en", 22, "Happy birthday, a little late", "“Birthday points”: 200 points are yours."),
    ],
)
def test_greets_in_the_members_language(
    child: Member, time_machine: Any, language: str, on: int, title: str, body: str
) -> None:
    perk(days_ahead=3)
    time_machine.move_to(local(2025, 3, on, 1), tick=False)
    night(date(2025, 3, on))
    with override(language):
        text = told(Notice.objects.get(member=child)).text
    assert (text.title, text.body) == (title, body)


# --- The books ----------------------------------------------------------------------------------


def test_the_database_refuses_a_second_gift(child: Member) -> None:
    perk()
    night(BIRTHDAY)
    grant = BirthdayGrant.objects.get()
    grant.pk = None
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        grant.save(force_insert=True)
    assert broken_constraint(refused.value, BirthdayGrant) == "birthdaygrant_once_a_year"


def test_finds_a_second_gift(child: Member) -> None:
    found = perk()
    night(BIRTHDAY)
    grant = BirthdayGrant.objects.get()
    stand_in(BirthdayGrant)
    grant.pk += 1
    grant.save(force_insert=True)
    what = f"gifts of birthday perk {found.pk} in 2025"
    assert broken() == {"I25": [("member", child.pk, what, 1, 2)]}


def test_finds_a_gift_that_went_to_somebody_else(child: Member) -> None:
    perk()
    night(BIRTHDAY)
    grant, other = BirthdayGrant.objects.get(), born(1, 1)
    overwrite(grant, member=other)
    row = ("birthday grant", grant.pk, "member of its points", other.pk, child.pk)
    assert broken() == {"I25": [row]}


def test_reads_as_much_for_ten_as_for_one(
    child: Member, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    """Who is due is found set by set; only giving goes member by member."""
    perk(gold_tier())
    with django_assert_max_num_queries(12) as one:
        grant_birthday_perks(BIRTHDAY, *EVERYONE)
    for _number in range(9):
        born(3, 20)
    with django_assert_num_queries(len(one.captured_queries)):
        grant_birthday_perks(BIRTHDAY, *EVERYONE)
