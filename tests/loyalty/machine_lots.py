"""What operators do to lots, for the state machine: other policies, early activation, re-dating."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from common.errors import DomainError
from loyalty.errors import RedateFindsNothing
from loyalty.models import PointsLot, PointType, RedateRun
from loyalty.services.activation import activate_lot
from loyalty.services.redating.applying import redate_lots
from loyalty.services.redating.runs import confirm_redating, preview_redating
from members.models import Member, User

from . import reference

seen: Counter[str] = Counter()

who = st.sampled_from([0, 1])
nth = st.integers(0, 30)


def spelled(days: int, by_activity: bool) -> str:
    """A validity as an operator writes it."""
    return f"inactive {days}D" if by_activity else f"{days}D"


class LotRules(RuleBasedStateMachine):
    """Rules of a machine that has members, their ledgers, a clock and an operator."""

    now: datetime
    members: list[Member]
    ledgers: list[reference.Ledger]
    operator: User
    serial: int

    def key(self) -> str:
        self.serial += 1
        return f"k{self.serial}"

    def ends(self) -> float:
        """All ends together, to see which way they have moved."""
        return sum(lot.expires_at.timestamp() for held in self.ledgers for lot in held.lots)

    @rule(days=st.sampled_from([35, 60, 90]), by_activity=st.booleans())
    def change_policy(self, days: int, by_activity: bool) -> None:
        """What is earned from now on is valid otherwise; what is out stays as it is."""
        PointType.objects.filter(code=PointType.BASE).update(expiry=spelled(days, by_activity))
        for ledger in self.ledgers:
            ledger.validity, ledger.is_by_activity = days, by_activity
        seen["policy of inactivity" if by_activity else "policy of days"] += 1

    @rule(who=who, nth=nth)
    def activate_early(self, who: int, nth: int) -> None:
        """A pending lot if there is one, else any."""
        ledger = self.ledgers[who]
        lots = [lot for lot in ledger.lots if lot.is_pending(self.now) and lot.remaining]
        lot = (lots or ledger.lots)[nth % len(lots or ledger.lots)]
        place = ledger.lots.index(lot)
        row = PointsLot.objects.for_member(self.members[who]).order_by("id")[place]
        if row.changes.filter(cause="activated").exists():
            return
        given = {"lot": row, "operator": self.operator, "reason": "A reason", "now": self.now}
        refusal = ""
        try:
            ledger.activate_early(lot, self.now)
        except reference.Refused as refused:
            refusal = str(refused)
        if refusal:
            with pytest.raises(DomainError) as error:
                activate_lot(**given)
            assert error.value.code == refusal
            seen[refusal] += 1
            return
        assert activate_lot(**given) == activate_lot(**given)
        seen["activate early"] += 1

    @rule(days=st.sampled_from([1, 35, 60, 90, 200]), by_activity=st.booleans())
    def redate(self, days: int, by_activity: bool) -> None:
        """All that is out, previewed and applied by a run."""
        given: dict[str, Any] = {
            "point_type": PointType.objects.base(),
            "expiry": spelled(days, by_activity),
            "operator": self.operator,
            "reason": "A reason",
            "key": self.key(),
            "now": self.now,
        }
        before = self.ends()
        moved = sum(ledger.redate(days, by_activity, self.now) for ledger in self.ledgers)
        after = self.ends()
        try:
            run = preview_redating(**given)
        except RedateFindsNothing:
            assert not moved
            seen["redate changes nothing"] += 1
            return
        with time_machine.travel(self.now, tick=False):
            run = confirm_redating(run=run, now=self.now)
            ids = sorted(member.pk for member in self.members)
            counts = redate_lots(run, ids[0], ids[-1])
        changes = run.changes.exclude(before=F("after")).count()
        assert (changes, counts["points"]) == (moved, run.preview["points"])
        RedateRun.objects.update(status="done", finished_at=self.now, ranges_done=F("ranges_total"))
        seen["redate"] += bool(moved)
        seen["redate backwards"] += after < before
        seen["redate to inactivity"] += by_activity
