"""How coupons come to members, as an offer's page tells: ways to give them, shares and groups."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.html import escape

from benefits import jobs
from benefits.models import (
    BirthdayPerk,
    Coupon,
    CouponBatch,
    CouponGroup,
    CouponShare,
    CouponTemplate,
    Holiday,
    TierGift,
)
from benefits.services import batches
from benefits.services.sharing import join_group, open_group, share_coupon, take_shared
from common import clock
from members.models import Segment, User
from members.services import add_to_segment
from tests.benefits.offers import coupon_for, offer, window
from tests.benefits.perks import gold_tier, lowest_tier
from tests.benefits.rewards import prize, reward
from tests.factories import MemberFactory, OperatorFactory

from .test_coupons import page, words

SHARES, GROUPS = "/admin/benefits/couponshare/", "/admin/benefits/coupongroup/"


# --- To a segment -------------------------------------------------------------------------------


@pytest.fixture
def segment(db: None) -> Segment:
    segment = Segment.objects.create(code="tasters", name_en="Tasters")
    cards = [member.card_number for member in MemberFactory.create_batch(3)]
    add_to_segment(segment=segment, cards=cards)
    return segment


def issue(desk: Client, template: CouponTemplate, segment: Segment) -> Any:
    sent = {"key": "s1", "segment": segment.pk}
    return desk.post(page(template, "issue-to-segment"), sent, follow=True)


def test_a_segment_is_issued_once(desk: Client, segment: Segment, operator: User) -> None:
    template = offer()
    for _tap in range(2):
        assert "3 coupons were issued." in issue(desk, template, segment).content.decode()
    batch = CouponBatch.objects.get()
    assert (batch.operator, batch.segment, Coupon.objects.count()) == (operator, segment, 3)
    assert "Tasters" in words(desk, f"/admin/benefits/couponbatch/{batch.pk}/change/")


def test_a_large_segment_goes_on_by_itself_and_says_who_was_left_out(
    desk: Client, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "RANGE", 1)
    template = offer(per_member_limit=1)
    coupon_for(segment.memberships.earliest("pk").member, template, now=clock.now())
    text = issue(desk, template, segment).content.decode()
    assert "1 of 2 coupons are there" in text
    assert "1 member has as many as they may and was left out." in text
    jobs.issue_batches()
    assert "2 / 2" in words(desk, "/admin/benefits/couponbatch/")
    assert Coupon.objects.count() == 3


def test_an_empty_segment_and_a_short_stock_are_told(desk: Client, segment: Segment) -> None:
    empty = Segment.objects.create(code="empty", name_en="Empty")
    told = "Nothing was issued: nobody is in this segment today, or all have as many as they may."
    assert told in issue(desk, offer(), empty).content.decode()
    short = issue(desk, offer("short", stock=2), segment).content.decode()
    assert "All of these coupons have been given out." in short
    assert not CouponBatch.objects.exists()


# --- The ways of an offer -----------------------------------------------------------------------


def test_an_offers_page_names_what_gives_it(desk: Client) -> None:
    template, lowest = offer(), lowest_tier()
    reward("coupon", kind="coupon", coupon_template=template, name_en="Ten for points")
    prize(
        reward("draw", kind="lottery", name_en="Spring draw"),
        "Ten off",
        kind="coupon",
        weight=1,
        coupon_template=template,
    )
    TierGift.objects.create(name_en="Welcome gold", tier=gold_tier(), template=template)
    BirthdayPerk.objects.create(
        name_en="Birthday ten", tier=lowest, kind="coupon", template=template
    )
    Holiday.objects.create(
        name_en="Lantern day", month=1, day=15, greeting_en="Light!", template=template
    )
    offer("source", name_en="Bring a friend", friend_template=template)
    text = words(desk, page(template))
    names = ("Ten for points", "Spring draw", "Welcome gold", "Birthday ten", "Lantern day")
    for name in (*names, "Bring a friend"):
        assert f">{name}</a>" in text


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("reward", "coupon_template"),
        ("tiergift", "template"),
        ("birthdayperk", "template"),
        ("holiday", "template"),
    ],
)
def test_an_operator_goes_on_to_what_gives_it(desk: Client, model: str, field: str) -> None:
    template = offer(name_en="Ten & more")
    address = f"/admin/benefits/{model}/add/"
    link = next(part for part in words(desk, page(template)).split('"') if address in part)
    asked = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert (asked[field], asked["name_en"]) == ([str(template.pk)], ["Ten & more"])
    form = words(desk, link.replace("&amp;", "&"))
    assert f'<option value="{template.pk}" selected>' in form
    assert f'value="{escape("Ten & more")}"' in form


def test_who_may_not_add_or_see_finds_no_links(db: None, client: Client) -> None:
    template = offer()
    reward("coupon", kind="coupon", coupon_template=template, name_en="Ten for points")
    operator = OperatorFactory(is_superuser=False)
    operator.user_permissions.add(Permission.objects.get(codename="view_coupontemplate"))
    client.force_login(operator)
    text = words(client, page(template))
    assert "<div>Ten for points</div>" in text
    assert "Offer it for points" not in text
    assert client.post(page(template, "issue-to-segment"), {"key": "k"}).status_code == 403


# --- Shares and groups --------------------------------------------------------------------------


def test_a_share_tells_whose_it_is_and_who_took_one(desk: Client) -> None:
    now = clock.now()
    template = offer(friend_template=offer("friend", name_en="Friends' price"))
    holder, friend = MemberFactory.create_batch(2)
    share = share_coupon(coupon=coupon_for(holder, template, now=now))
    taken = take_shared(code=share.code, member=friend)
    for query in (share.code, holder.card_number):
        text = words(desk, f"{SHARES}?q={query}")
        assert "1 / 1" in text
        assert escape("Friends' price") in text
    assert "0 / 1" not in words(desk, SHARES)
    assert taken.shown_code in words(desk, f"{SHARES}{share.pk}/change/")
    assert CouponShare.objects.count() == 1


def test_groups_are_found_by_state_code_and_member(desk: Client, time_machine: Any) -> None:
    template = offer(group_size=2, group_hours=1)
    window(template, lowest_tier(), clock.now())
    first, second, third = MemberFactory.create_batch(3)
    full = open_group(template=template, member=first, key="k")
    join_group(group=full, member=second)
    waiting = open_group(template=template, member=third, key="k")
    codes = {group.code: CouponGroup.objects.get(pk=group.pk) for group in (full, waiting)}

    def listed(query: str) -> set[int]:
        text = words(desk, f"{GROUPS}?{query}")
        return {group.pk for group in codes.values() if f"{GROUPS}{group.pk}/change/" in text}

    assert listed("state=full") == listed(f"q={second.card_number}") == {full.pk}
    assert listed("state=open") == listed(f"q={waiting.code}") == {waiting.pk}
    assert listed("state=over") == set()
    time_machine.move_to(clock.now() + timedelta(seconds=3601))
    assert listed("state=over") == {waiting.pk}
    assert f"/admin/members/member/{second.pk}/change/" in words(desk, f"{GROUPS}{full.pk}/change/")


@pytest.mark.parametrize("address", [SHARES, GROUPS])
def test_operators_without_the_right_see_none(db: None, client: Client, address: str) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    assert client.get(address).status_code == 403
