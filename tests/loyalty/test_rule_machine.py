"""Purchases, refunds and check-ins under rules that are revised meanwhile, against a plain model.

The model knows a rule's versions as rows, adds up what each gives, and counts caps by hand. What
was earned stays as it was earned: a refund takes from recorded amounts, whatever the rules say by
then, and caps belong to a rule through all of its versions.

`RULE_EXAMPLES=500 pytest tests/loyalty/test_rule_machine.py` looks further, at random; the suite
itself walks the same few examples every time.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from common.errors import DomainError
from common.proof import configured_checks, prove
from loyalty.models import EarningRule, PointsAccount, Purchase, RuleCounter
from loyalty.services.activities import check_in
from loyalty.services.configuration import create_rule, retire_rule, revise_rule
from loyalty.services.dry_run import dry_run
from loyalty.services.purchases import record_purchase, record_refund
from members.models import Member
from tests.factories import MemberFactory

from .programmes import base_points, local
from .walks import walk

# A Monday, late in a month.
START = local(2025, 9, 29, 10)
WAITS = [timedelta(0), timedelta(hours=5), timedelta(days=1), timedelta(days=6)]

MUST_HAPPEN = {
    "purchase",
    "capped by the day",
    "capped by the month",
    "capped by the budget",
    "doubled",
    "refund",
    "refund of an older version",
    "refund frees a cap",
    "revision",
    "revision of a budget",
    "retired",
    "back in force",
    "check-in",
    "streak",
    "stale revision",
    "contradiction",
    "dry run",
}
seen: Counter[str] = Counter()

who = st.sampled_from([0, 1])
cents = st.integers(1, 30_000)
nth = st.integers(0, 30)


@dataclass
class ModelRule:
    """A rule as the model knows it: points per ten, and its caps."""

    points: int
    cap_day: int | None = None
    cap_month: int | None = None
    budget: int | None = None
    version: int = 1
    is_on: bool = True


@dataclass
class Bought:
    """A purchase as it was earned: what each rule gave of it, and what came back since."""

    who: int
    row: Purchase
    shares: dict[str, int]
    version: int
    # The windows in which it was counted, by rule, window and member.
    counted: list[tuple[str, str, int | None]]
    refunded: Decimal = Decimal(0)
    clawed: int = 0


@dataclass
class Model:
    """Points of two members and what caps have let through, by rule, window and member."""

    points: list[int] = field(default_factory=lambda: [0, 0])
    used: Counter[tuple[str, str, int | None]] = field(default_factory=Counter)
    streaks: dict[int, tuple[date, int]] = field(default_factory=dict)


class RuleMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        # Rolled back at the end of the example: nothing is left for the next one.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now, self.serial = START, 0
        self.model = Model()
        self.bought: list[Bought] = []

    @initialize()
    def programme(self) -> None:
        base = base_points()
        self.members: list[Member] = [MemberFactory.create(joined_at=START) for _ in range(2)]
        words: dict[str, Any] = {"name_en": "Rule", "point_type": base}
        limits = {"cap_day": 600, "cap_month": 700, "budget": 1_500}
        self.rows = {
            "paid": create_rule(code="paid", points=7, per_amount=Decimal(10), **limits, **words),
            "double": create_rule(code="double", factor=Decimal(2), weekdays=[1, 5, 6], **words),
            "visit": create_rule(code="visit", trigger="check_in", points=5, **words),
            "third": create_rule(
                code="third", trigger="check_in", points=20, streak_every=3, **words
            ),
        }
        self.paid = ModelRule(points=7, **limits)
        self.is_double = True
        # Caps that are reached, and a refund of what a version before the last one gave.
        self.buy(0, 9_000)
        self.now += timedelta(days=1)
        self.buy(0, 9_000)
        self.revise(points=3, cap_day=500, cap_month=1_000, budget=1_000)
        self.refund(0, 33)
        self.visit(1, 3)

    def teardown(self) -> None:
        try:
            connection.check_constraints()
            findings = prove(configured_checks())
            assert [found.check.id for found in findings if not found.is_clean] == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # --- What happens --------------------------------------------------------------------------

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.now += wait

    @rule(who=who, cents=cents)
    def buy(self, who: int, cents: int) -> None:
        self.serial += 1
        amount = Decimal(cents) / 10
        amount = amount.quantize(Decimal("0.01"))
        told = self._expected(who, amount)
        (run,) = dry_run(amount=amount, at=self.now, member=self.members[who]) or (None,)
        if run is not None:
            seen["dry run"] += 1
            assert run.earning.points == sum(told.values())
        row = record_purchase(
            source="till",
            external_id=f"P-{self.serial}",
            at=self.now,
            amount=amount,
            member=self.members[who],
            now=self.now,
        )
        seen["purchase"] += 1
        counted = [key for _name, _most, key in self._limits(who)]
        self.bought.append(Bought(who, row, told, self.paid.version, counted))
        self.model.points[who] += sum(told.values())
        for key in counted:
            self.model.used[key] += told.get("paid", 0)

    def _expected(self, who: int, amount: Decimal) -> dict[str, int]:
        """What the base gives under its caps, and what doubling adds; one rounding for both."""
        if not self.paid.is_on:
            return {}
        exact = Fraction(amount) * self.paid.points / 10
        shares = {"paid": self._capped(who, floor(exact))}
        if self.is_double and self.now.weekday() in (1, 5, 6):
            seen["doubled"] += 1
            shares["double"] = floor(2 * exact) - floor(exact)
        return shares

    def _limits(self, who: int) -> list[tuple[str, int, tuple[str, str, int | None]]]:
        """The caps that are set, each with the window that it counts in now."""
        limits: list[tuple[str, int | None, tuple[str, str, int | None]]] = [
            ("day", self.paid.cap_day, ("paid", f"day:{self.now:%Y-%m-%d}", who)),
            ("month", self.paid.cap_month, ("paid", f"month:{self.now:%Y-%m}", who)),
            ("budget", self.paid.budget, ("paid", "budget", None)),
        ]
        return [(name, most, key) for name, most, key in limits if most is not None]

    def _capped(self, who: int, points: int) -> int:
        granted = points
        for name, most, key in self._limits(who):
            left = max(0, most - self.model.used[key])
            if left < granted:
                seen[f"capped by the {name}"] += 1
                granted = left
        return granted

    @precondition(lambda self: any(found.refunded < found.row.amount for found in self.bought))
    @rule(nth=nth, percent=st.sampled_from([1, 33, 50, 100]))
    def refund(self, nth: int, percent: int) -> None:
        left = [found for found in self.bought if found.refunded < found.row.amount]
        bought = left[nth % len(left)]
        rest = bought.row.amount - bought.refunded
        amount = max(Decimal("0.01"), (rest * percent / 100).quantize(Decimal("0.01")))
        self.serial += 1
        record_refund(
            source="till",
            external_id=f"R-{self.serial}",
            at=self.now,
            amount=amount,
            purchase=bought.row,
            now=self.now,
        )
        seen["refund"] += 1
        if bought.version != self.paid.version:
            seen["refund of an older version"] += 1
        earned = sum(bought.shares.values())
        bought.refunded += amount
        clawed = floor(Fraction(earned) * Fraction(bought.refunded) / Fraction(bought.row.amount))
        self.model.points[bought.who] -= clawed - bought.clawed
        self._free(bought, earned, bought.clawed, clawed)
        bought.clawed = clawed

    def _free(self, bought: Bought, earned: int, before: int, after: int) -> None:
        if not earned:
            return
        counted = bought.shares.get("paid", 0)
        share = counted * after // earned - counted * before // earned
        for key in bought.counted:
            self.model.used[key] -= share
            seen["refund frees a cap"] += 1 if share else 0

    @rule(who=who, days=st.integers(1, 4))
    def visit(self, who: int, days: int) -> None:
        """Check in on so many days in a row, each time twice."""
        for _day in range(days):
            for _tap in range(2):
                check_in(member=self.members[who], now=self.now)
            self._visited(who)
            self.now += timedelta(days=1)

    def _visited(self, who: int) -> None:
        today = self.now.date()
        day, streak = self.model.streaks.get(who, (None, 0))
        if day == today:
            return
        streak = streak + 1 if day == today - timedelta(days=1) else 1
        self.model.streaks[who] = (today, streak)
        self.model.points[who] += 25 if streak % 3 == 0 else 5
        seen["check-in"] += 1
        seen["streak"] += 1 if streak % 3 == 0 else 0

    # --- What operators do ---------------------------------------------------------------------

    @rule(
        points=st.integers(1, 20),
        cap_day=st.sampled_from([None, 500]),
        cap_month=st.sampled_from([None, 1_000]),
        budget=st.sampled_from([None, 1_000, 2_000]),
    )
    def revise(
        self, points: int, cap_day: int | None, cap_month: int | None, budget: int | None
    ) -> None:
        words: dict[str, Any] = {"points": points, "cap_day": cap_day}
        words |= {"cap_month": cap_month, "budget": budget}
        stale, was_on = self.rows["paid"], self.paid.is_on
        self.rows["paid"] = revise_rule(rule=stale, **words)
        assert revise_rule(rule=stale, **words) == self.rows["paid"]
        seen["revision"] += 1
        if budget != self.paid.budget:
            seen["revision of a budget"] += 1
        if not was_on:
            seen["back in force"] += 1
        self.paid = ModelRule(version=self.paid.version + 1, **words)
        self._refused("rule_revised_meanwhile", rule=stale, points=points + 1)
        seen["stale revision"] += 1

    @rule()
    def retire(self) -> None:
        retire_rule(rule=self.rows["paid"])
        self.rows["paid"].refresh_from_db()
        self.paid.is_on = False
        seen["retired"] += 1

    @rule()
    def end_or_begin_doubling(self) -> None:
        if self.is_double:
            retire_rule(rule=self.rows["double"])
        else:
            self.rows["double"] = revise_rule(rule=self.rows["double"], priority=self.serial)
        self.is_double = not self.is_double

    @rule()
    def contradict(self) -> None:
        self._refused("caps_do_not_rise", rule=self.rows["paid"], cap_day=900, cap_month=800)
        self._refused("rule_gives_nothing", rule=self.rows["paid"], points=0)
        seen["contradiction"] += 1

    def _refused(self, code: str, **words: Any) -> None:
        before = EarningRule.objects.count()
        with pytest.raises(DomainError) as refusal, transaction.atomic():
            revise_rule(**words)
        assert refusal.value.code == code
        assert EarningRule.objects.count() == before

    # --- What always holds ---------------------------------------------------------------------

    @invariant()
    def points_agree(self) -> None:
        if not hasattr(self, "members"):
            return
        for number, member in enumerate(self.members):
            account = PointsAccount.objects.filter(member=member).first()
            held = account.balance - account.debt if account else 0
            assert held == self.model.points[number]

    @invariant()
    def caps_agree(self) -> None:
        if not hasattr(self, "members"):
            return
        numbers = {member.pk: number for number, member in enumerate(self.members)}
        found = {
            (counter.rule_code, counter.window, numbers.get(counter.member_id or 0)): counter.used
            for counter in RuleCounter.objects.all()
            if counter.used
        }
        assert found == {key: used for key, used in self.model.used.items() if used}

    @invariant()
    def one_version_is_in_force(self) -> None:
        if not hasattr(self, "members"):
            return
        current = EarningRule.objects.filter(code="paid", is_current=True)
        expected = [self.paid.version] if self.paid.is_on else []
        assert [row.version for row in current] == expected
        assert EarningRule.objects.filter(code="paid").count() == self.paid.version


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_rules_agree_with_the_model() -> None:
    walk(
        RuleMachine,
        examples=15,
        steps=20,
        variable="RULE_EXAMPLES",
        seen=seen,
        must_happen=MUST_HAPPEN,
    )
    assert not Purchase.objects.exists()
