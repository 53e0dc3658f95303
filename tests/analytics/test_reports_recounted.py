"""Reports against a recount in plain Python, over shops that nobody has looked at before.

Ties everywhere, shop's numbers of every sort, gifts, refunds of all kinds, guests, days to come,
and a programme in another zone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from analytics import reports
from analytics.jobs import measure_members, record_figures, score_members
from analytics.models import MemberMetrics
from analytics.reports.daily import sums_of
from analytics.reports.lifecycle import lifecycle
from analytics.reports.sales import sales_by_hour
from analytics.rules.periods import Period
from analytics.spans import LAST_ID
from common import clock
from loyalty.models import Purchase
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import MemberFactory

from .shopping import buy, free_line, give_back, noon, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
NUMBERS = (
    "10",
    "9",
    "009",
    "9" * 19,
    "1" + "0" * 19,
    "A7",
    "a7",
    "B1",
    "Ä",
    "",
    None,
    "7-1",
    "０7",
)


@dataclass(frozen=True)
class Facts:
    """What was recorded, as plain rows."""

    members: list[Member]
    bought: list[tuple[Purchase, bool]]
    returned: list[tuple[int, date, Decimal, int | None]]


def shop(seed: int) -> Facts:
    chance = Random(seed)
    members = [shopper(number or None) for number in NUMBERS]
    bought, returned = [], []
    for _ in range(90):
        member = chance.choice([*members[:-1], None])
        # Days of two weeks, and some that are not over: ties by the dozen.
        day = DAY + timedelta(days=chance.choice((-400, -95, -31, -30, -3, -2, -1, 0, 4)))
        amount = chance.choice(("0.00", "5.00", "5.00", "20.00"))
        is_gift = amount == "0.00" and chance.random() < 0.5
        lines = (free_line("0.00" if is_gift else "3.00"),) if amount == "0.00" else ()
        purchase = buy(member, day, amount, lines=lines)
        bought.append((purchase, amount != "0.00" or not is_gift))
        if member and chance.random() < 0.3:
            back = day + timedelta(days=chance.choice((0, 1, 6)))
            part = chance.choice((Decimal(amount), Decimal(2)))
            if 0 < part <= Decimal(amount):
                give_back(purchase, back, str(part))
                returned.append((member.pk, back, part, purchase.pk))
    lonely = members[-1]
    give_back(None, DAY - timedelta(days=1), "7.00", member=lonely)
    returned.append((lonely.pk, DAY - timedelta(days=1), Decimal(7), None))
    return Facts(members, bought, returned)


def orders_of(facts: Facts, member: Member) -> list[date]:
    """The days of the member's purchases that count, in order."""
    days = []
    for purchase, is_priced in facts.bought:
        back = [part for _m, on, part, pk in facts.returned if pk == purchase.pk and on < DAY]
        is_whole = bool(back) and sum(back) >= purchase.amount
        if purchase.member_id == member.pk and purchase.business_date < DAY:
            days += [purchase.business_date] if is_priced and not is_whole else []
    return sorted(days)


def net_of(facts: Facts, member: Member) -> Decimal:
    paid = sum(
        purchase.amount
        for purchase, _priced in facts.bought
        if purchase.member_id == member.pk and purchase.business_date < DAY
    )
    back = sum(part for pk, on, part, _of in facts.returned if pk == member.pk and on < DAY)
    return Decimal(paid) - Decimal(back)


def place_of(member: Member) -> tuple[Any, ...]:
    """Numbers by their value, then other words, then none; then who joined first."""
    number = member.external_number
    if number is None:
        return (3, 0, "", member.pk)
    plain = number.lstrip("0")
    if number.isascii() and number.isdigit():
        return (0, int(number), "", member.pk)
    return (2, 0, plain, member.pk)


def fifths(ranked: list[Member]) -> dict[int, int]:
    """NTILE(5): the first fifths are the larger ones."""
    size, more = divmod(len(ranked), 5)
    sizes = [size + (place < more) for place in range(5)]
    scores = [score for score, many in enumerate(sizes, start=1) for _ in range(many)]
    return {member.pk: score for member, score in zip(ranked, scores, strict=True)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agree_with_a_recount(seed: int) -> None:
    programme()
    facts = shop(seed)
    orders = {member: orders_of(facts, member) for member in facts.members}
    buyers = [member for member in facts.members if orders[member]]
    found = reports.repurchase(DAY)
    assert (found.buyers, found.repeated_by_orders, found.repeated_by_days) == (
        len(buyers),
        sum(len(orders[member]) > 1 for member in buyers),
        sum(len(set(orders[member])) > 1 for member in buyers),
    )
    for band in reports.frequency_bands(DAY):
        highest = band.highest or 10**6
        counted = sum(band.lowest <= len(orders[member]) <= highest for member in buyers)
        assert band.members == counted
    for band in reports.recency_bands(DAY):
        highest = band.highest or 10**6
        gone = [(DAY - orders[member][-1]).days for member in buyers]
        assert band.members == sum(band.lowest <= days <= highest for days in gone)
    _check_scores(facts, buyers, orders)
    _check_cohorts(buyers, orders)
    stages = lifecycle(DAY)
    assert (stages.joined, stages.first) == (len(facts.members), len(buyers))
    assert stages.second == found.repeated_by_orders


def _check_scores(facts: Facts, buyers: list[Member], orders: dict[Member, list[date]]) -> None:
    money = {member: net_of(facts, member) for member in buyers}
    figures = (
        lambda member: orders[member][-1],
        lambda member: len(orders[member]),
        lambda member: money[member],
    )
    scores = [
        fifths(sorted(buyers, key=lambda one: (figure(one), place_of(one)))) for figure in figures
    ]
    expected: dict[str, int] = {}
    codes = {}
    for member in buyers:
        code = "".join(str(score[member.pk]) for score in scores)
        codes[member.pk] = code
        expected[code] = expected.get(code, 0) + 1
    assert {cell.code: cell.members for cell in reports.rfm_grid(DAY)} == expected
    measure_members(DAY, 0, LAST_ID)
    score_members(DAY, 0, 0)
    kept = {row.member_id: row.rfm for row in MemberMetrics.objects.all() if row.rfm}
    assert kept == codes
    top = [(row.member_id, row.amount) for row in reports.top_members(DAY, count=3)]
    best = sorted(facts.members, key=lambda one: (-net_of(facts, one), one.pk))[:3]
    assert top == [(member.pk, net_of(facts, member)) for member in best]


def _check_cohorts(buyers: list[Member], orders: dict[Member, list[date]]) -> None:
    months = {member: {f"{day:%Y-%m}" for day in orders[member]} for member in buyers}
    for cohort in reports.first_purchase_cohorts(DAY):
        own = [member for member in buyers if min(months[member]) == f"{cohort.month:%Y-%m}"]
        assert cohort.active[0] == len(own)
        for age, active in enumerate(cohort.active):
            years, month = divmod(cohort.month.month - 1 + age, 12)
            name = f"{cohort.month.year + years}-{month + 1:02}"
            assert active == sum(name in months[member] for member in own)
    assert sum(cohort.active[0] for cohort in reports.first_purchase_cohorts(DAY)) == len(buyers)


def test_one_member_with_one_purchase_is_every_figure(db: None) -> None:
    programme()
    buy(shopper("1"), DAY - timedelta(days=1))
    assert [(cell.code, cell.members) for cell in reports.rfm_grid(DAY)] == [("111", 1)]
    assert [cohort.active for cohort in reports.first_purchase_cohorts(DAY)] == [(1,)]
    assert reports.repurchase(DAY).rate_by_orders == 0


def test_refunds_alone_make_no_buyer(db: None) -> None:
    programme()
    member = shopper("1")
    give_back(None, DAY - timedelta(days=1), "7.00", member=member)
    assert reports.repurchase(DAY).buyers == 0
    assert reports.rfm_grid(DAY) == []
    assert reports.first_purchase_cohorts(DAY) == []
    record_figures(DAY, 0, 0)
    sums = sums_of(Period(DAY - timedelta(days=1), DAY - timedelta(days=1)))
    assert (sums.orders, sums.net_revenue, sums.order_value) == (0, -7, None)
    assert (sums.member_share, sums.redemption) == (None, None)


def test_what_is_still_to_come_is_in_no_report(db: None) -> None:
    programme()
    buy(shopper("1"), DAY + timedelta(days=40))
    assert reports.repurchase(DAY).buyers == 0
    assert reports.first_purchase_cohorts(DAY) == []
    stages = lifecycle(DAY)
    assert (stages.joined, stages.first) == (1, 0)


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Asia/Shanghai", date(2025, 3, 10), 1),
        ("America/Los_Angeles", date(2025, 3, 9), 10),
        ("Pacific/Kiritimati", date(2025, 3, 10), 7),
        # The clocks were put forward that night.
        ("America/St_Johns", date(2025, 3, 9), 14),
    ],
)
def test_days_and_hours_are_of_the_programme_s_zone(
    zone: str, day: date, hour: int, settings: Any
) -> None:
    settings.PROGRAMME_TIMEZONE = zone
    programme()
    at = datetime(2025, 3, 9, 17, 20, tzinfo=UTC)
    member = MemberFactory.create(joined_at=at)
    record_purchase(
        source="till", external_id="Z", at=at, amount=Decimal(10), member=member, now=at
    )
    night = day + timedelta(days=1)
    assert clock.business_date(at) == day
    assert (reports.repurchase(day).buyers, reports.repurchase(night).buyers) == (0, 1)
    record_figures(night, 0, 0)
    assert sales_by_hour(Period(day, day)) == {(day.weekday(), hour): 1}
    measure_members(night, 0, LAST_ID)
    told = MemberMetrics.objects.get()
    assert (told.favourite_hour, told.favourite_weekday) == (hour, day.weekday())
    assert noon(day).astimezone(clock.zone()).hour == 12
