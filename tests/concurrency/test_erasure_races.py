"""A member is erased while others take it back, spend and sell, on PostgreSQL, with a control."""

from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest
from django.db import IntegrityError, connection, models

from common import clock
from loyalty.errors import InsufficientPoints
from loyalty.models import PointsAccount, PointsEntry
from loyalty.services.erasure import close_accounts
from loyalty.services.points import earn_points, redeem_points
from members.errors import ErasureDone, ErasureTakenBack
from members.models import ErasureRequest
from members.models.erasure import ErasureRequestQuerySet
from members.services.erasure import cancel_erasure, erase_member, request_erasure
from tests.factories import MemberFactory
from tests.loyalty.programmes import base_points
from tests.loyalty.tampering import broken

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 4
ROUNDS = 4
ATTEMPTS = 30
numbers = count(1)


@pytest.fixture(autouse=True)
def programme(transactional_db: None) -> None:
    base_points()


def asked() -> ErasureRequest:
    member = MemberFactory.create()
    earn_points(member=member, points=100, key="start")
    return request_erasure(member=member, key=f"k{next(numbers)}")


def taken_back_and_erased_at_once() -> tuple[bool, bool]:
    """Half of the threads erase, half take back: whether it ended as taken back, as erased."""
    request = asked()
    acts = [
        outcome(partial(erase_member, request=request), ErasureTakenBack, IntegrityError),
        outcome(partial(cancel_erasure, request=request), ErasureDone, IntegrityError),
    ] * THREADS
    all_at_once(acts)
    request.refresh_from_db()
    return request.cancelled_at is not None, request.erased_at is not None


def test_ends_one_way_or_the_other() -> None:
    ends = [taken_back_and_erased_at_once() for _round in range(ROUNDS)]
    assert {sum(end) for end in ends} == {1}
    erased = sum(is_erased for _is_back, is_erased in ends)
    assert PointsEntry.objects.filter(kind="forfeit").count() == erased
    assert broken() == {}


def test_is_erased_once_while_others_spend_and_sell() -> None:
    for _round in range(ROUNDS):
        request = asked()
        member = request.member
        erase = outcome(partial(erase_member, request=request))
        spend = outcome(
            partial(redeem_points, member=member, points=30, key="spend"), InsufficientPoints
        )
        earn = outcome(partial(earn_points, member=member, points=50, key="sell"))
        all_at_once([erase, erase, spend, earn])
        # What was earned a moment too late is forfeited by the night.
        close_accounts(first_member_id=member.pk, last_member_id=member.pk, at=clock.now())
        account = PointsAccount.objects.get(member=member)
        assert (account.balance, account.debt) == (0, 0)
    assert broken() == {}


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The request is read instead of locked, and no constraint stands behind the lock."""

    def unlocked(requests: ErasureRequestQuerySet) -> ErasureRequestQuerySet:
        return requests.order_by("pk")

    monkeypatch.setattr(ErasureRequestQuerySet, "locked", unlocked)
    with connection.schema_editor() as editor:
        editor.remove_constraint(ErasureRequest, one_end())
    yield
    with connection.schema_editor() as editor:
        editor.execute("TRUNCATE members_erasurerequest CASCADE")
    with connection.schema_editor() as editor:
        editor.add_constraint(ErasureRequest, one_end())


def one_end() -> models.BaseConstraint:
    found = ErasureRequest._meta.constraints
    return next(one for one in found if one.name == "erasure_taken_back_or_done")


def test_ends_both_ways_without_the_lock(unguarded: None) -> None:
    assert any(sum(taken_back_and_erased_at_once()) == 2 for _attempt in range(ATTEMPTS))
