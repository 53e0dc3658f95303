"""The birthday night twice at once, on PostgreSQL, with a control without its guards."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connection, models, transaction

from benefits.jobs import grant_birthday_perks, record_birthdays
from benefits.models import BirthdayGrant, Coupon
from benefits.services import birthdays
from common.proof import configured_checks, prove
from loyalty.models import Activity, PointsAccount, PointType
from loyalty.models.points import PointsAccountQuerySet
from tests.benefits.offers import offer
from tests.benefits.perks import EVERYONE, born, perk
from tests.loyalty.programmes import base_points, earning_rule, local

from .threads import all_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 8
CHILDREN = 5
ROUNDS = 3
ATTEMPTS = 30
BIRTHDAY = date(2025, 3, 20)


@pytest.fixture(autouse=True)
def night_of_the_birthday(time_machine: Any) -> None:
    time_machine.move_to(local(2025, 3, 20, 1))


def nights_at_once() -> bool:
    """The same night of everyone from several workers: who was born on the day has one of each."""
    children = [born(3, 20) for _number in range(CHILDREN)]
    first, last = children[0].pk, children[-1].pk
    told = all_at_once([partial(run_night, first, last)] * THREADS)
    grants = BirthdayGrant.objects.filter(member__gte=first, member__lte=last)
    return sum(told) == 2 * CHILDREN * THREADS and grants.count() == 2 * CHILDREN


def run_night(first: int, last: int) -> int:
    """A worker's run of a range; every gift found or given counts."""
    with transaction.atomic():
        grant_birthday_perks(BIRTHDAY, first, last)
    return BirthdayGrant.objects.filter(member__gte=first, member__lte=last).count()


def broken() -> set[str]:
    return {finding.check.id for finding in prove(configured_checks()) if not finding.is_clean}


@pytest.fixture
def perks(transactional_db: None) -> None:
    base_points()
    perk()
    perk(kind="coupon", template=offer())


@pytest.fixture
def unguarded(perks: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No lock on who is given something, and a database that takes a second gift."""
    monkeypatch.setattr("benefits.jobs.lock_for_gifts", lambda members, has_points: None)
    monkeypatch.setattr(birthdays, "lock_member", lambda member: None)
    with connection.schema_editor() as editor:
        editor.remove_constraint(BirthdayGrant, once_a_year())
    yield
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE benefits_birthdaygrant CASCADE")
    with connection.schema_editor() as editor:
        editor.add_constraint(BirthdayGrant, once_a_year())


def once_a_year() -> models.BaseConstraint:
    found = BirthdayGrant._meta.constraints
    return next(one for one in found if one.name == "birthdaygrant_once_a_year")


def test_gives_everyone_one_of_each(perks: None) -> None:
    assert all(nights_at_once() for _round in range(ROUNDS))
    assert broken() == set()
    assert Coupon.objects.count() == ROUNDS * CHILDREN
    balances = PointsAccount.objects.filter(balance__gt=0).values_list("balance", flat=True)
    assert list(balances) == [200] * ROUNDS * CHILDREN


def test_gives_some_twice_without_guards(unguarded: None) -> None:
    assert any(not nights_at_once() and "I25" in broken() for _attempt in range(ATTEMPTS))


# --- Birthdays that earn by a rule --------------------------------------------------------------


def record_at_once() -> bool:
    """The same night records birthdays from several workers: each is recorded once."""
    children = [born(3, 20) for _number in range(CHILDREN)]
    base = PointType.objects.base()
    # Else the first to open an account would hold up the others.
    for child in children:
        PointsAccount.objects.create(member=child, point_type=base, is_spendable=True)
    first, last = children[0].pk, children[-1].pk
    all_at_once([partial(record_range, first, last)] * THREADS)
    recorded = Activity.objects.filter(kind="birthday", member__gte=first, member__lte=last)
    return recorded.count() == CHILDREN


def record_range(first: int, last: int) -> None:
    with transaction.atomic():
        record_birthdays(BIRTHDAY, first, last)


def test_a_birthday_earns_once(transactional_db: None) -> None:
    earning_rule(base_points(), trigger="birthday", points=50, per_amount=None)
    assert all(record_at_once() for _round in range(ROUNDS))
    assert broken() == set()
    balances = PointsAccount.objects.values_list("balance", flat=True)
    assert list(balances) == [50] * ROUNDS * CHILDREN


@pytest.fixture
def unguarded_birthdays(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Accounts are read instead of locked, and a birthday may be recorded twice."""

    def unlocked(
        accounts: PointsAccountQuerySet, members: list[int], kinds: list[int]
    ) -> list[PointsAccount]:
        found = accounts.filter(member_id__in=members, point_type_id__in=kinds)
        return list(found.order_by("id"))

    monkeypatch.setattr(PointsAccountQuerySet, "lock", unlocked)
    found = Activity._meta.constraints
    once = next(one for one in found if one.name == "activity_once_per_member")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Activity, once)
    yield
    Activity.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Activity, once)


def test_a_birthday_is_recorded_twice_without_guards(unguarded_birthdays: None) -> None:
    # A rule that does not hold yet: its points would wait for one another in the ledger.
    rule = {"trigger": "birthday", "points": 50, "starts_on": date(2030, 1, 1)}
    earning_rule(base_points(), per_amount=None, **rule)
    assert any(not record_at_once() for _attempt in range(ATTEMPTS))


def test_disjoint_ranges_run_side_by_side(perks: None) -> None:
    """Two ranges of one night share a template: they wait for each other and neither is undone."""
    children = [born(3, 20) for _number in range(2 * CHILDREN)]
    middle = children[CHILDREN].pk
    ranges = [(EVERYONE[0], middle - 1), (middle, EVERYONE[1])]
    all_at_once([partial(run_night, first, last) for first, last in ranges])
    assert BirthdayGrant.objects.count() == 4 * CHILDREN
    assert broken() == set()
