"""Points that end some time after the last activity: each activity moves their end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.models import LotChange, PointsLot, PointType, Trigger
from loyalty.services.activities import check_in, record_activity
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from members.models import Member

from .ledgers import account_of, buy, give_back, lots_of, new_member
from .programmes import base_points, earning_rule, growth_points, local, plain_programme
from .roundtrips import MOST_UNDER_A_LOCK, under_the_lock
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

BEGAN = local(2025, 1, 10, 12)
ACTIVE = local(2025, 6, 1, 9)
FIRST_END = local(2026, 1, 11)
MOVED = local(2026, 6, 2)


@pytest.fixture
def member() -> Member:
    """Bought on 10 January for 100 points that end 12 months after the last activity."""
    kind = plain_programme(expiry="inactive 12M")
    for trigger in (Trigger.CHECK_IN, Trigger.REVIEW):
        earning_rule(kind, code=trigger, trigger=trigger, points=5, per_amount=None)
    member = new_member()
    buy(member, "100.00", BEGAN)
    return member


def ends(member: Member) -> list[datetime | None]:
    return [lot.expires_at for lot in lots_of(member)]


def review(member: Member) -> None:
    record_activity(member=member, kind=Trigger.REVIEW, key="r", at=ACTIVE, now=ACTIVE)


ACTIVITIES: dict[str, Callable[[Member], object]] = {
    "purchase": lambda member: buy(member, "10.00", ACTIVE),
    "check-in": lambda member: check_in(member=member, now=ACTIVE),
    "review": review,
    "redemption": lambda member: redeem_points(member=member, points=1, key="r", now=ACTIVE),
}
NO_ACTIVITIES: dict[str, Callable[[Member], object]] = {
    "gift": lambda member: earn_points(member=member, points=5, key="g", now=ACTIVE),
    "adjustment": lambda member: adjust_points(
        member=member, points=-5, key="a", reason="A slip", now=ACTIVE
    ),
    "refund": lambda member: give_back(member.purchases.get(), "10.00", ACTIVE),
    "purchase too small for a point": lambda member: buy(member, "0.50", ACTIVE),
}


@pytest.mark.parametrize("name", ACTIVITIES)
def test_activity_moves_the_end_at_once(member: Member, name: str) -> None:
    assert ends(member) == [FIRST_END]
    ACTIVITIES[name](member)
    assert set(ends(member)) == {MOVED}
    change = LotChange.objects.get()
    assert (change.lot, change.field, change.cause) == (
        lots_of(member)[0],
        "expires_at",
        "activity",
    )
    assert (change.before, change.after, change.at) == (FIRST_END, MOVED, ACTIVE)
    assert (change.after_entry, change.operator, change.run) == (2, None, None)
    assert account_of(member).active_on == ACTIVE.date()
    assert broken() == {}


@pytest.mark.parametrize("name", NO_ACTIVITIES)
def test_what_is_no_activity_moves_nothing(member: Member, name: str) -> None:
    NO_ACTIVITIES[name](member)
    assert ends(member)[0] == FIRST_END
    assert not LotChange.objects.exists()
    assert broken() == {}


def test_moves_once_a_day(member: Member) -> None:
    for hour in range(3):
        redeem_points(member=member, points=1, key=f"{hour}", now=ACTIVE + timedelta(hours=hour))
    assert LotChange.objects.count() == 1


def test_rounds_up_and_so_moves_once_a_month() -> None:
    plain_programme(expiry="inactive 12M/month")
    member = new_member()
    for day in (10, 11, 31):
        buy(member, "10.00", local(2025, 1, day))
    assert set(ends(member)) == {local(2026, 2, 1)}
    assert not LotChange.objects.exists()
    buy(member, "10.00", local(2025, 2, 1))
    assert set(ends(member)) == {local(2026, 3, 1)}
    assert LotChange.objects.count() == 3


@pytest.mark.parametrize(
    ("offset", "is_moved"),
    [(timedelta(microseconds=-1), True), (timedelta(0), False), (timedelta(days=1), False)],
)
def test_revives_nothing_that_has_ended(member: Member, offset: timedelta, is_moved: bool) -> None:
    buy(member, "10.00", FIRST_END + offset)
    first, second = ends(member)
    assert first == (second if is_moved else FIRST_END)
    assert LotChange.objects.count() == int(is_moved)
    assert broken() == {}


def test_never_shortens(member: Member) -> None:
    far = local(2030, 1, 1)
    PointsLot.objects.update(expires_at=far)
    redeem_points(member=member, points=1, key="r", now=ACTIVE)
    assert ends(member) == [far]


def test_a_late_purchase_counts_on_the_day_on_which_it_is_booked(member: Member) -> None:
    redeem_points(member=member, points=1, key="r", now=ACTIVE)
    buy(member, "10.00", BEGAN + timedelta(days=1))
    assert ends(member) == [MOVED, MOVED]
    assert broken() == {}


def test_what_a_redemption_emptied_and_is_given_back_lives_on(member: Member) -> None:
    redemption = redeem_points(member=member, points=100, key="r", now=ACTIVE)
    assert ends(member) == [MOVED]
    later = ACTIVE + timedelta(days=100)
    buy(member, "10.00", later)
    assert ends(member)[0] == MOVED
    restore_points(redemption=redemption, key="back", now=later + timedelta(days=1))
    assert ends(member) == [local(2026, 9, 10), local(2026, 9, 10)]
    assert [lot.remaining for lot in lots_of(member)] == [100, 10]
    assert broken() == {}


def test_each_lot_follows_the_policy_that_it_was_born_with(member: Member) -> None:
    for number, expiry in enumerate(("6M", "inactive 18M", "never"), start=1):
        PointType.objects.update(expiry=expiry)
        buy(member, "10.00", BEGAN + timedelta(days=number))
    redeem_points(member=member, points=1, key="r", now=ACTIVE)
    assert ends(member) == [MOVED, local(2025, 7, 12), local(2026, 12, 2), None]
    assert broken() == {}


def test_a_gift_begins_with_the_last_activity_before_it() -> None:
    kind = plain_programme(expiry="12M")
    member = new_member()
    buy(member, "10.00", BEGAN)
    PointType.objects.filter(pk=kind.pk).update(expiry="inactive 12M")
    earn_points(member=member, points=5, key="g", now=ACTIVE)
    assert account_of(member).active_on == BEGAN.date()
    assert ends(member) == [FIRST_END, MOVED]
    assert broken() == {}


def test_other_accounts_pay_nothing() -> None:
    base_points(expiry="12M")
    growth_points(expiry="inactive 12M")
    member = new_member()
    earn_points(member=member, points=100, key="e", now=BEGAN)
    with CaptureQueriesContext(connection) as captured:
        redeem_points(member=member, points=1, key="r", now=ACTIVE)
    said = [query["sql"] for query in captured.captured_queries]
    assert not [sql for sql in said if "lotchange" in sql or 'active_on" =' in sql]


def test_holds_the_lock_for_few_round_trips_more(member: Member) -> None:
    def act() -> Any:
        return redeem_points(member=member, points=1, key="r", now=ACTIVE)

    def again() -> Any:
        return redeem_points(member=member, points=1, key="s", now=ACTIVE)

    first_of_the_day, second = len(under_the_lock(act)), len(under_the_lock(again))
    # The day, the policies, the changes and the lots.
    assert (first_of_the_day, second) == (second + 4, second)
    assert second <= MOST_UNDER_A_LOCK


def test_finds_an_account_that_forgot_its_last_activity(member: Member) -> None:
    account = account_of(member)
    overwrite(account, active_on=local(2025, 1, 9).date())
    row = ("account", account.pk, "last activity", "2025-01-10", "2025-01-09")
    assert broken() == {"I28": [row]}
    overwrite(account, active_on=None)
    row = ("account", account.pk, "last activity of lots that need it", "known", "unknown")
    assert broken() == {"I28": [row]}
