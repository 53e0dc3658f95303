"""Coupons among friends: links for a friend, and groups that fill within a time."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from benefits.errors import (
    CouponNotFound,
    CouponNotStarted,
    GroupClosed,
    LimitReached,
    NoFriendOfOneself,
    NotShareable,
    OutOfStock,
)
from benefits.jobs import expire_codes, lapse_groups
from benefits.models import Coupon, CouponGroup, CouponShare, CouponTemplate
from benefits.notices import group_words
from benefits.services.issuing import claim_coupon
from benefits.services.sharing import (
    join_group,
    lapse_group,
    open_group,
    share_coupon,
    take_shared,
)
from benefits.services.voiding import void_coupon
from common import clock
from loyalty.models import Tier
from members.models import Member, Notice
from tests.factories import MemberFactory
from tests.loyalty.programmes import spend_tiers
from tests.loyalty.tampering import broken

from .offers import NOON, coupon_for, offer, window

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def holder() -> Member:
    return MemberFactory.create()


@pytest.fixture
def coupon(holder: Member) -> Coupon:
    """A coupon whose friends get one of 5.00 off; two of them."""
    price = offer("friend", name_en="Friend price", amount=Decimal("5.00"), stock=5)
    return coupon_for(holder, offer(friend_template=price, friends_per_coupon=2))


def take(share: CouponShare, member: Member | None = None) -> Coupon:
    return take_shared(code=share.code, member=member or MemberFactory.create(), now=NOON)


def test_a_friend_gets_the_friend_price(coupon: Coupon, holder: Member) -> None:
    share = share_coupon(coupon=coupon, now=NOON)
    assert share_coupon(coupon=coupon, now=NOON) == share
    friend = MemberFactory.create()
    taken = take(share, friend)
    assert (taken.member, taken.amount, taken.shared_from) == (friend, Decimal("5.00"), coupon)
    assert take(share, friend) == taken
    coupon.refresh_from_db()
    assert (coupon.status, coupon.member) == ("issued", holder)
    assert CouponShare.objects.get().friends == 1
    assert broken() == {}


def test_no_more_friends_than_the_offer_allows(coupon: Coupon) -> None:
    share = share_coupon(coupon=coupon, now=NOON)
    take(share)
    take(share)
    with pytest.raises(OutOfStock):
        take(share)
    assert Coupon.objects.filter(shared_from=coupon).count() == 2


def test_a_place_is_not_lost_where_the_friends_stock_is(coupon: Coupon) -> None:
    share = share_coupon(coupon=coupon, now=NOON)
    CouponTemplate.objects.filter(code="friend").update(stock=0)
    with pytest.raises(OutOfStock):
        take(share)
    assert CouponShare.objects.get().friends == 0


def test_nobody_is_their_own_friend(coupon: Coupon, holder: Member) -> None:
    with pytest.raises(NoFriendOfOneself):
        take(share_coupon(coupon=coupon, now=NOON), holder)


def test_what_has_nothing_for_friends_is_not_shared(holder: Member) -> None:
    with pytest.raises(NotShareable):
        share_coupon(coupon=coupon_for(holder), now=NOON)


def test_the_link_of_a_coupon_that_ended_leads_nowhere(coupon: Coupon) -> None:
    share = share_coupon(coupon=coupon, now=NOON)
    void_coupon(coupon=coupon, reason="Why", now=NOON)
    for code in (share.code, "nonsense"):
        with pytest.raises(CouponNotFound):
            take_shared(code=code, member=MemberFactory.create(), now=NOON)


# --- Groups -----------------------------------------------------------------------------------


@pytest.fixture
def tiers() -> list[Tier]:
    return spend_tiers()


@pytest.fixture
def together(tiers: list[Tier]) -> CouponTemplate:
    """For three who join within a day."""
    template = offer("group", group_size=3, group_hours=24, per_member_limit=1, stock=10)
    window(template, tiers[0])
    return template


def begin(template: CouponTemplate, member: Member | None = None, key: str = "k") -> CouponGroup:
    return open_group(template=template, member=member or MemberFactory.create(), key=key, now=NOON)


def join(group: CouponGroup, member: Member | None = None, hours: int = 0) -> CouponGroup:
    at = NOON + timedelta(hours=hours)
    return join_group(group=group, member=member or MemberFactory.create(), now=at)


def test_everyone_gets_a_coupon_once_the_group_is_full(together: CouponTemplate) -> None:
    first, second, third = MemberFactory.create_batch(3)
    group = begin(together, first)
    assert begin(together, first) == group
    join(group, second)
    assert join(group, second).joined == 2
    assert not Coupon.objects.exists()
    group = join(group, third, hours=23)
    assert group.is_complete
    assert {coupon.member for coupon in Coupon.objects.all()} == {first, second, third}
    assert CouponTemplate.objects.get().issued == 3
    assert join(group, third).joined == 3
    with pytest.raises(GroupClosed):
        join(group)
    assert broken() == {}


def test_nobody_gets_one_when_the_time_is_up(together: CouponTemplate) -> None:
    group = begin(together)
    join(group, hours=23)
    with pytest.raises(GroupClosed):
        join(group, hours=24)
    assert not Coupon.objects.exists()
    assert CouponTemplate.objects.get().issued == 0


def test_the_limit_counts_groups_that_are_still_open(together: CouponTemplate) -> None:
    member = MemberFactory.create()
    group = begin(together, member)
    with pytest.raises(LimitReached):
        begin(together, member, key="other")
    with pytest.raises(LimitReached):
        join(begin(together), member)
    later = NOON + timedelta(hours=24)
    again = open_group(template=together, member=member, key="later", now=later)
    assert again != group


def test_the_last_place_needs_stock_for_all(together: CouponTemplate) -> None:
    CouponTemplate.objects.update(stock=2)
    group = begin(together)
    join(group)
    with pytest.raises(OutOfStock):
        join(group)
    group.refresh_from_db()
    assert (group.joined, group.is_complete) == (2, False)
    assert not Coupon.objects.exists()


def test_who_has_one_by_another_way_gets_no_second(together: CouponTemplate) -> None:
    first = MemberFactory.create()
    group = begin(together, first)
    coupon_for(first, together, key="by an operator")
    join(group)
    assert join(group).is_complete
    assert Coupon.objects.filter(member=first).count() == 1
    assert CouponTemplate.objects.get().issued == 3
    assert broken() == {}


def test_who_is_no_member_any_more_gets_none(together: CouponTemplate) -> None:
    gone = MemberFactory.create()
    group = begin(together, gone)
    Member.objects.filter(pk=gone.pk).update(status="closed")
    join(group)
    assert join(group).is_complete
    assert not Coupon.objects.filter(member=gone).exists()
    assert CouponTemplate.objects.get().issued == 2
    assert broken() == {}


@pytest.mark.parametrize("by", [lapse_groups, lambda: expire_codes(clock.today(), 0, 0)])
def test_members_are_told_once_that_a_group_did_not_fill(
    together: CouponTemplate, by: Callable[[], object]
) -> None:
    first, second, third = MemberFactory.create_batch(3)
    begun = clock.now() - 2 * DAY
    group = open_group(template=together, member=first, key="k", now=begun)
    join_group(group=group, member=second, now=begun)
    open_still = open_group(template=together, member=third, key="k", now=begun + 2 * DAY)
    by()
    by()
    told = Notice.objects.filter(kind="coupon_group").order_by("member")
    assert [notice.member for notice in told] == [first, second]
    assert told[0].params == {"name_en": "Ten off", "name_zh": "立减十元", "joined": 2, "size": 3}
    assert group_words(told[0].params).title == "Your group did not fill: Ten off"
    with override("zh-hans"):
        text = group_words(told[0].params)
    assert text.title == "拼团未成：立减十元"
    assert text.body == "截止时只有 2 人参团（需 3 人），因此没有发券。您可以重新发起拼团。"
    group.refresh_from_db()
    open_still.refresh_from_db()
    assert (group.lapsed_at is None, open_still.lapsed_at) == (False, None)
    with pytest.raises(GroupClosed):
        join_group(group=group, member=third, now=begun)


def test_a_full_group_does_not_lapse(together: CouponTemplate) -> None:
    group = begin(together)
    join(group)
    join(group)
    assert not lapse_group(group=group, now=NOON + 2 * DAY)
    assert not Notice.objects.filter(kind="coupon_group").exists()


def test_a_group_opens_when_its_members_may_claim(tiers: list[Tier]) -> None:
    template = offer("group", group_size=2, group_hours=1)
    window(template, tiers[0], NOON + timedelta(hours=1))
    with pytest.raises(CouponNotStarted):
        begin(template)


def test_an_offer_is_for_groups_or_for_one(together: CouponTemplate, tiers: list[Tier]) -> None:
    with pytest.raises(CouponNotFound):
        claim_coupon(template=together, member=MemberFactory.create(), key="k", now=NOON)
    alone = offer("alone")
    window(alone, tiers[0])
    with pytest.raises(CouponNotFound):
        begin(alone)
