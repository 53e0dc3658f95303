"""Every reason for which a coupon does not apply, one test each, and what each says."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from benefits.errors import CouponRefusal
from benefits.models import Coupon, CouponTemplate
from benefits.rules import Basket, BasketLine
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.issuing import claim_coupon, issue_coupon
from benefits.services.quotes import quote_purchase
from benefits.services.voiding import void_coupon
from benefits.wallet import offers_for
from loyalty.models import Channel, ProductCategory
from loyalty.services.overrides import grant_override
from members.models import Member, Segment
from members.services import add_to_segment
from tests.factories import MemberFactory, StoreFactory
from tests.loyalty.programmes import local, spend_tiers

from .offers import NOON, basket, coupon_for, offer, stand_on, window

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


def reasons(member: Member, *coupons: Coupon, **asked: Any) -> list[str]:
    details = {"basket": basket("100.00"), "now": NOON} | asked
    quote = quote_purchase(member=member, codes=[coupon.code for coupon in coupons], **details)
    return [quoted.reason for quoted in quote.coupons]


def limited(sort: str, thing: Any, **terms: Any) -> CouponTemplate:
    template = offer(**terms)
    getattr(template, sort).add(thing)
    return template


def test_applies(member: Member) -> None:
    assert reasons(member, coupon_for(member)) == [""]


def test_not_found(member: Member) -> None:
    for code in ("", "2222-2222-2222", "nonsense", "二" * 12, "\x00"):
        quote = quote_purchase(member=member, codes=[code], basket=basket("1.00"), now=NOON)
        assert [quoted.reason for quoted in quote.coupons] == ["not_found"]


def test_another_members_coupon_is_not_found(member: Member) -> None:
    assert reasons(member, coupon_for()) == ["not_found"]


def test_wrong_member_at_a_till(member: Member) -> None:
    assert reasons(member, coupon_for(), is_till=True) == ["wrong_member"]


def test_not_started(member: Member) -> None:
    coupon = coupon_for(member, offer(starts_on=NOON.date() + timedelta(days=1)))
    assert reasons(member, coupon, now=local(2025, 3, 14, 23, 59)) == ["not_started"]
    assert reasons(member, coupon, now=local(2025, 3, 15)) == [""]


def test_expired(member: Member) -> None:
    coupon = coupon_for(member, offer(ends_on=NOON.date()))
    assert reasons(member, coupon, now=local(2025, 3, 14, 23, 59)) == [""]
    assert reasons(member, coupon, now=local(2025, 3, 15)) == ["expired"]


def test_already_used(member: Member) -> None:
    coupon = coupon_for(member)
    hold(member, coupon)
    use_coupons(member=member, checkout_key="c1", now=NOON)
    assert reasons(member, coupon) == ["already_used"]


def hold(member: Member, coupon: Coupon) -> None:
    reserve_coupons(
        member=member, codes=[coupon.code], basket=basket("100.00"), checkout_key="c1", now=NOON
    )


def test_reserved(member: Member) -> None:
    coupon = coupon_for(member)
    hold(member, coupon)
    assert reasons(member, coupon, checkout_key="c2") == ["reserved"]
    assert reasons(member, coupon, checkout_key="c1") == [""]
    until = NOON + timedelta(minutes=15)
    assert reasons(member, coupon, now=until - timedelta(seconds=1)) == ["reserved"]
    assert reasons(member, coupon, now=until) == [""]


def test_tier_not_eligible(member: Member) -> None:
    everyone, silver, *_ = spend_tiers()
    coupon = coupon_for(member, limited("tiers", silver))
    assert reasons(member, coupon) == ["tier_not_eligible"]
    stand_on(member, silver)
    assert reasons(member, coupon) == [""]
    assert everyone.rank == 0


def test_segment_not_eligible(member: Member) -> None:
    segment = Segment.objects.create(code="tasters", name_en="Tasters")
    coupon = coupon_for(member, limited("segments", segment))
    assert reasons(member, coupon) == ["segment_not_eligible"]
    add_to_segment(segment=segment, cards=[member.card_number], on=NOON.date())
    assert reasons(member, coupon) == [""]


@pytest.mark.parametrize(
    ("amount", "reason"), [("99.99", "minimum_spend"), ("100.00", ""), ("100.01", "")]
)
def test_minimum_spend(member: Member, amount: str, reason: str) -> None:
    coupon = coupon_for(member, offer(minimum_spend=Decimal("100.00")))
    assert reasons(member, coupon, basket=basket(amount)) == [reason]


def test_minimum_spend_counts_eligible_goods_only(member: Member) -> None:
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    coupon = coupon_for(member, limited("categories", tea, minimum_spend=Decimal("50.00")))
    lines = (BasketLine("1", Decimal("49.99"), tea.pk), BasketLine("2", Decimal("500.00")))
    assert reasons(member, coupon, basket=Basket(lines)) == ["minimum_spend"]


def test_category(member: Member) -> None:
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    coupon = coupon_for(member, limited("categories", tea))
    assert reasons(member, coupon) == ["category"]
    assert reasons(member, coupon, basket=Basket((BasketLine("1", Decimal(1), tea.pk),))) == [""]


def test_store(member: Member) -> None:
    store, other = StoreFactory.create_batch(2)
    coupon = coupon_for(member, limited("stores", store))
    assert reasons(member, coupon) == ["store"]
    assert reasons(member, coupon, basket=basket("1.00", store=other.pk)) == ["store"]
    assert reasons(member, coupon, basket=basket("1.00", store=store.pk)) == [""]


def test_channel(member: Member) -> None:
    app = Channel.objects.create(code="app", name_en="App")
    coupon = coupon_for(member, limited("channels", app))
    assert reasons(member, coupon) == ["channel"]
    assert reasons(member, coupon, basket=basket("1.00", channel=app.pk)) == [""]


def test_limit_reached(member: Member) -> None:
    template = offer(per_member_limit=1)
    coupon_for(member, template)
    code = codes(template, 1)[0]
    assert reasons(member, code) == ["limit_reached"]
    assert reasons(MemberFactory.create(), code) == [""]


def codes(template: CouponTemplate, count: int) -> list[Coupon]:
    """Coupons that nobody holds."""
    batch = promise_codes(template=template, count=count, key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    return list(Coupon.objects.filter(batch=batch))


def test_out_of_stock(member: Member) -> None:
    template = offer(stock=1)
    coupon_for(MemberFactory.create(), template)
    with pytest.raises(CouponRefusal) as refusal:
        issue_coupon(template=template, member=member, key="k", now=NOON)
    assert refusal.value.code == "out_of_stock"
    assert not member.coupons.exists()


def test_not_stackable(member: Member) -> None:
    coupons = [coupon_for(member, offer(f"c{n}", is_stackable=False)) for n in range(2)]
    assert reasons(member, *coupons) == ["", "not_stackable"]
    grouped = [coupon_for(member, offer(f"g{n}", exclusive_group="brand")) for n in range(2)]
    assert reasons(member, *grouped) == ["", "not_stackable"]


def test_voided(member: Member) -> None:
    coupon = coupon_for(member)
    void_coupon(coupon=coupon, reason="Printed by mistake", now=NOON)
    assert reasons(member, coupon) == ["voided"]


def refusal_to_claim(template: CouponTemplate, member: Member) -> str:
    with pytest.raises(CouponRefusal) as refusal:
        claim_coupon(template=template, member=member, key="k", now=NOON)
    assert not Coupon.objects.exists()
    assert CouponTemplate.objects.get().issued == 0
    return refusal.value.code


def test_a_tier_for_a_while_opens_what_is_for_its_members(member: Member) -> None:
    everyone, silver, *_ = spend_tiers()
    template = limited("tiers", silver)
    window(template, everyone)
    coupon = coupon_for(member, template, now=NOON)
    grant_override(
        member=member,
        kind="trial",
        tier=silver,
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=1),
        reason="Try",
        key="k",
        now=NOON,
    )
    assert reasons(member, coupon) == [""]
    assert claim_coupon(template=template, member=member, key="c", now=NOON)
    assert [offer.is_open for offer in offers_for(member, NOON)] == [True]
    later = NOON + timedelta(hours=1)
    assert reasons(member, coupon, now=later) == ["tier_not_eligible"]
    assert offers_for(member, later) == []


@pytest.mark.parametrize(
    ("reason", "windows"),
    [
        ("not_found", {}),
        ("tier_not_eligible", {1: (NOON, None)}),
        ("not_started", {0: (NOON + timedelta(seconds=1), None), 1: (NOON, None)}),
        ("expired", {0: (NOON - timedelta(days=2), NOON)}),
    ],
)
def test_a_claim_is_refused(member: Member, reason: str, windows: dict[int, Any]) -> None:
    tiers = spend_tiers()
    template = offer()
    for rank, times in windows.items():
        window(template, tiers[rank], *times)
    assert refusal_to_claim(template, member) == reason


def test_a_claim_is_refused_for_a_coupon_that_would_not_apply(member: Member) -> None:
    everyone, silver, *_ = spend_tiers()
    template = limited("tiers", silver)
    window(template, everyone)
    assert refusal_to_claim(template, member) == "tier_not_eligible"


REASONS = {
    "not_found",
    "not_started",
    "expired",
    "already_used",
    "reserved",
    "wrong_member",
    "tier_not_eligible",
    "minimum_spend",
    "category",
    "store",
    "channel",
    "limit_reached",
    "out_of_stock",
    "not_stackable",
    "segment_not_eligible",
    "voided",
}
DETAILS = {
    "starts_on": NOON.date(),
    "last_day": NOON.date(),
    "until": NOON,
    "minimum": Decimal("100.00"),
    "eligible": Decimal("99.99"),
    "limit": 1,
}


def test_each_reason_has_one_refusal() -> None:
    assert {refusal.code for refusal in CouponRefusal.__subclasses__()} == REASONS
    assert len(CouponRefusal.__subclasses__()) == len(REASONS)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_reason_is_told_in_words(language: str) -> None:
    with override(language):
        sentences: list[str] = [str(make()) for make in _refusals()]
    assert len(set(sentences)) == len(REASONS)
    assert not any("%(" in sentence for sentence in sentences)
    if language != "en":
        assert not any(sentence.isascii() for sentence in sentences)


def _refusals() -> list[Callable[[], CouponRefusal]]:
    return [lambda made=made: made(**DETAILS) for made in CouponRefusal.__subclasses__()]  # type: ignore[misc]
