"""Dates of lots that change while others spend and expire them, on PostgreSQL.

Each race has a control that takes the guards out and shows the books broken.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from common import clock
from common.append_only import drop_triggers
from loyalty.errors import InsufficientPoints, LotNotPending
from loyalty.jobs import expire_points
from loyalty.models import LotChange, PointsEntry, PointsLot, PointType
from loyalty.models.points import PointsAccountQuerySet
from loyalty.services.activation import activate_lot
from loyalty.services.points import earn_points, redeem_points
from loyalty.services.redating import applying
from loyalty.services.redating.applying import redate_lots
from loyalty.services.redating.runs import preview_redating
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory
from tests.loyalty.programmes import base_points

from .test_points_races import CONSTRAINTS, breaks, broken, constraint, points_of
from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

HALF = 25
ROUNDS = 3
OURS = [
    *CONSTRAINTS,
    (LotChange, "change_activates_once"),
    (LotChange, "change_redates_once_per_run"),
]


@pytest.fixture
def unguarded(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Accounts are read instead of locked, and no constraint stands behind the lock."""

    def unlocked(accounts: PointsAccountQuerySet) -> PointsAccountQuerySet:
        return accounts.order_by("id")

    def unread(*asked: Any) -> list[Any]:
        return []

    monkeypatch.setattr(PointsAccountQuerySet, "locked", unlocked)
    monkeypatch.setattr(applying, "fetch_sql", unread)
    with connection.schema_editor() as editor:
        for model, name in OURS:
            editor.remove_constraint(model, constraint(model, name))
    yield
    # What the race has broken must go before the constraints can come back.
    drop_triggers(connection)
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE loyalty_pointsaccount, loyalty_purchase CASCADE")
    with connection.schema_editor() as editor:
        for model, name in OURS:
            editor.add_constraint(model, constraint(model, name))


def holder(points: int = 100) -> Member:
    member = MemberFactory.create()
    earn_points(member=member, points=points, key="e")
    return member


# --- A re-date run and the night that expires the same lots -----------------------------------


def redate_while_expiring() -> bool:
    """Whoever comes first has the lots: all of them live on, or all are gone."""
    operator = User.objects.first() or OperatorFactory()
    member = holder()
    earn_points(member=member, points=50, key="more")
    run = preview_redating(
        point_type=PointType.objects.base(),
        expiry="24M",
        operator=operator,
        reason="A longer stay",
        key=f"run:{member.pk}",
    )
    end = PointsLot.objects.for_member(member).earliest("pk").expires_at
    assert end is not None
    night = clock.business_date(end + timedelta(days=1))

    def redate() -> None:
        with transaction.atomic():
            redate_lots(run, member.pk, member.pk)

    def expire() -> None:
        with transaction.atomic():
            expire_points(night, member.pk, member.pk)

    acts: list[Callable[[], object]] = [redate, expire] * HALF
    all_at_once([outcome(act, OperationalError) for act in acts])
    changes = LotChange.objects.filter(lot__account__member=member).count()
    expired = PointsEntry.objects.filter(account__member=member, kind="expire").count()
    return (changes, expired, points_of(member)) in [(2, 0, (150, 0)), (0, 1, (0, 0))]


def test_lots_live_on_or_expire() -> None:
    base_points(expiry="1M")
    assert all(redate_while_expiring() for _round in range(ROUNDS))
    assert broken() == set()


def test_lots_live_on_and_expire_without_guards(unguarded: None) -> None:
    """The night still locks: then a lot is re-dated twice, or expires with another end."""
    base_points(expiry="1M")
    assert breaks(redate_while_expiring)


# --- An early activation and those who cannot wait for it -------------------------------------


def redeem_while_activating() -> bool:
    """One change, however often it is asked for; after it the points go once."""
    operator = User.objects.first() or OperatorFactory()
    member = holder()
    lot = PointsLot.objects.get(account__member=member)
    activate = partial(activate_lot, lot=lot, operator=operator, reason="Kind")
    spend = [partial(redeem_points, member=member, points=10, key=f"r:{n}") for n in range(HALF)]
    acts: list[Callable[[], object]] = [*([activate] * HALF), *spend]
    refusals = (InsufficientPoints, LotNotPending, OperationalError)
    told = all_at_once([outcome(act, *refusals) for act in acts])
    spent = 10 * told[HALF:].count("done")
    changes = LotChange.objects.filter(lot=lot).count()
    is_once = changes == 1 and set(told[:HALF]) == {"done"}
    return is_once and spent <= 100 and points_of(member) == (100 - spent, 0)


def test_points_are_activated_once_and_go_once() -> None:
    base_points(holding="7D", expiry="12M")
    assert all(redeem_while_activating() for _round in range(ROUNDS))
    assert broken() == set()


def test_points_are_activated_often_without_guards(unguarded: None) -> None:
    base_points(holding="7D", expiry="12M")
    assert breaks(redeem_while_activating)
