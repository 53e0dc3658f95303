"""Many coupons at once: promised whole, written in ranges, nothing half done."""

import pytest
from django.db.models import Count

from benefits import jobs
from benefits.errors import (
    BatchUnfinished,
    CountNotPositive,
    MembersAtLimit,
    MembersUnknown,
    NobodyNamed,
    OutOfStock,
)
from benefits.models import Coupon, CouponBatch, CouponCounter, CouponTemplate
from benefits.rules.codes import is_code
from benefits.services import batches
from benefits.services.batches import issue_next, members_of, promise_codes, promise_coupons
from benefits.services.voiding import void_batch
from loyalty.models import ProductCategory
from members.models import Member, Notice
from tests.factories import MemberFactory
from tests.loyalty.tampering import broken

from .offers import NOON, coupon_for, offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def _small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "RANGE", 4)


def finish(batch: CouponBatch) -> CouponBatch:
    jobs.issue_batches()
    batch.refresh_from_db()
    return batch


@pytest.mark.usefixtures("_small_ranges")
def test_codes_are_written_in_ranges() -> None:
    template = offer(stock=20)
    batch = promise_codes(template=template, count=10, key="b", now=NOON)
    assert CouponTemplate.objects.get().issued == 10
    assert broken() == {}
    progress = []
    while not batch.is_done:
        batch = issue_next(batch=batch, now=NOON)
        progress.append(batch.done)
        assert broken() == {}
    assert progress == [4, 8, 10]
    codes = set(Coupon.objects.values_list("code", flat=True))
    assert len(codes) == 10
    assert all(map(is_code, codes))
    assert issue_next(batch=batch, now=NOON).done == 10
    assert Coupon.objects.count() == 10


def test_a_coupon_of_a_batch_equals_one_that_was_issued_alone() -> None:
    template = offer(thing_en="A cup", minimum_spend="5.00")
    template.categories.add(ProductCategory.objects.create(code="tea", name_en="Tea"))
    one, other = MemberFactory.create_batch(2)
    alone = coupon_for(one, template)
    batch = promise_coupons(template=template, members=[other], key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    listed = Coupon.objects.get(member=other)
    own = {"id", "member", "code", "batch", "key"}
    names = [field.name for field in Coupon._meta.concrete_fields if field.name not in own]
    alone.refresh_from_db()
    assert {name: getattr(listed, name) for name in names} == {
        name: getattr(alone, name) for name in names
    }
    notices = Notice.objects.order_by("pk").values("kind", "params", "business_date", "created_at")
    assert notices[0] == notices[1]
    assert Notice.objects.get(member=other).key == f"coupon:{listed.pk}"


@pytest.mark.usefixtures("_small_ranges")
def test_members_get_one_each() -> None:
    members = MemberFactory.create_batch(6)
    template = offer(per_member_limit=1)
    batch = promise_coupons(template=template, members=members, key="b", now=NOON)
    assert finish(batch).done == 6
    given = Coupon.objects.values("member").annotate(count=Count("pk"))
    assert {row["member"]: row["count"] for row in given} == {member.pk: 1 for member in members}
    assert Notice.objects.count() == 6
    assert broken() == {}


def test_one_key_makes_one_batch() -> None:
    template, members = offer(), MemberFactory.create_batch(2)
    first = promise_coupons(template=template, members=members, key="b", now=NOON)
    assert promise_coupons(template=template, members=members, key="b", now=NOON) == first
    codes = promise_codes(template=template, count=3, key="c", now=NOON)
    assert promise_codes(template=template, count=3, key="c", now=NOON) == codes
    assert CouponTemplate.objects.get().issued == 5


def refused(error: type[Exception], **asked: object) -> str:
    with pytest.raises(error) as refusal:
        promise_coupons(template=CouponTemplate.objects.get(), key="b", now=NOON, **asked)  # type: ignore[arg-type]
    assert CouponBatch.objects.count() == 0
    return str(refusal.value)


def test_a_member_at_the_limit_refuses_all() -> None:
    full, other = MemberFactory.create_batch(2)
    coupon_for(full, offer(per_member_limit=1))
    text = refused(MembersAtLimit, members=[other, full])
    assert text == (
        f"Nothing was issued: 1 of these members have as many as they may: {full.card_number}."
    )
    assert CouponTemplate.objects.get().issued == 1
    assert CouponCounter.objects.filter(member=other, issued__gt=0).count() == 0


def test_more_than_the_stock_refuses_all() -> None:
    offer(stock=1)
    refused(OutOfStock, members=MemberFactory.create_batch(2))
    assert CouponCounter.objects.filter(issued__gt=0).count() == 0
    with pytest.raises(OutOfStock):
        promise_codes(template=CouponTemplate.objects.get(), count=2, key="b", now=NOON)


def test_nobody_is_refused() -> None:
    offer()
    refused(NobodyNamed, members=[])


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_no_codes_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(CountNotPositive):
        promise_codes(template=offer(), count=count, key="b", now=NOON)


def test_unknown_numbers_are_named_and_refuse_all() -> None:
    members: list[Member] = MemberFactory.create_batch(2)
    numbers = [member.card_number for member in members]
    assert members_of([*numbers, numbers[0]]) == members
    with pytest.raises(MembersUnknown) as refusal:
        members_of([*numbers, "1234", "5678"])
    assert str(refusal.value) == ("Nothing was issued: 2 numbers belong to no member: 1234, 5678.")
    many = [f"{number}" for number in range(12)]
    with pytest.raises(MembersUnknown, match=r"12 numbers.*: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 …"):
        members_of(many)


@pytest.mark.usefixtures("_small_ranges")
def test_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = promise_codes(template=offer(), count=10, key="b", now=NOON)
    batch = issue_next(batch=batch, now=NOON)
    stale = CouponBatch.objects.get()
    issue_next(batch=batch, now=NOON)
    assert issue_next(batch=stale, now=NOON).done == 10
    assert Coupon.objects.count() == 10


def test_one_batch_that_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bad = promise_codes(template=offer("bad"), count=1, key="b", now=NOON)
    good = promise_codes(template=offer("good"), count=1, key="b", now=NOON)
    # A template that was damaged afterwards: its coupons could not be written.
    CouponTemplate.objects.filter(code="bad").update(name_en="Bad", validity="nonsense")
    assert jobs.issue_batches() == 1
    assert finish(good).is_done
    assert not finish(bad).is_done
    assert f"Coupon batch {bad.pk} could not go on." in caplog.text


@pytest.mark.usefixtures("_small_ranges")
def test_a_batch_is_withdrawn_when_all_of_it_is_there() -> None:
    batch = issue_next(batch=promise_codes(template=offer(), count=5, key="b", now=NOON), now=NOON)
    with pytest.raises(BatchUnfinished):
        void_batch(batch=batch, reason="Leaked", now=NOON)
    assert not Coupon.objects.filter(status="voided").exists()
    assert void_batch(batch=issue_next(batch=batch, now=NOON), reason="Leaked", now=NOON) == 5


def test_a_batch_is_withdrawn_but_for_what_was_used() -> None:
    batch = promise_codes(template=offer(), count=3, key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    Coupon.objects.filter(pk=Coupon.objects.first().pk).update(status="expired")  # type: ignore[union-attr]
    assert void_batch(batch=batch, reason="Leaked", now=NOON) == 2
    assert void_batch(batch=batch, reason="Leaked", now=NOON) == 0
    assert sorted(Coupon.objects.values_list("status", flat=True)) == [
        "expired",
        "voided",
        "voided",
    ]
