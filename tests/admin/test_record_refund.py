"""An operator records a refund: all that is left, a sum or lines; shown first, then confirmed."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from loyalty.models import PointsEntry, PointsMoney, Purchase, Refund, RefundLine
from loyalty.services.lines import Line
from loyalty.services.points import redeem_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import User
from tests.factories import OperatorFactory
from tests.loyalty.ledgers import account_of
from tests.loyalty.payments import buy_with, holder, take
from tests.loyalty.programmes import plain_programme

from .rows import BOUGHT
from .test_use_points import fields

LINES = [
    Line("TEA", Decimal(3), Decimal("50.00"), Decimal("150.00"), description="Tea"),
    Line("CUP", Decimal(2), Decimal("50.00"), Decimal("100.00")),
]


@pytest.fixture
def purchase(db: None) -> Purchase:
    """¥125 of ¥250 paid by 12,500 of 30,000 points; 125 were earned."""
    plain_programme()
    return buy_with(take(holder(30_000, at=BOUGHT), "250", BOUGHT), BOUGHT, lines=LINES)


def url(purchase: Purchase) -> str:
    return reverse("admin:loyalty_purchase_refund", args=[purchase.pk])


def shown(desk: Client, purchase: Purchase, **details: Any) -> str:
    opened = fields(desk.get(url(purchase)).content.decode())
    return desk.post(url(purchase), {**opened, "what": "rest", **details}).content.decode()


def confirm(desk: Client, purchase: Purchase, page: str) -> str:
    sent = {**fields(page), "confirm": ""}
    return desk.post(url(purchase), sent, follow=True).content.decode()


def balance(purchase: Purchase) -> int:
    assert purchase.member is not None
    return account_of(purchase.member).balance


def rows_of(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<th scope="row">([^<]+)</th><td class="number">([^<]+)</td>', page)


def test_shows_what_it_would_do_and_does_nothing(desk: Client, purchase: Purchase) -> None:
    page = shown(desk, purchase)
    assert rows_of(page) == [
        ("Money given back", "CN¥125.00"),
        ("Besides, of the part that points had paid", "CN¥125.00"),
        ("Points given back", "+12,500"),
        ("Taken back: Points", "−125"),
    ]
    assert "Tea × 3: CN¥75.00" in page
    assert (balance(purchase), Refund.objects.count()) == (17_625, 0)
    assert PointsEntry.objects.filter(kind="restore").count() == 0


def test_records_it_once_when_confirmed_twice(
    desk: Client, purchase: Purchase, operator: User
) -> None:
    page = shown(desk, purchase)
    for _ in range(2):
        assert "The refund is recorded." in confirm(desk, purchase, page)
    refund = Refund.objects.get()
    assert (refund.amount, refund.paid_by_points) == (Decimal(125), Decimal(125))
    assert (refund.source, refund.operator) == ("operator", operator)
    assert refund.external_id.startswith(f"{purchase.external_id}-")
    assert balance(purchase) == 30_000
    entries = PointsEntry.objects.filter(refund=refund)
    assert {entry.operator for entry in entries} == {operator}


def test_records_a_sum_of_money(desk: Client, purchase: Purchase) -> None:
    page = shown(desk, purchase, what="amount", amount="62.50")
    assert ("Points given back", "+6,250") in rows_of(page)
    confirm(desk, purchase, page)
    assert balance(purchase) == 17_625 + 6_250 - 62
    assert not RefundLine.objects.exists()


def test_records_pieces_of_lines_and_shows_their_shares(desk: Client, purchase: Purchase) -> None:
    page = shown(desk, purchase, what="lines", line_1="1", line_2="2")
    assert "Tea × 1: CN¥25.00" in page
    assert "CUP × 2: CN¥50.00" in page
    told = confirm(desk, purchase, page)
    lines = RefundLine.objects.order_by("number").values_list("purchase_line__sku", "amount")
    assert list(lines) == [("TEA", Decimal(25)), ("CUP", Decimal(50))]
    for share in ("−25", "−50", "+2,500", "+5,000"):
        assert share in told
    again = desk.get(url(purchase)).content.decode()
    assert "CN¥50.00 of the money paid was not given back yet." in again
    assert 'name="line_1"' in again
    assert 'name="line_2"' not in again


def test_the_rest_after_lines_is_told_by_lines(desk: Client, purchase: Purchase) -> None:
    confirm(desk, purchase, shown(desk, purchase, what="lines", line_1="1"))
    confirm(desk, purchase, shown(desk, purchase))
    amounts = RefundLine.objects.order_by("pk").values_list("amount", flat=True)
    assert list(amounts) == [Decimal(25), Decimal(50), Decimal(50)]
    assert balance(purchase) == 30_000


def test_the_rest_after_a_sum_names_no_lines(desk: Client, purchase: Purchase) -> None:
    """Which pieces the sum was for is not known: what is left of the lines would be too much."""
    confirm(desk, purchase, shown(desk, purchase, what="amount", amount="62.50"))
    confirm(desk, purchase, shown(desk, purchase))
    assert not RefundLine.objects.exists()
    assert balance(purchase) == 30_000


def test_shows_what_is_owed_or_forgiven(desk: Client, db: None) -> None:
    kind = plain_programme()
    member = holder(1, at=BOUGHT)
    purchase = record_purchase(
        source="till", external_id="P", at=BOUGHT, amount=Decimal(100), member=member, now=BOUGHT
    )
    redeem_points(member=member, points=61, key="r", now=BOUGHT)
    page = shown(desk, purchase)
    assert rows_of(page)[1:] == [
        ("Taken back: Points", "−100"),
        ("Of them, spent already and owed", "60"),
    ]
    kind.clawback = "forgive"
    kind.save(update_fields=["clawback"])
    page = shown(desk, purchase)
    assert rows_of(page)[1:] == [
        ("Taken back: Points", "−40"),
        ("Spent already and forgiven", "60"),
    ]
    assert account_of(member).debt == 0


def test_a_purchase_that_points_alone_paid_comes_back_as_points(desk: Client, db: None) -> None:
    plain_programme()
    PointsMoney.objects.create(maximum_share=Decimal(100))
    payment = take(holder(30_000, at=BOUGHT), "250", BOUGHT)
    purchase = buy_with(payment, BOUGHT, lines=LINES)
    page = desk.get(url(purchase)).content.decode()
    assert "Points paid for all of it; CN¥250.00 of it was not given back yet." in page
    assert 'value="lines"' not in page
    page = shown(desk, purchase, what="amount", amount="100.00")
    assert ("Points given back", "+10,000") in rows_of(page)
    confirm(desk, purchase, page)
    confirm(desk, purchase, shown(desk, purchase))
    assert balance(purchase) == 30_000


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"what": "amount"}, "Say how much is given back."),
        ({"what": "amount", "amount": "125.01"}, "Only 125.00 of this purchase is left to refund."),
        ({"what": "amount", "amount": "-1"}, "greater than or equal to 0"),
        ({"what": "lines"}, "Nothing would be given back"),
        ({"what": "amount", "amount": "0"}, "Nothing would be given back"),
        ({"what": "lines", "line_1": "3.5"}, "less than or equal to 3"),
        ({"what": "all"}, "Select a valid choice."),
        ({"at": "yesterday"}, "Open this form again."),
        ({"at": "2099-01-01T00:00:00+00:00"}, "This lies in the future"),
    ],
)
def test_refuses_in_plain_words(
    details: dict[str, str], words: str, desk: Client, purchase: Purchase
) -> None:
    page = shown(desk, purchase, **details)
    assert words in page
    assert 'name="confirm"' not in page
    assert not Refund.objects.exists()


def test_hears_of_a_refund_that_came_first(desk: Client, purchase: Purchase) -> None:
    page = shown(desk, purchase)
    record_refund(
        source="till", external_id="C", at=BOUGHT, amount=Decimal(1), purchase=purchase, now=BOUGHT
    )
    refusal = confirm(desk, purchase, page)
    assert "has changed meanwhile: look at it again." in refusal
    assert Refund.objects.count() == 1


def test_nothing_is_left_of_what_came_back_already(desk: Client, purchase: Purchase) -> None:
    confirm(desk, purchase, shown(desk, purchase))
    assert "Nothing would be given back" in shown(desk, purchase)


def test_is_not_for_operators_who_only_look(client: Client, purchase: Purchase) -> None:
    onlooker = OperatorFactory(is_superuser=False)
    onlooker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(onlooker)
    page = reverse("admin:loyalty_purchase_change", args=[purchase.pk])
    assert url(purchase) not in client.get(page).content.decode()
    assert client.get(url(purchase)).status_code == 403
    assert client.post(url(purchase), {"what": "rest", "confirm": ""}).status_code == 403
    assert not Refund.objects.exists()
