"""The coupon wallet: what is mine, what I may take, and nothing of anybody else's."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from benefits.models import Coupon, CouponTemplate
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.sharing import open_group
from benefits.services.voiding import void_coupon
from loyalty.models import ProductCategory, Tier
from members.models import Member, Segment
from members.services import add_to_segment
from tests.benefits.offers import basket, coupon_for, offer, percent_offer, stand_on, window
from tests.factories import MemberFactory, login_of, member_with_login

WALLET, OFFERS = "/coupons/", "/coupons/offers/"


@pytest.fixture
def tiers(programme: None) -> list[Tier]:
    return list(Tier.objects.by_rank())


def given(member: Member, template: CouponTemplate, now: datetime, key: str = "k") -> Coupon:
    return coupon_for(member, template, key=key, now=now)


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_an_empty_wallet_says_where_coupons_come_from(signed_in: Client) -> None:
    text = text_of(signed_in, WALLET)
    assert "No coupons right now" in text
    assert f'href="{OFFERS}"' in text


def test_usable_coupons_come_first_and_the_soonest_to_end_of_them(
    signed_in: Client, member: Member, now: datetime
) -> None:
    given(member, offer("long", name_en="Long lasting", validity="60D"), now)
    given(member, percent_offer("20", name_en="Almost over", validity="2D"), now)
    used = given(member, offer("used", name_en="All used up"), now)
    reserve_coupons(
        member=member, codes=[used.code], basket=basket("90.00"), checkout_key="c", now=now
    )
    use_coupons(member=member, checkout_key="c", now=now)
    given(member, offer("past", name_en="Long gone"), now - timedelta(days=90))
    text = text_of(signed_in, WALLET)
    places = [text.index(name) for name in ("Almost over", "Long lasting", "Used and expired")]
    assert places == sorted(places)
    assert text.index("Used and expired") < min(text.index("All used up"), text.index("Long gone"))
    assert "20% off" in text
    assert "Ends soon: last valid day" in text


def test_a_wallet_needs_as_many_queries_for_ten_coupons_as_for_one(
    signed_in: Client,
    member: Member,
    tiers: list[Tier],
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    template, together = offer(), offer("together", group_size=2, group_hours=24)
    window(together, tiers[0], now)
    for first, count in ((0, 1), (1, 9)):
        for number in range(first, first + count):
            given(member, template, now, key=f"k{number}")
            open_group(template=together, member=member, key=f"k{number}", now=now)
        with django_assert_num_queries(5):
            text = text_of(signed_in, WALLET)
        assert text.count("1 more must join by") == first + count


def test_a_coupon_shows_its_codes_and_conditions(
    signed_in: Client, member: Member, now: datetime
) -> None:
    coupon = given(member, offer(minimum_spend=Decimal(99), is_stackable=False), now)
    text = text_of(signed_in, reverse("coupon", args=[coupon.pk]))
    for words in (coupon.shown_code, "¥10 off", "From ¥99 on.", "Cannot be combined"):
        assert words in text
    for name in ("coupon_code", "coupon_bars"):
        picture = signed_in.get(reverse(name, args=[coupon.pk]))
        assert picture["Content-Type"] == "image/svg+xml"
        assert b"<svg" in picture.content
        assert reverse(name, args=[coupon.pk]) in text


def test_a_used_coupon_shows_no_code_to_scan(
    signed_in: Client, member: Member, now: datetime
) -> None:
    coupon = given(member, offer(), now - timedelta(days=90))
    assert "code.svg" not in text_of(signed_in, reverse("coupon", args=[coupon.pk]))


@pytest.mark.parametrize("name", ["coupon", "coupon_code", "coupon_bars"])
def test_another_members_coupon_is_not_there(signed_in: Client, now: datetime, name: str) -> None:
    coupon = given(MemberFactory.create(), offer(), now)
    assert signed_in.get(reverse(name, args=[coupon.pk])).status_code == 404


# --- Codes ------------------------------------------------------------------------------------


def bearer(now: datetime) -> Coupon:
    batch = promise_codes(template=offer(), count=1, key="b", now=now)
    issue_next(batch=batch, now=now)
    return Coupon.objects.get()


def test_a_typed_code_becomes_a_coupon(signed_in: Client, member: Member, now: datetime) -> None:
    coupon = bearer(now)
    for _tap in range(2):
        response = signed_in.post("/coupons/enter/", {"code": coupon.shown_code.lower()})
        assert response["Location"] == reverse("coupon", args=[coupon.pk])
    assert Coupon.objects.get().member == member


@pytest.mark.parametrize("code", ["2222-2222-2222", "nonsense"])
def test_a_wrong_code_is_told_at_its_field(signed_in: Client, member: Member, code: str) -> None:
    response = signed_in.post("/coupons/enter/", {"code": code})
    assert "There is no such coupon. Check the code." in response.content.decode()
    assert f'value="{code}"' in response.content.decode()


def test_an_empty_code_is_told_at_its_field(signed_in: Client, member: Member) -> None:
    assert "This field is required." in signed_in.post("/coupons/enter/").content.decode()


def test_guessing_ends_in_a_pause(signed_in: Client, member: Member, settings: object) -> None:
    settings.COUPON_GUESSES_MEMBER = 2  # type: ignore[attr-defined]
    statuses = [
        signed_in.post("/coupons/enter/", {"code": "nonsense"}).status_code for _try in range(4)
    ]
    assert statuses == [200, 200, 429, 429]


# --- Offers -----------------------------------------------------------------------------------


def test_no_offers_say_so(signed_in: Client) -> None:
    assert "Nothing to take right now" in text_of(signed_in, OFFERS)


def test_offers_say_what_can_be_taken_when(
    signed_in: Client, member: Member, tiers: list[Tier], now: datetime
) -> None:
    window(offer("open", name_en="For all", stock=3), tiers[0], now)
    early = offer("early", name_en="Gold first")
    window(early, tiers[2], now)
    window(early, tiers[0], now + timedelta(days=1))
    window(offer("gold", name_en="Gold only"), tiers[2], now)
    window(offer("off", name_en="Taken back", is_active=False), tiers[0], now)
    text = text_of(signed_in, OFFERS)
    assert text.count("Take it") == 1
    assert "3 left" in text
    assert "Opens for you:" in text
    assert "Gold only" not in text
    assert "Taken back" not in text
    stand_on(member, tiers[2])
    assert text_of(signed_in, OFFERS).count("Take it") == 3


def claim(client: Client, template: CouponTemplate, key: str) -> str:
    response = client.post(reverse("claim_offer", args=[template.pk]), {"key": key})
    return str(response.headers.get("Location", response.status_code))


def test_a_double_tap_takes_one(
    signed_in: Client, member: Member, tiers: list[Tier], now: datetime
) -> None:
    template = offer(per_member_limit=2)
    window(template, tiers[0], now)
    first, again = claim(signed_in, template, "a"), claim(signed_in, template, "a")
    assert first == again == reverse("coupon", args=[Coupon.objects.get().pk])
    assert CouponTemplate.objects.get().issued == 1


def test_htmx_finds_the_offer_taken_in_its_place(
    signed_in: Client, member: Member, tiers: list[Tier], now: datetime
) -> None:
    template = offer(per_member_limit=1)
    window(template, tiers[0], now)
    address = reverse("claim_offer", args=[template.pk])
    for _tap in range(2):
        part = signed_in.post(address, {"key": "a"}, headers={"HX-Request": "true"})
        text = part.content.decode()
        assert reverse("coupon", args=[Coupon.objects.get().pk]) in text
        assert "It is yours now" in text
        assert "The coupon is yours." in text
        assert "<html" not in text
    refused = signed_in.post(address, {"key": "b"}, headers={"HX-Request": "true"})
    assert refused["HX-Redirect"] == OFFERS
    assert "HX-Redirect" not in part


def test_a_refusal_is_told_on_the_page_of_offers(
    signed_in: Client, member: Member, tiers: list[Tier], now: datetime
) -> None:
    template = offer(stock=1)
    window(template, tiers[0], now)
    given(MemberFactory.create(), template, now)
    assert claim(signed_in, template, "a") == OFFERS
    assert text_of(signed_in, OFFERS).count("All of these coupons have been given out.") == 2
    assert not member.coupons.exists()


def test_what_is_not_offered_is_not_there(signed_in: Client, member: Member) -> None:
    assert claim(signed_in, offer(), "a") == "404"
    assert signed_in.post(reverse("claim_offer", args=[0]), {"key": "a"}).status_code == 404


def test_a_claim_without_its_key_is_not_there(
    signed_in: Client, tiers: list[Tier], now: datetime
) -> None:
    template = offer()
    window(template, tiers[0], now)
    assert signed_in.post(reverse("claim_offer", args=[template.pk])).status_code == 404


def test_offers_need_as_many_queries_for_ten_as_for_one(
    signed_in: Client,
    member: Member,
    tiers: list[Tier],
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    segment = Segment.objects.create(code="tasters", name_en="Tasters")
    add_to_segment(segment=segment, cards=[member.card_number], on=now.date())
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    for first, count in ((0, 1), (1, 9)):
        for number in range(first, first + count):
            template = offer(f"o{number}", group_size=2, group_hours=24)
            template.segments.add(segment)
            template.categories.add(tea)
            window(template, tiers[0], now)
            open_group(template=template, member=member, key="k", now=now)
        with django_assert_num_queries(16):
            text = text_of(signed_in, OFFERS)
        assert text.count("Only for: Tea.") == text.count("Your group") == first + count


# --- Friends and groups -----------------------------------------------------------------------


def test_a_coupon_is_shared_by_a_link(
    signed_in: Client, client: Client, member: Member, now: datetime
) -> None:
    price = offer("friend", name_en="Friend price", amount=Decimal(5))
    coupon = given(member, offer(friend_template=price), now)
    address = reverse("share_coupon", args=[coupon.pk])
    assert address in text_of(signed_in, reverse("coupon", args=[coupon.pk]))
    link = signed_in.post(address)["Location"]
    text = text_of(signed_in, link)
    assert f"http://testserver{link}" in text
    assert "1 friend can still take this coupon." in text
    assert "Take it" not in text

    friend = member_with_login()
    other = Client()
    other.force_login(login_of(friend))
    assert "王小明 shares this coupon with you." in text_of(other, link)
    taken = [other.post(f"{link}take/")["Location"] for _tap in range(2)]
    assert taken == [reverse("coupon", args=[friend.coupons.get().pk])] * 2
    third = Client()
    third.force_login(login_of(member_with_login()))
    assert "All of these coupons have been given out." in text_of(third, link)


def test_a_shared_link_says_what_can_still_be_done(
    signed_in: Client, member: Member, now: datetime
) -> None:
    terms = {"minimum_spend": Decimal(80), "amount": Decimal(5)}
    price = offer("friend", name_en="Friend price", **terms)
    coupon = given(member, offer(friend_template=price, friends_per_coupon=2), now)
    link = signed_in.post(reverse("share_coupon", args=[coupon.pk]))["Location"]
    friend, late = Client(), Client()
    for someone in (friend, late):
        someone.force_login(login_of(member_with_login()))
    assert "From ¥80 on." in text_of(friend, link)
    friend.post(f"{link}take/")
    assert "You have taken this coupon." in text_of(friend, link)
    void_coupon(coupon=coupon, reason="Why", now=now)
    assert "You have taken this coupon." in text_of(friend, link)
    assert late.post(f"{link}take/")["Location"] == link
    for someone in (signed_in, late):
        text = text_of(someone, link)
        assert "The coupon behind this link was used or has ended" in text
        assert "Take it" not in text


def test_a_code_that_can_be_none_is_not_there(signed_in: Client) -> None:
    for code in ("nonsense", "%00", "A" * 300):
        for page in ("shared", "groups"):
            assert signed_in.get(f"/coupons/{page}/{code}/").status_code == 404


def test_another_members_coupon_is_not_shared(signed_in: Client, now: datetime) -> None:
    price = offer("friend")
    coupon = given(MemberFactory.create(), offer(friend_template=price), now)
    assert signed_in.post(reverse("share_coupon", args=[coupon.pk])).status_code == 404


def test_a_group_fills_by_its_link(
    signed_in: Client, member: Member, tiers: list[Tier], now: datetime
) -> None:
    template = offer(group_size=2, group_hours=24)
    window(template, tiers[0], now)
    text = text_of(signed_in, OFFERS)
    assert "For 2 together" in text
    assert "Open a group" in text
    opening = reverse("open_group", args=[template.pk])
    links = {signed_in.post(opening, {"key": "a"})["Location"] for _tap in range(2)}
    (link,) = links
    text = text_of(signed_in, link)
    assert "1 / 2" in text
    assert f"http://testserver{link}" in text
    other = Client()
    other.force_login(login_of(member_with_login()))
    assert "Join the group" in text_of(other, link)
    other.post(f"{link}join/")
    assert "The group is full: everyone has their coupon." in text_of(signed_in, link)
    assert member.coupons.count() == 1


# --- Home -------------------------------------------------------------------------------------


def test_home_tells_of_coupons_that_end_soon(
    signed_in: Client, member: Member, now: datetime
) -> None:
    given(member, offer("long", name_en="Long lasting", validity="60D"), now)
    assert "Coupons that end soon" not in text_of(signed_in, "/")
    given(member, offer("soon", name_en="Almost over", validity="2D"), now)
    text = text_of(signed_in, "/")
    assert "Almost over" in text
    assert "Long lasting" not in text
