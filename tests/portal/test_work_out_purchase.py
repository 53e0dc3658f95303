"""What a purchase would come to: coupons and points worked out on the portal, nothing taken."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benefits.models import Coupon, CouponUse
from loyalty.models import Channel, PointsAccount, ProductCategory
from loyalty.services.points import earn_points
from members.models import Member
from tests.benefits.offers import coupon_for, offer, percent_offer
from tests.factories import MemberFactory, StoreFactory

PAGE = "/coupons/purchase/"


@pytest.fixture
def tea(programme: None) -> ProductCategory:
    return ProductCategory.objects.create(code="tea", name_en="Tea", name_zh="茶")


def ask(client: Client, coupons: Sequence[Coupon] = (), **asked: object) -> str:
    data = {"amount_1": "100", "coupons": [coupon.pk for coupon in coupons], **asked}
    return " ".join(client.get(PAGE, data).content.decode().split())


def test_asks_before_it_answers(signed_in: Client, member: Member, now: datetime) -> None:
    coupon = coupon_for(member, now=now)
    text = signed_in.get(PAGE, {"coupon": coupon.pk}).content.decode()
    assert "It comes to" not in text
    assert f'value="{coupon.pk}" id="id_coupons_0" checked' in text
    assert (
        f"{PAGE}?coupon={coupon.pk}"
        in signed_in.get(reverse("coupon", args=[coupon.pk])).content.decode()
    )
    assert PAGE in signed_in.get("/coupons/").content.decode()


def test_takes_off_by_lines_and_takes_nothing(
    signed_in: Client, member: Member, tea: ProductCategory, now: datetime
) -> None:
    ten = coupon_for(member, offer(), now=now)
    tenth = percent_offer("10", name_en="A tenth off tea")
    tenth.categories.add(tea)
    of_tea = coupon_for(member, tenth, now=now)
    free = coupon_for(member, offer("free", kind="free_shipping"), now=now)
    earn_points(member=member, points=5_000, key="p", is_held=False)
    text = ask(
        signed_in,
        [ten, of_tea, free],
        category_1=tea.pk,
        amount_2="50.00",
        shipping="8",
        points="2000",
    )
    # 10.00 off the tea; 10.00 off 90.00 and 50.00; 20.00 of the 130.00 that are left.
    for words in (
        'Tea <span class="muted">less CN¥16.43</span>',
        'Anything else <span class="muted">less CN¥3.57</span>',
        "−CN¥20.00",
        "−CN¥8.00",
        "2,000 points pay",
        ">CN¥110.00<",
    ):
        assert words in text
    assert text.count("is-gain") == 3
    assert set(Coupon.objects.values_list("status", flat=True)) == {"issued"}
    assert not CouponUse.objects.exists()
    assert PointsAccount.objects.get(member=member).balance == 5_000


def test_says_why_a_coupon_does_not_apply(
    signed_in: Client, member: Member, tea: ProductCategory, now: datetime
) -> None:
    store, app = StoreFactory(), Channel.objects.create(code="app", name_en="App")
    there = offer("there", name_en="Only there")
    there.stores.add(store)
    by_app = offer("by-app", name_en="Only by app")
    by_app.channels.add(app)
    dear = offer("dear", name_en="For much", minimum_spend=Decimal(500))
    coupons = [coupon_for(member, template, now=now) for template in (there, by_app, dear)]
    text = ask(signed_in, coupons)
    assert text.count("is-refused") == 3
    assert ">CN¥100.00<" in text
    text = ask(signed_in, coupons, store=store.pk, channel=app.pk, amount_1="500")
    assert text.count("is-refused") == 0
    assert ">CN¥470.00<" in text


def test_points_that_pay_nothing_say_why(signed_in: Client, member: Member) -> None:
    text = ask(signed_in, points="100", amount_1="99.99")
    assert "Points pay for part of a purchase of CN¥100.00 or more." in text
    assert ">CN¥99.99<" in text


@pytest.mark.parametrize(
    "asked",
    [
        {"amount_1": ""},
        {"amount_1": "-1"},
        {"amount_1": "0"},
        {"amount_1": "1.001"},
        {"amount_1": "1e99"},
        {"amount_1": "NaN"},
        {"shipping": "-1"},
        {"points": "-5"},
        {"points": "9" * 40},
        {"category_1": "x"},
        {"category_2": "0"},
        {"store": "\x00"},
    ],
)
def test_what_cannot_be_meant_is_told_on_the_form(
    signed_in: Client, asked: dict[str, object]
) -> None:
    text = ask(signed_in, **asked)
    assert "errorlist" in text
    assert "It comes to" not in text


def test_a_category_needs_its_amount(signed_in: Client, tea: ProductCategory) -> None:
    assert "Say how much it costs." in ask(signed_in, category_2=tea.pk)


def test_another_members_coupon_is_not_asked_for(
    signed_in: Client, member: Member, now: datetime
) -> None:
    text = ask(signed_in, [coupon_for(MemberFactory.create(), now=now)])
    assert "errorlist" in text
    assert "Ten off" not in text


def test_needs_as_many_queries_for_ten_coupons_as_for_one(
    signed_in: Client, member: Member, now: datetime
) -> None:
    template = offer()
    coupons = [coupon_for(member, template, key="0", now=now)]
    counts = []
    for number in (0, 9):
        coupons += [coupon_for(member, template, key=f"{n + 1}", now=now) for n in range(number)]
        with CaptureQueriesContext(connection) as captured:
            ask(signed_in, coupons)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_speaks_chinese(signed_in: Client, member: Member, now: datetime) -> None:
    coupon = coupon_for(member, now=now)
    signed_in.cookies["django_language"] = "zh-hans"
    text = ask(signed_in, [coupon])
    for words in ("算一算", "应付", "立减十元", "可用"):
        assert words in text
