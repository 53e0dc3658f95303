"""The tier page: the ladder, the member's place, where it leads, and how it came about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from benefits.templatetags.portal import day
from common import clock
from loyalty import tier_words
from loyalty.models import Ladder, PointsMoney, Standing, Tier, TierBenefit, TierChange
from loyalty.services.overrides import grant_override
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import member_with_login

from .conftest import buy

QUERIES = 14


def page_of(client: Client, query: str = "") -> str:
    response = client.get(f"/tier/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_sends_a_stranger_to_sign_in(client: Client, programme: None) -> None:
    response = client.get("/tier/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/tier/")


def test_says_so_where_there_is_no_ladder(signed_in: Client) -> None:
    Tier.objects.all().delete()
    assert "There are no tiers yet" in page_of(signed_in)


def test_welcomes_a_member_without_a_standing(signed_in: Client) -> None:
    page = page_of(signed_in)
    for text in ("On the way to Silver", "CN¥1,000.00 to go", "no end", "sets your tier"):
        assert text in page
    assert "To stay" not in page


def test_shows_every_rung_and_where_the_member_stands(signed_in: Client, member: Member) -> None:
    buy(member, "1200.00", days_ago=3, number="1")
    page = page_of(signed_in)
    assert page.count('<li class="rung ') == 3
    assert page.count("You are here") == 1
    assert '<li class="rung tier-silver is-here">' in page
    assert "spend CN¥5,000.00 and 8,000 growth points" in page


def test_tells_what_is_missing_to_stay_and_that_it_is_enough(
    signed_in: Client, member: Member
) -> None:
    Tier.objects.filter(code="silver").update(retention_spend=Decimal(800))
    buy(member, "1200.00", days_ago=3, number="1")
    page = page_of(signed_in)
    last_day = Standing.objects.get(member=member).valid_through()
    assert day(last_day) in page
    assert "To stay: spend CN¥800.00" in page
    assert "To stay Silver" in page


def test_warns_of_the_way_down(signed_in: Client, member: Member) -> None:
    Ladder.objects.update_or_create(pk=1, defaults={"grace_days": 10, "validity": "12M"})
    buy(member, "1200.00", days_ago=330, number="1")
    standing = Standing.objects.get(member=member)
    assert standing.valid_until is not None
    down_on = clock.business_date(standing.valid_until) + timedelta(days=10)
    assert f"you will be Member from {day(down_on)} on" in page_of(signed_in)


def test_tells_what_each_tier_is_worth_and_brings(signed_in: Client) -> None:
    gold = Tier.objects.get(code="gold")
    Tier.objects.filter(pk=gold.pk).update(
        multiplier=Decimal("1.5"), discount_rate=Decimal("0.95"), points_per_money=80
    )
    PointsMoney.objects.create(points_per_money=100)
    TierBenefit.objects.create(tier=Tier.objects.get(rank=0), kind="other", name_en="Parcels free")
    off = TierBenefit.objects.create(tier=Tier.objects.get(rank=1), kind="other", name_en="A mug")
    gold.switched_off.add(off)
    page = page_of(signed_in)
    for text in ("1.5 times the points", "5% off", "80 points pay CN¥1.00"):
        assert page.count(text) == 1
    assert (page.count("Parcels free"), page.count("A mug")) == (3, 1)
    assert page.count("100 points pay CN¥1.00") == 2


def test_says_nothing_of_points_as_money_where_they_pay_for_nothing(signed_in: Client) -> None:
    PointsMoney.objects.create(is_offered=False)
    assert "points pay" not in page_of(signed_in)


def test_tells_of_an_override_and_the_earned_tier(signed_in: Client, member: Member) -> None:
    buy(member, "1200.00", days_ago=3, number="1")
    override = grant_override(
        member=member,
        kind="birthday",
        steps=1,
        ends_at=clock.now() + timedelta(days=9),
        reason="Inner words of an operator",
        key="b",
    )
    page = page_of(signed_in)
    assert f"Birthday, through {day(override.last_day())}" in page
    assert '<li class="rung tier-gold is-here">' in page
    assert "Silver valid through" in page
    assert "Inner words" not in page


def test_tells_what_has_happened_and_why(signed_in: Client, member: Member) -> None:
    Ladder.objects.create(refunds="reevaluate")
    sold = buy(member, "1200.00", days_ago=30, number="1")
    page = page_of(signed_in)
    assert "Silver: your first tier" in page
    assert "spend CN¥1,200.00, 1,200 growth points" in page
    buy(member, "7000.00", days_ago=2, number="2")
    assert "Up from Silver to Gold" in page_of(signed_in)
    record_refund(
        source="till",
        external_id="R",
        purchase=sold,  # type: ignore[arg-type]
        at=clock.now(),
        amount=Decimal(1),
    )


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("retained", "Silver kept"),
        ("downgrade", "Down from Gold to Silver"),
        ("refunded", "Down from Gold to Silver after a refund"),
        ("programme_changed", "Silver: the tiers of the programme changed"),
    ],
)
def test_names_every_cause(signed_in: Client, member: Member, cause: str, words: str) -> None:
    changed(member, cause)
    assert words in page_of(signed_in)


def changed(member: Member, cause: str) -> TierChange:
    at = clock.now()
    silver, gold = Tier.objects.get(code="silver"), Tier.objects.get(code="gold")
    return TierChange.objects.create(
        member=member,
        from_tier=silver if cause == "retained" else gold,
        to_tier=silver,
        cause=cause,
        at=at,
        business_date=clock.business_date(at),
        spend=Decimal(0),
        orders=0,
        growth=0,
    )


def test_shows_nothing_of_another_member(signed_in: Client) -> None:
    buy(member_with_login(), "1234.56", days_ago=3, number="THEIRS")
    page = page_of(signed_in)
    assert "1,234.56" not in page
    assert "your first tier" not in page


def test_gives_twenty_changes_a_page(signed_in: Client, member: Member) -> None:
    for _ in range(21):
        changed(member, "retained")
    assert page_of(signed_in).count("Silver kept") == 20
    assert page_of(signed_in, "?page=2").count("Silver kept") == 1


def test_needs_as_many_queries_for_any_ladder_and_history(
    signed_in: Client, member: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    buy(member, "1200.00", days_ago=3, number="1")
    with django_assert_num_queries(QUERIES):
        page_of(signed_in)
    for _ in range(9):
        changed(member, "retained")
    for rank in range(3, 10):
        tier = Tier.objects.create(
            code=f"t{rank}", name_en="T", rank=rank, entry_spend=10000 + rank
        )
        TierBenefit.objects.create(tier=tier, kind="other", name_en="More")
    with django_assert_num_queries(QUERIES):
        page_of(signed_in)


@pytest.mark.parametrize(
    ("rate", "english", "chinese"),
    [
        ("1", None, None),
        ("0.999", "0.1% off", "99.9折"),
        ("0.95", "5% off", "95折"),
        ("0.900", "10% off", "9折"),
        ("0.5", "50% off", "5折"),
        ("0.05", "95% off", "0.5折"),
    ],
)
def test_writes_a_discount_as_each_language_does(
    rate: str, english: str | None, chinese: str | None
) -> None:
    assert tier_words.discount_text(Decimal(rate)) == english
    with translation.override("zh-hans"):
        assert tier_words.discount_text(Decimal(rate)) == chinese
