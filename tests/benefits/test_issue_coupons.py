"""Coupons come to members: given, claimed, by a code; what they say is copied."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from benefits.errors import (
    CouponExpired,
    CouponNotFound,
    CouponVoided,
    LimitReached,
    OutOfStock,
    TemplateClosed,
    TooManyGuesses,
)
from benefits.models import Coupon, CouponCounter, CouponTemplate, GuessCounter
from benefits.services.batches import issue_next, promise_codes
from benefits.services.guesses import enter_code
from benefits.services.issuing import bind_code, claim_coupon, issue_coupon
from benefits.services.voiding import void_coupon
from common import clock
from loyalty.models import ProductCategory
from members.models import Member, Notice
from members.notices import told
from tests.factories import MemberFactory, StoreFactory
from tests.loyalty.programmes import local, spend_tiers

from .offers import NOON, coupon_for, offer, percent_offer, stand_on, window

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


def counted(template: CouponTemplate) -> int:
    return CouponTemplate.objects.get(pk=template.pk).issued


def bearer(template: CouponTemplate) -> Coupon:
    batch = promise_codes(template=template, count=1, key=f"b{template.issued}", now=NOON)
    issue_next(batch=batch, now=NOON)
    return Coupon.objects.get(batch=batch)


def test_copies_the_terms_of_its_issue(member: Member) -> None:
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    store = StoreFactory.create()
    template = percent_offer("12.50", ceiling=Decimal("50.00"), minimum_spend=Decimal("80.00"))
    template.categories.add(tea)
    template.stores.add(store)
    coupon = coupon_for(member, template)
    template.percent, template.name_en = Decimal("99"), "Other"
    template.save()
    template.categories.clear()
    coupon.refresh_from_db()
    assert (coupon.name_en, coupon.percent, coupon.ceiling) == ("Ten off", Decimal("12.50"), 50)
    assert coupon.conditions == {"categories": [tea.pk], "stores": [store.pk]}


@pytest.mark.parametrize(
    ("validity", "expires_at"),
    [
        ({"validity": "30D"}, local(2025, 4, 14)),
        ({"validity": "1M"}, local(2025, 4, 15)),
        ({"validity": "never"}, None),
        ({"ends_on": date(2025, 3, 14)}, local(2025, 3, 15)),
        ({"validity": "7D", "starts_on": date(2025, 3, 20)}, local(2025, 3, 28)),
    ],
)
def test_holds_for_its_validity(
    member: Member, validity: dict[str, object], expires_at: object
) -> None:
    coupon = coupon_for(member, offer(**validity))
    assert coupon.expires_at == expires_at
    starts_on = validity.get("starts_on")
    assert coupon.valid_from == (clock.start_of(starts_on) if starts_on else NOON)  # type: ignore[arg-type]


def test_is_told_to_its_member(member: Member) -> None:
    coupon_for(member)
    text = told(Notice.objects.get(member=member)).text
    assert text.title == "You have a new coupon"
    assert text.body == "“Ten off” is among your coupons. Its last valid day is Apr 13, 2025."


def test_one_key_gives_one_coupon(member: Member) -> None:
    template = offer(stock=5)
    first = coupon_for(member, template)
    assert coupon_for(member, template) == first
    assert (Coupon.objects.count(), counted(template)) == (1, 1)
    assert coupon_for(member, template, key="other") != first


def test_a_retry_succeeds_when_the_last_is_gone(member: Member) -> None:
    template = offer(stock=1)
    first = coupon_for(member, template)
    CouponTemplate.objects.update(is_active=False)
    assert coupon_for(member, template) == first


def test_stops_at_the_stock(member: Member) -> None:
    template = offer(stock=2)
    coupon_for(member, template, key="1")
    coupon_for(member, template, key="2")
    with pytest.raises(OutOfStock):
        coupon_for(member, template, key="3")
    assert (Coupon.objects.count(), counted(template)) == (2, 2)
    assert CouponCounter.objects.get().issued == 2


def test_stops_at_the_limit_per_member(member: Member) -> None:
    template = offer(per_member_limit=1)
    coupon_for(member, template)
    with pytest.raises(LimitReached) as refusal:
        coupon_for(member, template, key="2")
    assert str(refusal.value) == "Nobody gets more than 1 of this coupon."
    assert counted(template) == 1
    coupon_for(MemberFactory.create(), template)


def test_refuses_what_is_closed_or_over(member: Member) -> None:
    with pytest.raises(TemplateClosed):
        coupon_for(member, offer("closed", is_active=False))
    with pytest.raises(CouponExpired):
        coupon_for(member, offer("over", ends_on=NOON.date() - timedelta(days=1)))
    assert not Coupon.objects.exists()


def test_an_edit_of_the_offer_keeps_its_counter(member: Member) -> None:
    template = offer(stock=5)
    coupon_for(member, template)
    template.name_en = "Twelve off"
    template.save()
    assert counted(template) == 1


# --- Claims -----------------------------------------------------------------------------------


def test_higher_tiers_claim_earlier(member: Member) -> None:
    everyone, silver, *_ = spend_tiers()
    template = offer(stock=2)
    window(template, silver, NOON)
    window(template, everyone, NOON + timedelta(days=1))
    early = MemberFactory.create()
    stand_on(early, silver)
    claim = {"template": template, "key": "k"}
    assert claim_coupon(member=early, now=NOON, **claim).member == early  # type: ignore[arg-type]
    with pytest.raises(Exception, match="It begins on March 15, 2025"):
        claim_coupon(member=member, now=NOON, **claim)  # type: ignore[arg-type]
    later = NOON + timedelta(days=1)
    assert claim_coupon(member=member, now=later, **claim).member == member  # type: ignore[arg-type]


def test_claims_once_for_each_key(member: Member) -> None:
    everyone, *_ = spend_tiers()
    template = offer(per_member_limit=2)
    window(template, everyone)
    claims = [
        claim_coupon(template=template, member=member, key=key, now=NOON) for key in ("a", "a", "b")
    ]
    assert claims[0] == claims[1] != claims[2]
    with pytest.raises(LimitReached):
        claim_coupon(template=template, member=member, key="c", now=NOON)


# --- Codes ------------------------------------------------------------------------------------


def test_a_code_becomes_its_members_own(member: Member) -> None:
    coupon = bearer(offer())
    assert coupon.member is None
    assert bind_code(code=coupon.shown_code.lower(), member=member, now=NOON).member == member
    assert bind_code(code=coupon.code, member=member, now=NOON) == coupon
    with pytest.raises(CouponNotFound):
        bind_code(code=coupon.code, member=MemberFactory.create(), now=NOON)
    assert Coupon.objects.get().member == member


def test_codes_count_towards_the_limit(member: Member) -> None:
    template = offer(per_member_limit=1)
    coupon_for(member, template)
    coupon = bearer(CouponTemplate.objects.get())
    with pytest.raises(LimitReached):
        bind_code(code=coupon.code, member=member, now=NOON)
    coupon.refresh_from_db()
    assert coupon.member is None


def test_refuses_codes_that_are_no_more(member: Member) -> None:
    voided, expired = bearer(offer("v")), bearer(offer("e", ends_on=NOON.date()))
    void_coupon(coupon=voided, reason="Leaked", now=NOON)
    with pytest.raises(CouponVoided):
        bind_code(code=voided.code, member=member, now=NOON)
    with pytest.raises(CouponExpired):
        bind_code(code=expired.code, member=member, now=NOON + timedelta(days=1))


def guess(member: Member, address: str | None = "203.0.113.9", code: str = "nonsense") -> None:
    with pytest.raises(CouponNotFound):
        enter_code(code=code, member=member, address=address, now=NOON)


def test_guessing_is_stopped_per_member(member: Member, settings: object) -> None:
    settings.COUPON_GUESSES_MEMBER = 3  # type: ignore[attr-defined]
    coupon = bearer(offer())
    for _try in range(3):
        guess(member)
    with pytest.raises(TooManyGuesses):
        enter_code(code=coupon.code, member=member, address="198.51.100.1", now=NOON)
    later = NOON + timedelta(minutes=15)
    assert enter_code(code=coupon.code, member=member, address=None, now=later) == coupon


def test_guessing_is_stopped_per_address(settings: object) -> None:
    settings.COUPON_GUESSES_ADDRESS = 3  # type: ignore[attr-defined]
    for _try in range(3):
        guess(MemberFactory.create())
    with pytest.raises(TooManyGuesses):
        enter_code(code="x", member=MemberFactory.create(), address="203.0.113.9", now=NOON)
    guess(MemberFactory.create(), address="198.51.100.1")


def test_right_codes_are_no_guesses(member: Member, settings: object) -> None:
    settings.COUPON_GUESSES_MEMBER = 2  # type: ignore[attr-defined]
    for _try in range(3):
        coupon = bearer(offer(f"o{_try}"))
        enter_code(code=coupon.code, member=member, address="203.0.113.9", now=NOON)
    assert set(GuessCounter.objects.values_list("tries", flat=True)) == {0}
    guess(member, code=coupon_for().code)
    assert GuessCounter.objects.get(guesser=f"member:{member.pk}").tries == 1


def test_a_clash_of_codes_is_tried_again(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = coupon_for(MemberFactory.create(), offer("a"))
    drawn = iter([taken.code, taken.code, "234567892222"])
    monkeypatch.setattr("benefits.services.issuing.new_code", lambda: next(drawn))
    assert coupon_for(member, offer("b")).code == "234567892222"


def test_gives_up_where_every_code_is_taken(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = coupon_for(MemberFactory.create(), offer("a"))
    monkeypatch.setattr("benefits.services.issuing.new_code", lambda: taken.code)
    template = offer("b")
    with pytest.raises(IntegrityError):
        issue_coupon(template=template, member=member, key="k", now=NOON)
    assert counted(template) == 0
