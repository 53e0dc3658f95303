"""A ladder that changes while members are judged by it, on PostgreSQL; each with its control.

Whoever judges stops after reading the ladder until the change is through, or waits for them.
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from common import clock
from loyalty import jobs
from loyalty.models import LadderDraft, Purchase, Standing, TierChange
from loyalty.models.tiers import TAKEN_OUT
from loyalty.services import ladder, purchases
from loyalty.services.ladder_changes.applying import work_on_draft
from loyalty.services.ladder_changes.drafts import apply_draft
from loyalty.services.purchases import record_purchase
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.ladder_changes import previewed
from tests.loyalty.ledgers import JOINED
from tests.loyalty.programmes import local, plain_programme

from .test_points_races import broken

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NIGHT = date(2025, 7, 1)
MAY = local(2025, 5, 1, 12)
EVERYONE = 10**9
DEADLINE = 20
WAITING = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


@pytest.fixture
def member(db: None) -> Member:
    plain_programme()
    return MemberFactory.create(joined_at=JOINED)


@pytest.fixture
def draft(member: Member) -> LadderDraft:
    """Silver goes, so that gold comes down to its rank."""
    return previewed({}, remove="silver")


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "hold_ladder", lambda: None)
    monkeypatch.setattr("loyalty.services.programme.hold_ladder", lambda: None)


class Change:
    """The ladder changed by another connection, once whoever judges has read the old one."""

    def __init__(self, draft: LadderDraft) -> None:
        self.draft = draft
        self.pool = ThreadPoolExecutor(1)
        self.done: Future[LadderDraft] | None = None

    def begin(self) -> None:
        """Let it go through, or come as far as waiting for us."""
        if self.done is None:
            self.done = self.pool.submit(self._apply)
            deadline = time.monotonic() + DEADLINE
            while not self.done.done() and not self._is_waiting():
                assert time.monotonic() < deadline
                threading.Event().wait(0.01)

    def _apply(self) -> LadderDraft:
        try:
            return work_on_draft(apply_draft(draft=self.draft))
        finally:
            connection.close()

    def _is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [ladder.LADDER_LOCK])
            return bool(cursor.fetchone()[0])

    def ends(self) -> None:
        assert self.done is not None
        assert self.done.result(timeout=DEADLINE).status == LadderDraft.Status.DONE


def changed_after(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, draft: LadderDraft
) -> Change:
    """Begin the change when the judge comes to this statement, which follows its reading."""
    change, act = Change(draft), getattr(where, name)

    def begin_then(*given: Any) -> Any:
        if name != "execute_sql" or given[1] == "list_members_to_review":
            change.begin()
        return act(*given)

    monkeypatch.setattr(where, name, begin_then)
    return change


def bought(member: Member) -> None:
    """What earns silver, as an import leaves it: no tier has moved."""
    Purchase.objects.create(
        source="file",
        external_id="1",
        member=member,
        at=MAY,
        business_date=MAY.date(),
        amount=Decimal(600),
    )


def night_meets_change(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The tiers that the member went through."""
    bought(member)
    change = changed_after(monkeypatch, jobs, "execute_sql", draft)
    with transaction.atomic():
        jobs.review_tiers(NIGHT, 1, EVERYONE)
    change.ends()
    changes = TierChange.objects.order_by("pk").values_list("to_tier__code", flat=True)
    return list(changes)


def purchase_meets_change(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The tiers that the member went through."""
    change = changed_after(monkeypatch, purchases, "lock_accounts", draft)
    record_purchase(
        source="till", external_id="1", at=clock.now(), amount=Decimal(600), member=member
    )
    change.ends()
    changes = TierChange.objects.order_by("pk").values_list("to_tier__code", flat=True)
    return list(changes)


def test_a_night_ends_before_the_ladder_changes(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night_meets_change(member, draft, monkeypatch) == ["silver", "member"]
    assert broken() == set()


def test_a_night_gives_an_unearned_tier_without_the_lock(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch, unguarded: None
) -> None:
    assert night_meets_change(member, draft, monkeypatch) == ["gold"]


def test_a_purchase_ends_before_the_ladder_changes(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert purchase_meets_change(member, draft, monkeypatch) == ["silver", "member"]
    assert broken() == set()


def test_a_purchase_leads_to_a_rung_that_is_gone_without_the_lock(
    member: Member, draft: LadderDraft, monkeypatch: pytest.MonkeyPatch, unguarded: None
) -> None:
    assert purchase_meets_change(member, draft, monkeypatch) == ["silver"]
    assert Standing.objects.get().tier.rank >= TAKEN_OUT
