"""The points history: every line, and why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from benefits.templatetags.portal import day
from common import clock
from loyalty.history import Show, history_page
from loyalty.models import PointsEntry, PointType
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import member_with_login
from tests.loyalty.payments import buy_with, take

from .conftest import buy

QUERIES = 9
QUERIES_OF_STORIES = 12


def test_sends_a_stranger_to_sign_in(client: Client, programme: None) -> None:
    response = client.get("/points/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/points/")


def test_answers_why_for_points_that_paid(signed_in: Client, member: Member) -> None:
    """What they paid for, and the share of them that a refund gave back."""
    now = clock.now()
    earn_points(member=member, points=30_000, key="start", now=now - timedelta(days=20))
    purchase = buy_with(take(member, "250.00", now), now)
    record_refund(
        source="till", external_id="RF-1", purchase=purchase, at=now, amount=Decimal("62.50")
    )
    page = signed_in.get("/points/").content.decode()
    for text in (
        "They paid CN¥125.00 of a purchase of CN¥250.00: 100 points for every 1.00.",
        "12,500 points had paid for part of the purchase. CN¥62.50 of CN¥125.00 has been refunded",
        "Given back now",
        "+6,250",
    ):
        assert text in page


def test_says_so_where_there_is_nothing(signed_in: Client) -> None:
    assert "No points yet" in signed_in.get("/points/").content.decode()


def test_answers_why_for_a_purchase(signed_in: Client, member: Member) -> None:
    buy(member, "139.12", days_ago=30, number="JA-1")
    page = signed_in.get("/points/").content.decode()
    last_day = PointsEntry.objects.of_type("base").get().lot.last_valid_day()
    for text in (
        "JA-1",
        "CN¥139.12",
        "1 point for every CN¥1.00",
        "version 1 of the rule",
        "Together, rounded down",
        "+139",
        day(last_day),
    ):
        assert text in page


def test_answers_why_for_a_refund(signed_in: Client, member: Member) -> None:
    purchase = buy(member, "300.00", days_ago=30, number="JA-1")
    redeem_points(member=member, points=250, key="r")
    record_refund(
        source="till",
        external_id="RF-9",
        purchase=purchase,  # type: ignore[arg-type]
        at=clock.now(),
        amount=Decimal(100),
    )
    page = signed_in.get("/points/").content.decode()
    assert "The purchase of CN¥300.00 had earned 300 points. CN¥100.00 of it has been given" in page
    assert "\u2212100" in page
    assert "Already spent, to make up later" in page


def test_tells_what_went_to_debt(signed_in: Client, member: Member) -> None:
    purchase = buy(member, "50.00", days_ago=30, number="1")
    redeem_points(member=member, points=50, key="r")
    record_refund(
        source="till",
        external_id="R1",
        purchase=purchase,  # type: ignore[arg-type]
        at=clock.now(),
        amount=Decimal(50),
    )
    buy(member, "80.00", days_ago=0, number="2")
    assert "Settled what was still to make up" in signed_in.get("/points/").content.decode()


def test_tells_which_points_were_spent(signed_in: Client, member: Member) -> None:
    earned = earn_points(member=member, points=90, key="e", now=clock.now() - timedelta(days=30))
    redeem_points(member=member, points=40, key="r", reason="Canvas bag")
    page = signed_in.get("/points/").content.decode()
    last_day = earned.lot.last_valid_day()
    assert "Which points these were" in page
    assert f"Valid through {day(last_day)}" in page
    assert "Canvas bag" in page


def test_tells_what_expires_by_month(signed_in: Client, member: Member) -> None:
    PointType.objects.update(expiry="@12-31")
    buy(member, "139.12", days_ago=30, number="1")
    PointType.objects.update(expiry="never")
    buy(member, "60.00", days_ago=29, number="2")
    page = signed_in.get("/points/").content.decode()
    begins = page.index("Expiring by month")
    section = page[begins : page.index("</dl>", begins)]
    year = (clock.today() - timedelta(days=30)).year
    assert f"December {year}" in section
    assert section.index("139") < section.index("Never expire") < section.index("60")
    growth = signed_in.get("/points/?kind=growth").content.decode()
    assert 'class="months"' not in growth


def test_has_no_months_where_nothing_is_open(signed_in: Client, member: Member) -> None:
    buy(member, "50.00", days_ago=30, number="1")
    redeem_points(member=member, points=50, key="r")
    assert 'class="months"' not in signed_in.get("/points/").content.decode()


def test_gives_twenty_lines_a_page(signed_in: Client, member: Member) -> None:
    for number in range(25):
        earn_points(member=member, points=1, key=str(number))
    assert signed_in.get("/points/").content.decode().count('<summary class="entry"') == 20
    second = signed_in.get("/points/?page=2").content.decode()
    assert second.count('<summary class="entry"') == 5
    assert "21–25 of 25" in second


def test_gives_htmx_only_the_lines_and_no_month_twice(signed_in: Client, member: Member) -> None:
    for number in range(25):
        earn_points(member=member, points=1, key=str(number))
    more = signed_in.get("/points/?page=2", headers={"HX-Request": "true"}).content.decode()
    assert more.count('<summary class="entry"') == 5
    assert "<html" not in more
    assert 'class="month"' not in more


def test_shows_the_other_kinds(signed_in: Client, member: Member) -> None:
    buy(member, "139.12", days_ago=30, number="JA-1")
    page = signed_in.get("/points/?kind=growth").content.decode()
    assert page.count('<summary class="entry"') == 1
    chips = [line for line in page.splitlines() if 'class="chip"' in line]
    assert [
        line.partition('href="')[2].partition('"')[0] for line in chips if "current" in line
    ] == [
        "?kind=growth&amp;show=",
        "?kind=growth&amp;show=",
    ]


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("", ["clawback", "restore", "adjust", "redeem", "earn", "earn", "earn"]),
        ("earned", ["earn", "earn", "earn"]),
        ("used", ["restore", "redeem"]),
        ("expired", []),
        ("corrected", ["clawback", "adjust"]),
    ],
)
def test_leaves_lines_of_one_sort(storied: Member, show: str, kinds: list[str]) -> None:
    lines = history_page(storied, "base", None, show=Show(show)).lines
    recent = [line.entry.kind for line in lines if line.entry.purchase_id or show != "earned"]
    assert sorted(recent) == sorted(kinds + (["earn"] if show in ("", "earned") else []))


def test_says_so_where_a_filter_leaves_nothing(signed_in: Client, member: Member) -> None:
    buy(member, "139.12", days_ago=30, number="JA-1")
    page = signed_in.get("/points/?show=expired").content.decode()
    assert "Nothing of this sort" in page
    assert signed_in.get("/points/?show=nonsense").status_code == 404


def test_gives_htmx_the_history_under_another_filter(signed_in: Client, storied: Member) -> None:
    headers = {"HX-Request": "true", "HX-Target": "history"}
    part = signed_in.get("/points/?show=used", headers=headers).content.decode()
    assert part.count('<summary class="entry"') == 2
    assert part.count('id="history"') == 1
    assert "<html" not in part
    whole = signed_in.get(
        "/points/?show=used", headers={**headers, "HX-History-Restore-Request": "true"}
    )
    assert "<html" in whole.content.decode()


def test_keeps_the_filter_on_older_pages(signed_in: Client, member: Member) -> None:
    for number in range(25):
        earn_points(member=member, points=1, key=str(number))
    page = signed_in.get("/points/?show=earned").content.decode()
    assert "?kind=base&amp;show=earned&amp;page=2" in page


def test_does_not_know_a_kind_that_is_not_held(signed_in: Client) -> None:
    assert signed_in.get("/points/?kind=honour").status_code == 404


def test_shows_nothing_of_another_member(signed_in: Client) -> None:
    buy(member_with_login(), "77.00", days_ago=3, number="THEIRS")
    assert "THEIRS" not in signed_in.get("/points/").content.decode()


def test_needs_as_many_queries_for_ten_entries_as_for_one(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    buy(member, "5.00", days_ago=30, number="0")
    with django_assert_num_queries(QUERIES):
        signed_in.get("/points/")
    for number in range(1, 10):
        buy(member, "5.00", days_ago=30 - number, number=str(number))
    with django_assert_num_queries(QUERIES):
        signed_in.get("/points/")


def test_needs_as_many_queries_for_many_stories_as_for_one(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell_a_story(member, 0)
    with django_assert_num_queries(QUERIES_OF_STORIES):
        signed_in.get("/points/")
    for number in range(1, 4):
        tell_a_story(member, number)
    with django_assert_num_queries(QUERIES_OF_STORIES):
        signed_in.get("/points/")


def tell_a_story(member: Member, number: int) -> None:
    """A purchase, points spent, given back and taken back: four lines."""
    purchase = buy(member, "30.00", days_ago=30, number=f"P{number}")
    redemption = redeem_points(member=member, points=10, key=f"r{number}")
    restore_points(redemption=redemption, key=f"b{number}")
    record_refund(
        source="till",
        external_id=f"R{number}",
        purchase=purchase,  # type: ignore[arg-type]
        at=clock.now(),
        amount=Decimal(10),
    )
