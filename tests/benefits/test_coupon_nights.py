"""What a night does to coupons: gives back, expires, tells; at the cutoff, once, late as well."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from benefits.jobs import (
    expire_codes,
    expire_coupons,
    give_back_coupons,
    notify_expiring_coupons,
)
from benefits.models import Coupon, CouponUse, GuessCounter
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.guesses import count_guess
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member, Notice
from members.notices import told
from tests.factories import MemberFactory
from tests.loyalty.programmes import local, plain_programme
from tests.loyalty.tampering import broken

from .offers import NOON, basket, coupon_for, offer

pytestmark = pytest.mark.django_db

LAST = date(2025, 3, 20)
EVERYONE = (1, 10**9)


@pytest.fixture
def member() -> Member:
    return MemberFactory.create()


def night(on: date, step: object = expire_coupons) -> dict[str, int]:
    return step(on, *EVERYONE)  # type: ignore[operator, no-any-return]


def reserve(member: Member, coupon: Coupon, now: datetime = NOON) -> None:
    reserve_coupons(
        member=member, codes=[coupon.code], basket=basket("90.00"), checkout_key="c", now=now
    )


@pytest.mark.parametrize(("on", "expired"), [(LAST, 0), (LAST + timedelta(days=1), 1)])
def test_expires_coupons_after_their_last_day(member: Member, on: date, expired: int) -> None:
    coupon_for(member, offer(ends_on=LAST))
    coupon_for(member, offer("for-ever", validity="never"))
    assert night(on) == {"released": 0, "coupons": expired}
    assert night(on) == {"released": 0, "coupons": 0}
    assert Coupon.objects.filter(status="expired").count() == expired


def test_a_late_night_expires_what_is_long_over(member: Member) -> None:
    coupon_for(member, offer(ends_on=LAST))
    assert night(date(2025, 6, 1)) == {"released": 0, "coupons": 1}


def test_only_members_of_the_range_are_touched(member: Member) -> None:
    coupon_for(member, offer(ends_on=LAST))
    later = LAST + timedelta(days=1)
    assert expire_coupons(later, member.pk + 1, member.pk + 9)["coupons"] == 0
    assert expire_coupons(later, member.pk, member.pk)["coupons"] == 1


def test_lets_go_of_reservations_whose_time_was_up(member: Member) -> None:
    coupon = coupon_for(member, offer(ends_on=LAST))
    reserve(member, coupon)
    assert night(date(2025, 3, 15)) == {"released": 1, "coupons": 0}
    coupon.refresh_from_db()
    assert (coupon.status, coupon.checkout_key) == ("issued", "")


def test_leaves_what_a_checkout_holds_over_midnight(member: Member) -> None:
    coupon = coupon_for(member, offer(ends_on=LAST))
    reserve(member, coupon, now=local(2025, 3, 20, 23, 50))
    assert night(date(2025, 3, 21)) == {"released": 0, "coupons": 0}
    assert night(date(2025, 3, 22)) == {"released": 1, "coupons": 1}


def test_codes_that_nobody_holds_expire_in_a_step_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benefits.jobs.ROWS", 2)
    batch = promise_codes(template=offer(ends_on=LAST), count=3, key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    count_guess(guesser="member:1", window=0, most=5)
    later = LAST + timedelta(days=1)
    assert night(later)["coupons"] == 0
    assert expire_codes(later, 0, 0) == {"coupons": 3}
    assert not GuessCounter.objects.exists()
    assert broken() == {}


def bought_and_refunded(member: Member, refunded: str, *, ends_on: date = LAST) -> Coupon:
    plain_programme()
    coupon = coupon_for(member, offer(ends_on=ends_on))
    reserve(member, coupon)
    facts = {"source": "till", "at": NOON, "now": NOON}
    purchase = record_purchase(
        external_id="P",
        amount=Decimal("80.00"),
        member=member,
        **facts,  # type: ignore[arg-type]
    )
    use_coupons(member=member, checkout_key="c", purchase=purchase, now=NOON)
    record_refund(external_id="R", amount=Decimal(refunded), purchase=purchase, **facts)  # type: ignore[arg-type]
    return coupon


@pytest.mark.parametrize(("refunded", "coupons"), [("79.99", 0), ("80.00", 1)])
def test_answers_whole_refunds_once(
    member: Member, time_machine: object, refunded: str, coupons: int
) -> None:
    time_machine.move_to(local(2025, 3, 15, 1), tick=False)  # type: ignore[attr-defined]
    bought_and_refunded(member, refunded)
    assert night(date(2025, 3, 14), give_back_coupons) == {"coupons": 0}
    assert night(date(2025, 3, 15), give_back_coupons) == {"coupons": coupons}
    assert night(date(2025, 3, 15), give_back_coupons) == {"coupons": 0}
    assert CouponUse.objects.standing().count() == 1 - coupons
    assert broken() == {}


def test_tells_of_coupons_that_end_soon(member: Member) -> None:
    coupon_for(member, offer(ends_on=LAST))
    coupon_for(member, offer("other", ends_on=LAST, name_en="Tea for two"))
    coupon_for(member, offer("later", ends_on=LAST + timedelta(days=40)))
    Notice.objects.all().delete()
    told_on = {
        LAST - timedelta(days=left): night(LAST - timedelta(days=left), notify_expiring_coupons)
        for left in range(9, -2, -1)
    }
    nights = [on for on, counts in told_on.items() if counts["notices"]]
    assert nights == [LAST - timedelta(days=6), LAST]
    text = told(Notice.objects.earliest("pk")).text
    assert text.title == "2 coupons expire soon"
    assert text.body == "“Tea for two” and others: the last valid day is Mar 20, 2025." or (
        text.body == "“Ten off” and others: the last valid day is Mar 20, 2025."
    )
    assert Notice.objects.count() == 2


def test_is_silent_of_what_is_used(member: Member) -> None:
    coupon = coupon_for(member, offer(ends_on=LAST))
    reserve(member, coupon)
    use_coupons(member=member, checkout_key="c", now=NOON)
    assert night(LAST, notify_expiring_coupons) == {"notices": 0}
