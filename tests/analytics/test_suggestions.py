"""What is suggested to a member, the best first, and why."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.jobs import recommend_articles
from analytics.suggestions import suggestions_for, usual_basket
from loyalty.models import ProductCategory, Purchase, Standing, Tier
from loyalty.services.points import earn_points
from loyalty.services.purchases import Line, record_purchase
from members.models import Member, User
from tests.benefits.offers import coupon_for, offer, percent_offer, window
from tests.benefits.rewards import redeemed, reward
from tests.factories import OperatorFactory, member_with_login

from .shopping import noon, programme, shopper

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 15)
MAY = date(2025, 5, 1)
NOW = noon(NIGHT)


@pytest.fixture
def tea(db: None) -> ProductCategory:
    programme()
    return ProductCategory.objects.create(code="tea", name_en="Tea")


def buy(member: Member, amounts: dict[str, str], tea: ProductCategory | None = None) -> None:
    lines = [
        Line(
            sku=sku,
            quantity=Decimal(1),
            unit_price=Decimal(amount),
            amount=Decimal(amount),
            description=sku.title(),
            category=tea if sku == "TEA" else None,
        )
        for sku, amount in amounts.items()
    ]
    record_purchase(
        source="till",
        external_id=f"U{Purchase.objects.count()}",
        at=noon(MAY),
        amount=sum((line.amount for line in lines), Decimal(0)),
        member=member,
        lines=lines,
        now=noon(MAY),
    )


def test_the_usual_purchase_is_a_years_by_category(tea: ProductCategory) -> None:
    member = shopper("1")
    buy(member, {"TEA": "30.00", "CUP": "10.00"}, tea)
    buy(member, {"TEA": "10.00"}, tea)
    lines = {line.category: line.amount for line in usual_basket(member, NIGHT).lines}
    assert lines == {tea.pk: 20, None: 5}
    assert usual_basket(member, date(2026, 5, 2)).lines == ()


def test_coupons_come_by_what_they_save_on_it(tea: ProductCategory) -> None:
    member = shopper("1")
    buy(member, {"TEA": "40.00", "CUP": "60.00"}, tea)
    five = coupon_for(member, offer("five", amount=Decimal("5.00")), now=NOW)
    half = percent_offer("50", code="half")
    half.categories.add(tea)
    tea_half = coupon_for(member, half, now=NOW)
    coupon_for(member, offer("dear", minimum_spend=Decimal("100.01")), now=NOW)
    open_to_all = offer("ten")
    window(open_to_all, Tier.objects.get(rank=0), NOW)
    found = suggestions_for(member, NOW).coupons
    told = [(one.saves, one.held.coupon.pk if one.held else None) for one in found]
    assert told == [(20, tea_half.pk), (10, None), (5, five.pk)]
    assert found[1].offer is not None
    assert found[1].offer.template == open_to_all


def test_coupons_are_not_suggested_to_who_never_bought(tea: ProductCategory) -> None:
    member = shopper("1")
    coupon_for(member, now=NOW)
    assert suggestions_for(member, NOW).is_empty


def test_rewards_come_by_what_the_tier_chose(tea: ProductCategory) -> None:
    member, other, stranger = (shopper(str(number)) for number in range(3))
    silver, gold = Tier.objects.get(code="silver"), Tier.objects.get(code="gold")
    mug, pot, tin = (
        reward(code, points=points) for code, points in (("mug", 100), ("pot", 900), ("tin", 400))
    )
    for person in (member, other, stranger):
        earn_points(member=person, points=1_000, key="e", now=noon(MAY))
        tier = gold if person == stranger else silver
        Standing.objects.filter(member=person).delete()
        Standing.objects.create(member=person, tier=tier, since=NOW, reviewed_at=NOW)
    redeemed(other, mug, key="a", now=NOW)
    redeemed(stranger, tin, key="b", now=NOW)
    found = suggestions_for(member, NOW)
    assert found.tier == silver
    told = [(one.shown.reward.pk, one.chosen) for one in found.rewards]
    assert told == [(mug.pk, 1), (pot.pk, 0), (tin.pk, 0)]


@pytest.fixture
def portal(tea: ProductCategory, settings: Any) -> tuple[Member, Client]:
    """Somebody who bought POT, as five others did who bought CUP too."""
    settings.RECOMMENDATION_FEWEST = 2
    for number in range(5):
        buy(shopper(f"2{number}"), {"POT": "5.00", "CUP": "5.00"})
    for number in range(5):
        buy(shopper(f"3{number}"), {"OIL": "5.00"})
    member = member_with_login(joined_at=noon(MAY))
    buy(member, {"POT": "50.00"})
    recommend_articles(NIGHT, 0, 0)
    client = Client()
    assert isinstance(member.user, User)
    client.force_login(member.user)
    return member, client


@pytest.fixture
def _in_june(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.usefixtures("_in_june")
def test_the_portal_says_why(portal: tuple[Member, Client]) -> None:
    member, client = portal
    coupon_for(member, offer("five", amount=Decimal("5.00")), now=NOW)
    reward("mug", points=20)
    shown = page(client, reverse("for_you"))
    for text in ("Cup", "Members who bought Pot bought it too", "Saves about", "Mug"):
        assert text in shown, text


@pytest.mark.usefixtures("_in_june")
def test_the_portal_has_a_kind_word_for_who_has_nothing(tea: ProductCategory) -> None:
    member, client = member_with_login(), Client()
    assert isinstance(member.user, User)
    client.force_login(member.user)
    assert "Nothing for you yet" in page(client, reverse("for_you"))


@pytest.mark.usefixtures("_in_june")
def test_costs_the_same_for_one_and_for_many(portal: tuple[Member, Client]) -> None:
    member, _client = portal

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            suggestions_for(member, NOW)
        return len(captured)

    coupon_for(member, offer("c0"), now=NOW)
    reward("r0", points=20)
    window(offer("o0"), Tier.objects.get(rank=0), NOW)
    one = cost()
    for number in range(1, 10):
        coupon_for(member, offer(f"c{number}"), now=NOW)
        reward(f"r{number}", points=20)
        window(offer(f"o{number}"), Tier.objects.get(rank=0), NOW)
    assert cost() == one


@pytest.mark.usefixtures("_in_june")
def test_a_service_agent_sees_the_same_with_its_numbers(portal: tuple[Member, Client]) -> None:
    member, _client = portal
    desk = Client()
    desk.force_login(OperatorFactory())
    address = reverse("admin:analytics_membermetrics_suggestions", args=[member.pk])
    shown = page(desk, address)
    for text in ("Cup", "CUP", "Pot", "POT", ">5<"):
        assert text in shown, text
    assert address in page(desk, reverse("admin:members_member_change", args=[member.pk]))
    stranger = Client()
    stranger.force_login(OperatorFactory(is_superuser=False))
    assert stranger.get(address).status_code == 403
