"""What is bought along, counted by members in worlds small enough to count by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analytics.jobs import recommend_articles
from analytics.models import Article, Companion
from analytics.reports.companions import recommended_articles
from loyalty.models import Purchase
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member

from .shopping import noon, programme, shopper

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 15)
MAY = date(2025, 5, 1)


@pytest.fixture(autouse=True)
def _two_are_enough(settings: Any) -> None:
    settings.RECOMMENDATION_FEWEST = 2


def buy(member: Member | None, *skus: str, on: date = MAY) -> Purchase:
    lines = [
        Line(
            sku=sku,
            quantity=Decimal(1),
            unit_price=Decimal("5.00"),
            amount=Decimal("5.00"),
            description=f"{sku.title()} of {on:%B}",
        )
        for sku in skus
    ]
    return record_purchase(
        source="till",
        external_id=f"C{Purchase.objects.count()}",
        at=noon(on),
        amount=Decimal("5.00") * len(skus),
        member=member,
        lines=lines,
        now=noon(on),
    )


def pairs() -> dict[str, list[str]]:
    """The companions of each article, the closest first."""
    found: dict[str, list[str]] = {}
    for row in Companion.objects.order_by("sku", "place"):
        found.setdefault(row.sku, []).append(row.other)
    return found


@pytest.fixture
def world(db: None) -> list[Member]:
    """Ten members: all buy BAG, the first six POT, the first four also CUP, the last two OIL."""
    programme()
    members = [shopper(str(number)) for number in range(1, 11)]
    for number, member in enumerate(members):
        extra = ["POT"] if number < 6 else []
        extra += ["CUP"] if number < 4 else []
        extra += ["OIL"] if number >= 8 else []
        buy(member, "BAG", *extra)
    return members


def test_pairs_are_told_with_their_measures(world: list[Member]) -> None:
    assert recommend_articles(NIGHT, 0, 0) == {"pairs": 2}
    # Everybody buys BAG, so nothing speaks for it; OIL goes with nothing else.
    assert pairs() == {"CUP": ["POT"], "POT": ["CUP"]}
    found = Companion.objects.get(sku="POT")
    assert (found.together, found.support) == (4, pytest.approx(0.4))
    assert found.lift == pytest.approx(4 * 10 / (6 * 4))
    assert found.closeness == pytest.approx(16 / 24)
    bought = dict(Article.objects.values_list("sku", "members"))
    assert bought == {"BAG": 10, "POT": 6, "CUP": 4, "OIL": 2}


def test_a_night_makes_them_anew(world: list[Member]) -> None:
    recommend_articles(NIGHT, 0, 0)
    before = list(Companion.objects.order_by("sku").values_list("sku", "other", "together"))
    recommend_articles(NIGHT, 0, 0)
    after = list(Companion.objects.order_by("sku").values_list("sku", "other", "together"))
    assert before == after
    # A year and a day later none of it counts any more.
    assert recommend_articles(date(2026, 5, 2), 0, 0) == {"pairs": 0}


def test_a_member_counts_once_and_a_guest_never(db: None) -> None:
    programme()
    member = shopper("1")
    for _ in range(3):
        buy(member, "POT", "CUP")
        buy(None, "POT", "CUP")
    recommend_articles(NIGHT, 0, 0)
    assert not Companion.objects.exists()
    assert not Article.objects.exists()


def test_what_was_given_back_whole_was_not_bought(world: list[Member]) -> None:
    purchase = world[0].purchases.get()
    record_refund(
        source="till",
        external_id="R1",
        at=noon(date(2025, 5, 2)),
        amount=Decimal("5.00"),
        purchase=purchase,
        lines=[
            Line(
                sku="CUP",
                quantity=Decimal(1),
                unit_price=Decimal("5.00"),
                amount=Decimal("5.00"),
                of_line=3,
            )
        ],
        now=noon(date(2025, 5, 2)),
    )
    recommend_articles(NIGHT, 0, 0)
    assert Article.objects.get(sku="CUP").members == 3
    assert Companion.objects.get(sku="CUP").together == 3


def test_of_each_member_the_latest_articles_count(
    world: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.services.companions.ARTICLES_A_MEMBER", 1)
    buy(world[0], "OIL", on=date(2025, 6, 1))
    recommend_articles(NIGHT, 0, 0)
    assert not Companion.objects.exists()
    # One's latest is OIL; of the others' one day, the first by its name.
    assert dict(Article.objects.values_list("sku", "members")) == {"BAG": 9}


def test_only_so_many_members_are_looked_at(world: list[Member], settings: Any) -> None:
    settings.RECOMMENDATION_MEMBERS = 5
    recommend_articles(NIGHT, 0, 0)
    assert Article.objects.get(sku="BAG").members == 5


def test_a_member_is_shown_what_others_bought_along(world: list[Member]) -> None:
    recommend_articles(NIGHT, 0, 0)
    (found,) = recommended_articles(world[5], NIGHT)
    assert (found.sku, found.name, found.because_sku) == ("CUP", "Cup of May", "POT")
    assert (found.because, found.together) == ("Pot of May", 4)
    # Who has both is shown neither, and who bought only what stands alone nothing.
    assert recommended_articles(world[0], NIGHT) == []
    assert recommended_articles(world[9], NIGHT) == []
    assert recommended_articles(shopper("99"), NIGHT) == []


def test_what_more_of_ones_articles_speak_for_comes_first(db: None) -> None:
    programme()
    for number in range(4):
        buy(shopper(str(number)), "POT", "CUP", "TIN")
    for number in range(4, 6):
        buy(shopper(str(number)), "POT", "JAR")
    for number in range(6, 12):
        buy(shopper(str(number)), "OIL")
    member = shopper("77")
    buy(member, "POT", "TIN", on=date(2025, 6, 14))
    recommend_articles(NIGHT, 0, 0)
    assert [found.sku for found in recommended_articles(member, NIGHT)] == ["CUP", "JAR"]
    assert [found.sku for found in recommended_articles(member, NIGHT, count=1)] == ["CUP"]


@pytest.mark.parametrize(
    "broken", [{"other": "POT"}, {"lift": 0}, {"closeness": 1.1}, {"support": 0}]
)
def test_the_database_refuses_what_cannot_be(broken: dict[str, Any], world: list[Member]) -> None:
    recommend_articles(NIGHT, 0, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Companion.objects.filter(sku="POT").update(**broken)
