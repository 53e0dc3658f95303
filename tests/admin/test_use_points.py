"""An operator lets points pay for a purchase: quoted, confirmed, taken once, and given back."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from loyalty.models import PointsEntry, PointsMoney, PointsPayment
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.purchases import record_purchase
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.ledgers import account_of
from tests.loyalty.payments import buy_with
from tests.loyalty.programmes import full_programme

from .rows import BOUGHT


@pytest.fixture
def member(db: None) -> Member:
    full_programme(holding="0D")
    member = MemberFactory()
    earn_points(member=member, points=30_000, key="start")
    return member


def url(member: Member) -> str:
    return reverse("admin:members_member_use_points", args=[member.pk])


def undo(entry: PointsEntry) -> str:
    return reverse("admin:loyalty_pointsentry_give_back", args=[entry.pk])


def fields(page: str) -> dict[str, str]:
    """What the page's form holds and sends back: its hidden fields."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in hidden if name != "csrfmiddlewaretoken"}


def quoted(desk: Client, member: Member, **details: Any) -> str:
    opened = fields(desk.get(url(member)).content.decode())
    return desk.post(url(member), {**opened, "amount": "250", **details}).content.decode()


def take(desk: Client, member: Member, **details: Any) -> PointsPayment:
    page = quoted(desk, member, **details)
    desk.post(url(member), {**fields(page), "confirm": ""})
    return PointsPayment.objects.get()


def test_shows_a_quote_and_takes_nothing(desk: Client, member: Member) -> None:
    page = quoted(desk, member)
    for text in ("CN¥250.00", "−12,500", "CN¥125.00", "Points pay for at most 50 % of a purchase."):
        assert text in page
    assert account_of(member).balance == 30_000


def test_takes_what_was_shown_once_it_is_confirmed(
    desk: Client, member: Member, operator: User
) -> None:
    sent = {**fields(quoted(desk, member, reason="At the till")), "confirm": ""}
    for _ in range(2):
        page = desk.post(url(member), sent, follow=True).content.decode()
        assert "12,500 points pay CN¥125.00." in page
    payment = PointsPayment.objects.get()
    assert (payment.points, payment.amount) == (12_500, Decimal(125))
    assert (payment.entry.operator, payment.entry.note.text) == (operator, "At the till")
    assert "They pay CN¥125.00 of CN¥250.00, at 100 points for 1." in page
    assert account_of(member).balance == 17_500


def test_can_be_changed_before_it_is_confirmed(desk: Client, member: Member) -> None:
    page = quoted(desk, member, points="5000")
    assert "As many as you asked for" in page
    back = desk.post(url(member), {**fields(page), "change": ""}).content.decode()
    assert 'name="amount" value="250"' in back
    assert not PointsPayment.objects.exists()


def test_takes_nothing_else_than_was_shown(desk: Client, member: Member) -> None:
    """Points that went elsewhere meanwhile: the operator hears it, and is quoted anew."""
    sent = {**fields(quoted(desk, member)), "confirm": ""}
    redeem_points(member=member, points=20_000, key="elsewhere")
    page = desk.post(url(member), sent).content.decode()
    assert "10,000 can be spent now: 10,000 can be used here." in page
    assert account_of(member).balance == 10_000


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"amount": "99.99"}, "Points pay for part of a purchase of CN¥100.00 or more."),
        ({"amount": "250", "points": "99"}, "As many as you asked for"),
    ],
)
def test_says_why_nothing_can_be_taken(
    details: dict[str, str], words: str, desk: Client, member: Member
) -> None:
    page = quoted(desk, member, **details)
    assert words in page
    assert 'name="confirm"' not in page


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"amount": ""}, "This field is required."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "1.001"}, "no more than 2 decimal places"),
        ({"points": "0"}, "greater than or equal to 1"),
    ],
)
def test_refuses_what_the_form_lacks(
    details: dict[str, str], words: str, desk: Client, member: Member
) -> None:
    assert words in quoted(desk, member, **details)


def test_gives_back_from_the_entrys_page(desk: Client, member: Member, operator: User) -> None:
    payment = take(desk, member)
    entry_page = reverse("admin:loyalty_pointsentry_change", args=[payment.entry_id])
    assert undo(payment.entry) in desk.get(entry_page).content.decode()
    page = desk.get(undo(payment.entry)).content.decode()
    assert "12,500 points of this redemption can be given back" in page
    sent = {**fields(page), "points": "500", "reason": "A smaller basket"}
    for _ in range(2):
        desk.post(undo(payment.entry), sent)
    restore = PointsEntry.objects.get(kind="restore")
    assert (restore.points, restore.operator) == (500, operator)
    assert restore.note.text == "A smaller basket"
    assert account_of(member).balance == 18_000
    page = desk.get(undo(payment.entry)).content.decode()
    assert "12,000 points of this redemption can be given back" in page


def test_gives_back_no_more_than_is_left(desk: Client, member: Member) -> None:
    payment = take(desk, member)
    page = desk.get(undo(payment.entry)).content.decode()
    sent = {**fields(page), "points": "12501", "reason": "Why"}
    assert (
        "Only 12,500 points of this redemption"
        in desk.post(undo(payment.entry), sent).content.decode()
    )
    assert account_of(member).balance == 17_500


def test_what_paid_for_a_purchase_is_given_back_by_its_refund(desk: Client, member: Member) -> None:
    payment = take(desk, member)
    purchase = buy_with(payment, BOUGHT)
    entry_page = reverse("admin:loyalty_pointsentry_change", args=[payment.entry_id])
    page = desk.get(entry_page).content.decode()
    assert undo(payment.entry) not in page
    assert purchase.external_id in page
    form = fields(desk.get(undo(payment.entry)).content.decode())
    sent = {**form, "points": "1", "reason": "Why"}
    assert "record a refund of it" in desk.post(undo(payment.entry), sent).content.decode()
    assert (
        "12,500"
        in desk.get(reverse("admin:loyalty_purchase_change", args=[purchase.pk])).content.decode()
    )


def test_offers_no_giving_back_of_what_was_earned(desk: Client, member: Member) -> None:
    entry = PointsEntry.objects.get()
    page = desk.get(reverse("admin:loyalty_pointsentry_change", args=[entry.pk])).content.decode()
    assert undo(entry) not in page


@pytest.mark.parametrize("page", ["use", "undo"])
def test_is_not_for_operators_who_only_look(page: str, client: Client, member: Member) -> None:
    onlooker = OperatorFactory(is_superuser=False)
    onlooker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(onlooker)
    entry = redeem_points(member=member, points=100, key="r")
    address = url(member) if page == "use" else undo(entry)
    assert client.get(address).status_code == 403
    assert client.post(address, {"amount": "250", "points": "1", "confirm": ""}).status_code == 403
    assert account_of(member).balance == 29_900


# What points are worth


def settings_page(row: PointsMoney) -> str:
    return reverse("admin:loyalty_pointsmoney_change", args=[row.pk])


def test_operators_set_what_points_are_worth(desk: Client, member: Member, operator: User) -> None:
    row = PointsMoney.objects.create()
    assert desk.get(reverse("admin:loyalty_pointsmoney_changelist")).url == settings_page(row)
    sent = {
        "is_offered": "on",
        "points_per_money": "50",
        "minimum_purchase": "80",
        "maximum_share": "12.5",
        "multiple": "10",
    }
    assert desk.post(settings_page(row), sent).status_code == 302
    row.refresh_from_db()
    assert (row.points_per_money, row.minimum_purchase, row.multiple) == (50, Decimal(80), 10)
    assert row.history.latest().history_user == operator
    assert "Points pay for at most 12.5 % of a purchase." in quoted(desk, member)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points_per_money": "0"}, "a rate of 0 would be no rate"),
        ({"maximum_share": "0"}, "The share is more than 0 and at most 100 %."),
        ({"maximum_share": "100.01"}, "The share is more than 0 and at most 100 %."),
        ({"multiple": "0"}, "Points are used in multiples of 1 or more"),
        ({"minimum_purchase": "-0.01"}, "The smallest purchase is 0 or more."),
        ({"points_per_money": "1.5"}, "Enter a whole number."),
    ],
)
def test_refuses_what_makes_no_sense_in_plain_words(
    change: dict[str, str], words: str, desk: Client, db: None
) -> None:
    row = PointsMoney.objects.create()
    sent = {
        "points_per_money": "100",
        "minimum_purchase": "100",
        "maximum_share": "50",
        "multiple": "100",
    }
    page = desk.post(settings_page(row), {**sent, **change}).content.decode()
    assert page.count(words) == 1
    row.refresh_from_db()
    assert (row.points_per_money, row.maximum_share, row.multiple) == (100, 50, 100)


def test_a_rate_of_zero_is_refused_for_a_tier_too(desk: Client, member: Member) -> None:
    purchase = record_purchase(
        source="till", external_id="P", at=BOUGHT, amount=Decimal(600), member=member, now=BOUGHT
    )
    tier = purchase.member.standing.tier  # type: ignore[union-attr]
    address = reverse("admin:loyalty_tier_change", args=[tier.pk])
    sent = {
        "name_en": "Silver",
        "rank": "1",
        "colour": "#c0c0c0",
        "join": "all",
        "entry_spend": "500",
        "points_per_money": "0",
    }
    assert "a rate of 0 would be no rate" in desk.post(address, sent).content.decode()
    assert desk.post(address, {**sent, "points_per_money": "50"}).status_code == 302
    tier.refresh_from_db()
    assert tier.points_per_money == 50
    assert "−6,200" in quoted(desk, member)
