"""An operator uses a coupon for whoever stands at the counter: shown, confirmed, used once."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from benefits.models import Coupon, CouponUse
from benefits.services.batches import issue_next, promise_codes
from common import clock
from loyalty.models import ProductCategory
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.benefits.offers import coupon_for, offer
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import plain_programme
from tests.loyalty.tampering import broken


@pytest.fixture
def member(db: None) -> Member:
    return MemberFactory()


def url(coupon: Coupon) -> str:
    return f"/admin/benefits/coupon/{coupon.pk}/use/"


def hidden(page: str) -> dict[str, str]:
    """What the page's form holds and sends back."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def shown(desk: Client, coupon: Coupon, **details: Any) -> str:
    opened = hidden(desk.get(url(coupon)).content.decode())
    return desk.post(url(coupon), {**opened, "amount": "80", **details}).content.decode()


def test_shows_what_it_takes_off_and_uses_it_once(desk: Client, member: Member) -> None:
    coupon = coupon_for(member, now=clock.now())
    page = shown(desk, coupon, shipping="8")
    for text in ("CN¥88.00", "CN¥10.00", "CN¥78.00"):
        assert text in page
    assert not CouponUse.objects.exists()
    sent = {**hidden(page), "confirm": ""}
    for _tap in range(2):
        page = desk.post(url(coupon), sent, follow=True).content.decode()
        assert "The coupon is used: it took off CN¥10.00." in page
    use = CouponUse.objects.get()
    assert (use.coupon, use.member, use.discount) == (coupon, member, Decimal("10.00"))
    assert url(coupon) not in page
    assert broken() == {}


def test_says_why_it_does_not_apply(desk: Client, member: Member) -> None:
    template = offer(minimum_spend=Decimal(50))
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    template.categories.add(tea)
    coupon = coupon_for(member, template, now=clock.now())
    for details, words in (
        ({}, "Nothing in this purchase is of a kind that the coupon is for."),
        (
            {"category": tea.pk, "amount": "49.99"},
            "eligible goods for CN¥50.00; there are goods for CN¥49.99",
        ),
    ):
        page = shown(desk, coupon, **details)
        assert words in page
        assert 'name="confirm"' not in page
    assert 'name="confirm"' in shown(desk, coupon, category=tea.pk)


def test_a_code_becomes_the_coupon_of_whoever_shows_it(desk: Client, member: Member) -> None:
    issue_next(batch=promise_codes(template=offer(), count=1, key="b"))
    coupon = Coupon.objects.get()
    assert "This field is required." in shown(desk, coupon)
    page = shown(desk, coupon, card_number="0000")
    assert 'name="confirm"' not in page
    page = shown(desk, coupon, card_number=f" {member.card_number} ")
    desk.post(url(coupon), {**hidden(page), "confirm": ""})
    coupon.refresh_from_db()
    assert (coupon.status, coupon.member) == ("used", member)
    assert broken() == {}


def test_names_the_purchase_whose_refund_gives_it_back(desk: Client, member: Member) -> None:
    plain_programme()
    bought = {"source": "till", "amount": Decimal("70.00")}
    purchase = record_purchase(member=member, external_id="JA-1", at=clock.now(), **bought)  # type: ignore[arg-type]
    record_purchase(member=MemberFactory(), external_id="JA-2", at=clock.now(), **bought)  # type: ignore[arg-type]
    coupon = coupon_for(member, now=clock.now())
    page = shown(desk, coupon, purchase_number="JA-2")
    assert "This member has no purchase of the number JA-2." in page
    page = shown(desk, coupon, purchase_number="JA-1")
    desk.post(url(coupon), {**hidden(page), "confirm": ""})
    assert CouponUse.objects.get().purchase == purchase


@pytest.mark.parametrize("amount", ["", "-1", "1.001", "NaN"])
def test_refuses_what_is_no_amount(desk: Client, member: Member, amount: str) -> None:
    page = shown(desk, coupon_for(member, now=clock.now()), amount=amount)
    assert 'name="confirm"' not in page
    assert 'name="amount"' in page


def test_is_not_for_operators_who_only_look(client: Client, member: Member) -> None:
    onlooker = OperatorFactory(is_superuser=False)
    onlooker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(onlooker)
    coupon = coupon_for(member, now=clock.now())
    assert client.get(url(coupon)).status_code == 403
    assert client.post(url(coupon), {"amount": "80", "confirm": ""}).status_code == 403
    assert not CouponUse.objects.exists()
