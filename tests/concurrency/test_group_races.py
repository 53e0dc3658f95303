"""A group's last member and the end of its time at once, on PostgreSQL: it fills, or it lapses.

The control takes the guard out and shows that it would do both.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from benefits.errors import GroupClosed
from benefits.models import Coupon, CouponGroup, CouponTemplate
from benefits.models.sharing import CouponGroupQuerySet
from benefits.services.sharing import join_group, lapse_group, open_group
from loyalty.models import Tier
from members.models import Notice
from tests.benefits.offers import NOON, offer, window
from tests.factories import MemberFactory

from .test_reward_races import breaks, broken, without
from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 12
ROUNDS = 5
LATE = NOON + timedelta(hours=1)

# A control tolerates what missing guards can bring besides.
refusals: tuple[type[Exception], ...] = (GroupClosed,)


@pytest.fixture
def unguarded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was told to have lapsed may fill, and what is full may lapse."""
    monkeypatch.setattr(CouponGroupQuerySet, "unanswered", lambda rows: rows.all())
    monkeypatch.setattr(f"{__name__}.refusals", (GroupClosed, IntegrityError))
    with without([(CouponGroup, "coupongroup_lapsed_when_over")], "benefits_coupongroup"):  # type: ignore[arg-type]
        yield


def begun() -> CouponGroup:
    """One of two has joined."""
    number = CouponTemplate.objects.count()
    template = offer(f"together-{number}", group_size=2, group_hours=1)
    lowest, _made = Tier.objects.get_or_create(code="all", defaults={"rank": 0, "name_en": "All"})
    window(template, lowest, NOON)
    return open_group(template=template, member=MemberFactory.create(), key="k", now=NOON)


def fill_or_lapse() -> bool:
    group = begun()
    members = MemberFactory.create_batch(THREADS)
    acts: list[Callable[[], object]] = [
        outcome(partial(join_group, group=group, member=member, now=NOON), *refusals)
        for member in members
    ]
    acts += [outcome(partial(lapse_group, group=group, now=LATE), *refusals)] * THREADS
    all_at_once(acts)
    coupons = Coupon.objects.filter(template=group.template).count()
    told = Notice.objects.filter(key=f"coupon-group:{group.pk}").count()
    group.refresh_from_db()
    return (coupons, told) == ((2, 0) if group.is_complete else (0, 1))


def test_a_group_fills_or_lapses() -> None:
    assert all(fill_or_lapse() for _round in range(ROUNDS))
    assert broken() == set()


def test_a_group_does_both_without_its_guard(unguarded: None) -> None:
    assert breaks(fill_or_lapse)
