"""Coupons that several connections want at once, on PostgreSQL.

Every race has a control that takes its guards out and shows the books broken: else a race that
nobody runs would pass as well.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, models

from benefits.errors import (
    CouponRefusal,
    GroupClosed,
    LimitReached,
    NotReserved,
    OutOfStock,
)
from benefits.models import Coupon, CouponCounter, CouponTemplate, CouponUse, GuessCounter
from benefits.models.coupons import CouponQuerySet
from benefits.models.guesses import GuessCounterQuerySet
from benefits.models.templates import CouponCounterQuerySet, CouponTemplateQuerySet
from benefits.services import checkout, guesses
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import release_coupons, reserve_coupons, use_coupons
from benefits.services.issuing import issue_coupon
from benefits.services.sharing import join_group, open_group, share_coupon, take_shared
from common.append_only import drop_triggers
from common.proof import configured_checks, prove
from loyalty.models import Tier
from members.models import Member
from tests.benefits.offers import basket, offer, window
from tests.factories import MemberFactory

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 50
ROUNDS = 3
# Without the guards a collision is likely, not certain: a control tries this often.
ATTEMPTS = 30
NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)

CONSTRAINTS: list[tuple[type[models.Model], str]] = [
    (CouponTemplate, "coupontemplate_within_stock"),
    (CouponUse, "couponuse_once"),
    (CouponUse, "couponuse_once_per_checkout"),
    (Coupon, "coupon_key_once"),
    (Coupon, "coupon_reserved_for_a_checkout"),
]


def unlocked(rows: Any) -> Any:
    return rows.order_by("pk")


def take_stock(rows: CouponTemplateQuerySet, count: int) -> bool:
    template = rows.get()
    if template.stock is None:
        # Its row would be a lock on everything after it.
        return True
    if template.issued + count > template.stock:
        return False
    return CouponTemplate.objects.filter(pk=template.pk).update(issued=template.issued + 1) == 1


def count_up(rows: CouponCounterQuerySet, *, most: int | None) -> int:
    counter = rows.get()
    if most is not None and counter.issued >= most:
        return 0
    return CouponCounter.objects.filter(pk=counter.pk).update(issued=counter.issued + 1)


def try_again(rows: GuessCounterQuerySet, *, most: int) -> bool:
    counter = rows.get()
    if counter.tries >= most:
        return False
    return GuessCounter.objects.filter(pk=counter.pk).update(tries=counter.tries + 1) == 1


def anyhow(rows: CouponQuerySet, *_asked: Any, **_also: Any) -> CouponQuerySet:
    return rows


@pytest.fixture
def unguarded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is scarce is read, then written; no row is locked and no constraint stands behind."""

    monkeypatch.setattr(CouponTemplateQuerySet, "locked", unlocked)
    monkeypatch.setattr(CouponQuerySet, "locked", unlocked)
    monkeypatch.setattr(CouponTemplateQuerySet, "take_stock", take_stock)
    monkeypatch.setattr(CouponCounterQuerySet, "count_up", count_up)
    monkeypatch.setattr(GuessCounterQuerySet, "count_up", try_again)
    monkeypatch.setattr(CouponQuerySet, "free", anyhow)
    monkeypatch.setattr(checkout, "_lock_member", lambda member: None)
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.remove_constraint(model, constraint(model, name))
    yield
    # What the race has broken must go before the constraints can come back; the flush after the
    # test puts the triggers back.
    drop_triggers(connection)
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE benefits_coupontemplate, benefits_guesscounter CASCADE")
    with connection.schema_editor() as editor:
        for model, name in CONSTRAINTS:
            editor.add_constraint(model, constraint(model, name))


def constraint(model: type[models.Model], name: str) -> models.BaseConstraint:
    return next(found for found in model._meta.constraints if found.name == name)


def broken() -> set[str]:
    """The statements of the proof that do not hold."""
    return {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean}


def breaks(race: Callable[[], bool]) -> bool:
    """Run a race without its guards until it goes wrong."""
    return any(not race() for _attempt in range(ATTEMPTS))


def new_offer(**terms: Any) -> CouponTemplate:
    return offer(f"offer-{CouponTemplate.objects.count()}", **terms)


def given(template: CouponTemplate, member: Member, key: str = "k") -> Coupon:
    return issue_coupon(template=template, member=member, key=key, now=NOON)


# --- The last coupon, and one member's last -----------------------------------------------------


def take_the_last() -> bool:
    template = new_offer(stock=1)
    members = MemberFactory.create_batch(THREADS)
    take = [outcome(partial(given, template, member), OutOfStock) for member in members]
    told = all_at_once(take)
    return told.count("done") == 1 and template.coupons.count() == 1


def take_ones_last() -> bool:
    template, member = new_offer(per_member_limit=1), MemberFactory.create()
    # Else the first insert of the counter would hold up the others.
    CouponCounter.objects.open_for(template, [member.pk])
    keys = [f"k{number}" for number in range(THREADS)]
    take = [outcome(partial(given, template, member, key), LimitReached) for key in keys]
    told = all_at_once(take)
    return told.count("done") == 1 and template.coupons.count() == 1


def issue_by_one_key() -> bool:
    template, member = new_offer(), MemberFactory.create()
    coupons = all_at_once([partial(given, template, member)] * THREADS)
    return len({coupon.pk for coupon in coupons}) == 1 and template.coupons.count() == 1


def take_a_friends_last() -> bool:
    """Two places for friends: fifty want one, each tapping twice."""
    source = given(new_offer(friend_template=new_offer(), friends_per_coupon=2), friend())
    share = share_coupon(coupon=source, now=NOON)
    takes = [
        outcome(partial(take_shared, code=share.code, member=member, now=NOON), OutOfStock)
        for member in MemberFactory.create_batch(THREADS // 2)
    ]
    all_at_once(takes * 2)
    return source.shared.count() == 2


def friend() -> Member:
    return MemberFactory.create()


def fill_a_group() -> bool:
    """Three places: the first three of fifty have one, and each of them a coupon."""
    template = new_offer(group_size=3, group_hours=1)
    lowest, _made = Tier.objects.get_or_create(code="all", defaults={"rank": 0, "name_en": "All"})
    window(template, lowest, NOON)
    group = open_group(template=template, member=friend(), key="k", now=NOON)
    joins = [
        outcome(partial(join_group, group=group, member=member, now=NOON), GroupClosed)
        for member in MemberFactory.create_batch(THREADS)
    ]
    told = all_at_once(joins)
    return told.count("done") == 2 and template.coupons.count() == 3


GIVEN_OUT = [
    take_the_last,
    take_ones_last,
    issue_by_one_key,
    take_a_friends_last,
    fill_a_group,
]


@pytest.mark.parametrize("race", GIVEN_OUT)
def test_no_more_are_given_than_there_are(race: Callable[[], bool]) -> None:
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize("race", [take_the_last, take_ones_last, issue_by_one_key])
def test_more_are_given_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    assert breaks(race)


# --- One coupon in five checkouts ---------------------------------------------------------------


def hold(member: Member, coupon: Coupon, key: str, now: datetime = NOON) -> Any:
    return reserve_coupons(
        member=member, codes=[coupon.code], basket=basket("90.00"), checkout_key=key, now=now
    )


def pay(member: Member, coupon: Coupon, key: str) -> None:
    hold(member, coupon, key)
    use_coupons(member=member, checkout_key=key, now=NOON)


def pay_in_many_checkouts(checkouts: int = 5) -> bool:
    member = MemberFactory.create()
    coupon = given(new_offer(), member)
    keys = [f"c{number}" for number in range(checkouts)]
    told = all_at_once(
        [outcome(partial(pay, member, coupon, key), CouponRefusal, NotReserved) for key in keys]
    )
    return told.count("done") == 1 and coupon.uses.count() == 1


def pay_in_fifty_checkouts() -> bool:
    return pay_in_many_checkouts(THREADS)


def pay_one_checkout_often() -> bool:
    """The same checkout said fifty times has one effect, and every one of them succeeds."""
    member = MemberFactory.create()
    coupon = given(new_offer(), member)
    pay_it = outcome(partial(pay, member, coupon, "c"), CouponRefusal, NotReserved)
    told = all_at_once([pay_it] * THREADS)
    return told == ["done"] * THREADS and coupon.uses.count() == 1


def take_a_code_that_nobody_holds() -> bool:
    batch = promise_codes(template=new_offer(), count=1, key="b", now=NOON)
    issue_next(batch=batch, now=NOON)
    coupon = batch.coupons.get()
    members = MemberFactory.create_batch(10)
    told = all_at_once(
        [outcome(partial(pay, member, coupon, "c"), CouponRefusal) for member in members]
    )
    return told.count("done") == 1 and coupon.uses.count() == 1


PAID = [
    pay_in_many_checkouts,
    pay_in_fifty_checkouts,
    pay_one_checkout_often,
    take_a_code_that_nobody_holds,
]


@pytest.mark.parametrize("race", PAID)
def test_a_coupon_is_used_once(race: Callable[[], bool]) -> None:
    assert all(race() for _round in range(ROUNDS))
    assert broken() == set()


@pytest.mark.parametrize("race", [pay_in_many_checkouts, pay_one_checkout_often])
def test_a_coupon_is_used_twice_without_guards(unguarded: None, race: Callable[[], bool]) -> None:
    assert any(not race() and "I17" in broken() for _attempt in range(ATTEMPTS))


# --- Reservation × release × use ----------------------------------------------------------------


def reserve_release_and_use() -> bool:
    """One checkout pays, lets go or is overtaken by another; whatever comes first, one wins."""
    member = MemberFactory.create()
    coupon = given(new_offer(), member)
    hold(member, coupon, "mine")
    late = NOON + timedelta(minutes=15)
    use = partial(use_coupons, member=member, checkout_key="mine", now=NOON)
    let_go = partial(release_coupons, member=member, checkout_key="mine")
    overtake = partial(hold, member, coupon, "other", late)
    acts: list[Callable[[], object]] = [use, let_go, overtake] * (THREADS // 3)
    all_at_once([outcome(act, CouponRefusal, NotReserved) for act in acts])
    coupon.refresh_from_db()
    uses = coupon.uses.count()
    is_used = coupon.status == "used" and uses == 1
    return is_used or (coupon.status in ("issued", "reserved") and uses == 0)


def test_a_reservation_ends_in_one_way() -> None:
    assert all(reserve_release_and_use() for _round in range(3 * ROUNDS))
    assert broken() == set()


def test_a_reservation_ends_in_two_ways_without_guards(unguarded: None) -> None:
    assert breaks(reserve_release_and_use)


# --- Guessing -----------------------------------------------------------------------------------


def guess_in_a_burst() -> bool:
    guesser = f"member:{GuessCounter.objects.count()}"
    count = partial(guesses.count_guess, guesser=guesser, window=1, most=10)
    told = all_at_once([outcome(count, guesses.TooManyGuesses)] * THREADS)
    return told.count("done") == 10


def test_a_burst_of_guesses_is_stopped() -> None:
    assert all(guess_in_a_burst() for _round in range(ROUNDS))


def test_a_burst_of_guesses_passes_without_guards(unguarded: None) -> None:
    assert breaks(guess_in_a_burst)


def test_amounts_are_the_quoted_ones() -> None:
    """Whoever wins, what was taken off is what one coupon takes off."""
    member = MemberFactory.create()
    coupon = given(new_offer(amount=Decimal("7.77")), member)
    keys = [f"c{number}" for number in range(10)]
    all_at_once([outcome(partial(pay, member, coupon, key), CouponRefusal) for key in keys])
    assert CouponUse.objects.get().discount == Decimal("7.77")
