"""The services against the reference model, step by step, whatever happens in whatever order.

`LEDGER_EXAMPLES=2000 pytest tests/loyalty/test_ledger_machine.py` looks further, at random; the
suite itself walks the same few examples every time.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from common import clock
from common.errors import DomainError
from common.models import JobRun, JobStatus
from common.proof import configured_checks, prove
from loyalty.errors import KeyReused, PurchaseConflict, RefundConflict
from loyalty.jobs import activate_points, expire_points
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsLot,
    Purchase,
)
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member, User
from tests.factories import MemberFactory, OperatorFactory

from . import reference
from .machine_lots import LotRules, nth, seen, who
from .programmes import earning_rule, growth_points, plain_programme
from .walks import walk

START = datetime(2024, 2, 27, 3, 30, tzinfo=UTC)
WAITS = [
    timedelta(hours=-1),
    timedelta(seconds=1),
    timedelta(minutes=40),
    timedelta(hours=13),
    timedelta(days=1),
    timedelta(days=4),
    timedelta(days=9),
    timedelta(days=30),
]
SECOND = timedelta(seconds=1)

# What must have been seen when all examples are done: else they prove less than they seem to.
MUST_HAPPEN = {
    "earn",
    "purchase",
    "late purchase",
    "refund",
    "partial refund",
    "redeem",
    "partial restore",
    "whole restore",
    "restore in debt",
    "renewed lot",
    "adjust up",
    "adjust down",
    "expiry",
    "second night of one date",
    "same key",
    "same key, other payload",
    "clock back",
    "activate early",
    "redate",
    "redate backwards",
    "redate to inactivity",
    "redate changes nothing",
    "policy of days",
    "policy of inactivity",
    "activity moves an end",
    "lot_not_pending",
    "insufficient_points",
    "debt_outstanding",
    "refund_exceeds_purchase",
    "restore_exceeds_redemption",
}

PERCENT = st.sampled_from([0, 1, 33, 50, 100])
OWED = st.sampled_from([0, 0, 15, 60])
few_points = st.integers(1, 150)
cents = st.one_of(st.integers(0, 30_000), st.sampled_from([0, 99, 100, 10_000]))


class Deed:
    """A use case that succeeded: how to ask again, and for something else under the same key."""

    def __init__(self, ask: Callable[..., Any], given: dict[str, Any], other: dict[str, Any]):
        self.ask, self.given, self.other = ask, given, other
        self.result: Any = None


class Paid(NamedTuple):
    who: int
    number: str
    model: reference.PaidPurchase
    row: Purchase


class Spent(NamedTuple):
    who: int
    model: reference.Redemption
    row: PointsEntry


class LedgerMachine(LotRules):
    def __init__(self) -> None:
        super().__init__()
        # Rolled back at the end of the example: nothing is left for the next one.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now, self.serial, self.last_night = START, 0, date.min
        self.deeds: list[Deed] = []
        self.purchases: list[Paid] = []
        self.redemptions: list[Spent] = []

    @initialize()
    def programme(self) -> None:
        plain_programme(points=101, per_amount="100.00", holding="3D", expiry="60D")
        earning_rule(growth_points(), per_amount="10.00")
        self.operator: User = OperatorFactory()
        self.members: list[Member] = [MemberFactory.create(joined_at=START) for _ in range(2)]
        self.ledgers = [reference.Ledger(), reference.Ledger()]
        # Lots to spend from the start, of two days: what is earned is held for days.
        for points in (30, 45):
            self.adjust(0, points)
            self.adjust(1, points)
            self.now += timedelta(days=2)
        self.spend(0, 75)
        self.spend(1, 40)
        self.pay(0, 10_000)

    def teardown(self) -> None:
        seen["activity moves an end"] += sum(ledger.prolonged for ledger in self.ledgers)
        try:
            connection.check_constraints()
            findings = [finding for finding in prove(configured_checks()) if not finding.is_clean]
            assert findings == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # --- asking both ----------------------------------------------------------------------

    def both(self, told: str, model: Callable[[], Any], deed: Deed) -> Any:
        """Ask the model, then the code; they must refuse alike. Gives the model's answer."""
        try:
            answer, refusal = model(), None
        except reference.Refused as refused:
            answer, refusal = None, str(refused)
        if refusal:
            with pytest.raises(DomainError) as error:
                deed.ask(**deed.given)
            assert error.value.code == refusal
            seen[refusal] += 1
            return None
        deed.result = deed.ask(**deed.given)
        self.deeds.append(deed)
        seen[told] += 1
        return answer

    # --- what happens ---------------------------------------------------------------------

    @rule(who=who, points=few_points)
    def earn(self, who: int, points: int) -> None:
        given = {"member": self.members[who], "points": points, "key": self.key(), "now": self.now}
        deed = Deed(earn_points, given, {"points": points + 1})
        self.both("earn", lambda: self.ledgers[who].earn(points, self.now), deed)

    @rule(who=who, paid=cents, days_late=st.sampled_from([0, 0, 0, 2, 5, 45]))
    def buy(self, who: int, paid: int, days_late: int) -> None:
        self.pay(who, paid, days_late)

    @rule(who=who, first=cents, second=cents, percent=PERCENT)
    def regret(self, who: int, first: int, second: int, percent: int) -> None:
        """Buy, buy again on another day, and bring some of the second back."""
        self.pay(who, first)
        self.now += timedelta(days=1)
        self.pay(who, second)
        self.bring_back(self.purchases[-1], percent)

    def pay(self, who: int, paid: int, days_late: int = 0) -> None:
        number, at = self.key(), self.now - timedelta(days=days_late)
        given = {
            "source": "till",
            "external_id": number,
            "at": at,
            "amount": Decimal(paid) / 100,
            "member": self.members[who],
            "now": self.now,
        }
        deed = Deed(record_purchase, given, {"amount": Decimal(paid + 1) / 100})
        told = "late purchase" if days_late else "purchase"
        ledger = self.ledgers[who]
        model = self.both(told, lambda: ledger.purchase(number, paid, at, self.now), deed)
        self.purchases.append(Paid(who, number, model, deed.result))

    @rule(who=who, back=st.integers(0, 9_000), is_too_much=st.booleans())
    def refund(self, who: int, back: int, is_too_much: bool) -> None:
        """Sometimes of more than there is left: the rest is owed."""
        self.refund_cents(who, back + self.ledgers[who].balance * 100 * is_too_much)

    def refund_cents(self, who: int, back: int) -> None:
        given = self.refund_of_cents(back) | {"member": self.members[who]}
        deed = Deed(record_refund, given, {"amount": Decimal(back + 1) / 100})
        self.both("refund", lambda: self.ledgers[who].refund(back, self.now), deed)

    @rule(nth=nth, percent=PERCENT, over=st.booleans())
    def refund_part(self, nth: int, percent: int, over: bool) -> None:
        self.bring_back(self.purchases[nth % len(self.purchases)], percent, over)

    def bring_back(self, purchase: Paid, percent: int, over: bool = False) -> None:
        """A share of what is left of a purchase, or a cent more."""
        who, number, model, row = purchase
        back = (model.cents - model.refunded) * percent // 100 + over
        given = self.refund_of_cents(back) | {"purchase": row}
        deed = Deed(record_refund, given, {"amount": Decimal(back + 1) / 100})
        ledger = self.ledgers[who]
        self.both("partial refund", lambda: ledger.refund_of(number, model, back, self.now), deed)

    def refund_of_cents(self, back: int) -> dict[str, Any]:
        return {
            "source": "till",
            "external_id": self.key(),
            "at": self.now,
            "amount": Decimal(back) / 100,
            "now": self.now,
        }

    @rule(who=who, points=few_points, of_all=st.sampled_from([None, 0, 0, 1]))
    def redeem(self, who: int, points: int, of_all: int | None) -> None:
        """Some points, or all there are, or one more."""
        ledger = self.ledgers[who]
        if of_all is not None:
            points = max(1, ledger.spendable(ledger.instant(self.now)) + of_all)
        self.spend(who, points)

    def spend(self, who: int, points: int) -> None:
        given = {"member": self.members[who], "points": points, "key": self.key(), "now": self.now}
        deed = Deed(redeem_points, given, {"points": points + 1})
        if model := self.both("redeem", lambda: self.ledgers[who].redeem(points, self.now), deed):
            self.redemptions.append(Spent(who, model, deed.result))

    @rule(nth=nth, points=st.none() | st.integers(1, 60), owed=OWED)
    def restore(self, nth: int, points: int | None, owed: int) -> None:
        """Sometimes in debt, in which nothing more is spent."""
        who, model, entry = self.redemptions[nth % len(self.redemptions)]
        if owed:
            self.refund_cents(who, (self.ledgers[who].balance + owed) * 100)
            self.spend(who, owed)
        ledger = self.ledgers[who]
        debt, lots = ledger.debt, len(ledger.lots)
        given = {"redemption": entry, "points": points, "key": self.key(), "now": self.now}
        deed = Deed(restore_points, given, {"points": 10**6})
        told = "partial restore" if points else "whole restore"
        self.both(told, lambda: ledger.restore(model, points, self.now), deed)
        seen["restore in debt"] += bool(debt and deed.result)
        seen["renewed lot"] += len(ledger.lots) > lots

    @rule(who=who, points=st.integers(-150, 150).filter(bool))
    def correct(self, who: int, points: int) -> None:
        self.adjust(who, points)

    def adjust(self, who: int, points: int) -> None:
        given = {
            "member": self.members[who],
            "points": points,
            "key": self.key(),
            "reason": "A reason",
            "now": self.now,
        }
        deed = Deed(adjust_points, given, {"points": -points})
        told = "adjust up" if points > 0 else "adjust down"
        self.both(told, lambda: self.ledgers[who].adjust(points, self.now), deed)

    # --- asking again ---------------------------------------------------------------------

    @rule(nth=nth, is_same=st.booleans())
    def ask_again(self, nth: int, is_same: bool) -> None:
        deed = self.deeds[nth % len(self.deeds)]
        if is_same:
            assert deed.ask(**{**deed.given, "now": self.now}) == deed.result
            seen["same key"] += 1
            return
        with pytest.raises((KeyReused, PurchaseConflict, RefundConflict)):
            deed.ask(**deed.given | deed.other)
        seen["same key, other payload"] += 1

    # --- time -----------------------------------------------------------------------------

    @rule(wait=st.sampled_from(WAITS))
    def wait(self, wait: timedelta) -> None:
        self.now += wait
        seen["clock back"] += wait < timedelta(0)

    @rule(who=who, nth=st.integers(0, 5), off=st.sampled_from([-SECOND, timedelta(0), SECOND]))
    def wait_for_an_edge(self, who: int, nth: int, off: timedelta) -> None:
        """Just before, at or after a lot's becoming spendable, renewable or worthless."""
        edges = {
            edge
            for lot in self.ledgers[who].lots
            for edge in (lot.available_at, lot.expires_at, lot.expires_at - timedelta(days=30))
            if edge + off > self.now
        }
        if edges:
            self.now = sorted(edges)[nth % len(edges)] + off

    @rule(days=st.sampled_from([0, 1, 31, 61]), is_pending_too=st.booleans())
    def night(self, days: int, is_pending_too: bool) -> None:
        """Some days later or at once. Nights go forward; the same one may run again."""
        self.now += timedelta(days=days)
        before = sum(ledger.balance for ledger in self.ledgers)
        seen["second night of one date"] += reference.day_of(self.now) <= self.last_night
        self.last_night = max(self.last_night, reference.day_of(self.now))
        ids = sorted(member.pk for member in self.members)
        for ledger in self.ledgers:
            if is_pending_too:
                ledger.activate(self.last_night)
            ledger.expire(self.last_night)
        if is_pending_too:
            activate_points(self.last_night, ids[0], ids[-1])
        began = clock.now()
        expire_points(self.last_night, ids[0], ids[-1])
        JobRun.objects.get_or_create(
            step="expire_points",
            business_date=self.last_night,
            defaults={
                "status": JobStatus.DONE,
                "started_at": began,
                "finished_at": clock.now(),
            },
        )
        seen["expiry"] += sum(ledger.balance for ledger in self.ledgers) < before

    # --- what must agree ------------------------------------------------------------------

    @invariant()
    @precondition(lambda self: hasattr(self, "ledgers"))
    def accounts_agree(self) -> None:
        facts = ("balance", "debt", "entry_count", "last_entry_at")
        rows = {
            (row.member_id, row.is_spendable): tuple(getattr(row, fact) for fact in facts)
            for row in PointsAccount.objects.all()
        }
        for member, ledger in zip(self.members, self.ledgers, strict=True):
            expected = (ledger.balance, ledger.debt, ledger.entries, ledger.last)
            assert rows.get((member.pk, True), (0, 0, 0, None)) == expected
            assert rows.get((member.pk, False), (0,))[0] == ledger.growth

    @invariant()
    @precondition(lambda self: hasattr(self, "ledgers"))
    def lots_agree(self) -> None:
        """As rows, and by what the services' own queries call spendable and pending now."""
        facts = ("points", "remaining", "available_at", "expires_at")
        lots_now = PointsLot.objects.spendable(self.now), PointsLot.objects.pending(self.now)
        spendable, pending = (
            dict(lots.values_list("account__member").annotate(total=Sum("remaining")))
            for lots in lots_now
        )
        rows = list(PointsLot.objects.select_related("account").order_by("id"))
        for member, ledger in zip(self.members, self.ledgers, strict=True):
            lots = [row for row in rows if row.account.member_id == member.pk]
            for row, lot in zip(lots, ledger.lots, strict=True):
                assert [getattr(row, fact) for fact in facts] == [
                    getattr(lot, fact) for fact in facts
                ]
                assert (row.activated_on is not None) == lot.is_activated
            assert spendable.get(member.pk, 0) == ledger.spendable(self.now)
            assert pending.get(member.pk, 0) == ledger.pending(self.now)


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_services_do_what_the_rules_say() -> None:
    walk(
        LedgerMachine,
        examples=60,
        steps=30,
        variable="LEDGER_EXAMPLES",
        seen=seen,
        must_happen=MUST_HAPPEN,
    )
    assert not Purchase.objects.exists()
    assert not PointsEntry.objects.exists()
