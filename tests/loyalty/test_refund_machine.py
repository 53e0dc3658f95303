"""Purchases with points and their refunds against a simple model, whatever comes in which order.

The model knows sums only: what a purchase used, earned and refunded, and what a member has and
owes. `REFUND_EXAMPLES=2000 pytest tests/loyalty/test_refund_machine.py` looks further, at random.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from django.db import connection, transaction
from django.db.models import Sum
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
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsMoney,
    PointsPayment,
    PointType,
    Purchase,
    UncollectedPoints,
)
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.points_money import quote_points

from .payments import buy_with, give_back, holder, take
from .programmes import local, plain_programme
from .walks import walk

START = local(2025, 3, 14, 12)
MUST_HAPPEN = {
    "quote refused",
    "payment",
    "checkout given up",
    "purchase",
    "paid by points alone",
    "partial refund",
    "last refund",
    "refund refused",
    "restored",
    "restore pays debt",
    "clawed back",
    "owed",
    "forgiven",
    "spent",
    "given back by hand refused",
}
seen: Counter[str] = Counter()

nth = st.integers(0, 30)
PERCENT = st.sampled_from([0, 1, 33, 50, 67, 100, 100])


@dataclass
class Paid:
    """A purchase in cents and points; `back` is what of `base` came back."""

    row: Purchase
    base: int
    part: int
    used: int
    earned: int
    back: int = 0
    restored: int = 0
    taken: int = 0
    parts_back: int = 0

    @property
    def is_by_points_alone(self) -> bool:
        return self.row.amount == 0


@dataclass
class Holding:
    """What the member has, owes, and was forgiven."""

    balance: int = 0
    debt: int = 0
    forgiven: int = 0

    def credit(self, points: int) -> int:
        """Debt first; gives what went to it."""
        paid = min(self.debt, points)
        self.debt -= paid
        self.balance += points - paid
        return paid

    def take(self, points: int, *, is_forgiving: bool) -> int:
        """As much as there is; the rest is owed or forgiven. Gives what was missing."""
        missing = max(0, points - self.balance)
        self.balance -= points - missing
        if is_forgiving:
            self.forgiven += missing
        else:
            self.debt += missing
        return missing


def share(total: int, part: int, whole: int) -> int:
    return floor(Fraction(total * part, whole))


def cents(amount: Decimal) -> int:
    return int(amount * 100)


class RefundMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        # Rolled back at the end of the example: nothing is left for the next one.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now, self.serial = START, 0
        self.open: list[PointsPayment] = []
        self.purchases: list[Paid] = []

    @initialize(share=st.sampled_from([50, 50, 100]), multiple=st.sampled_from([1, 100]))
    def programme(self, share: int, multiple: int) -> None:
        self.kind = plain_programme(points=101, per_amount="1.00")
        self.terms = PointsMoney.objects.create(
            points_per_money=100,
            minimum_purchase=Decimal("10.00"),
            maximum_share=Decimal(share),
            multiple=multiple,
        )
        self.member = holder(40_000, at=START)
        self.held = Holding(balance=40_000)
        self.check_out(5_001)
        self.pay(0)

    def teardown(self) -> None:
        try:
            connection.check_constraints()
            assert [finding for finding in prove(configured_checks()) if not finding.is_clean] == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def key(self) -> str:
        self.serial += 1
        return f"k{self.serial}"

    # --- using points -----------------------------------------------------------------------

    def quoted(self, price: int) -> int:
        """The most points, worth a cent each, that the model allows."""
        if self.held.debt or price < cents(self.terms.minimum_purchase):
            return 0
        most = min(share(price, int(self.terms.maximum_share), 100), self.held.balance)
        return most - most % self.terms.multiple

    @rule(price=st.integers(500, 60_000), is_given_up=st.booleans())
    def check_out_and_think(self, price: int, is_given_up: bool) -> None:
        before = len(self.open)
        self.check_out(price)
        if is_given_up and len(self.open) > before:
            self.give_up(before)

    def check_out(self, price: int) -> None:
        amount, expected = Decimal(price) / 100, self.quoted(price)
        found = quote_points(member=self.member, amount=amount, now=self.now)
        assert (found.points, cents(found.amount)) == (expected, expected)
        if not expected:
            with pytest.raises(DomainError):
                take(self.member, str(amount), self.now, key=self.key())
            seen["quote refused"] += 1
            return
        payment = take(self.member, str(amount), self.now, key=self.key())
        assert payment.points == expected
        self.held.balance -= expected
        self.open.append(payment)
        seen["payment"] += 1

    @rule(nth=nth)
    @precondition(lambda self: self.open)
    def give_up(self, nth: int) -> None:
        payment = self.open.pop(nth % len(self.open))
        restore_points(redemption=payment.entry, key=self.key(), now=self.now)
        self.held.credit(payment.points)
        seen["checkout given up"] += 1

    @rule(nth=nth)
    @precondition(lambda self: self.open)
    def pay(self, nth: int) -> None:
        payment = self.open.pop(nth % len(self.open))
        row = buy_with(payment, self.now, external_id=self.key())
        money, part = cents(row.amount), cents(row.paid_by_points)
        earned = share(101, money, 100)
        self.held.credit(earned)
        self.purchases.append(Paid(row, money or part, part, payment.points, earned))
        seen["paid by points alone"] += not money
        seen["purchase"] += 1

    # --- refunds ----------------------------------------------------------------------------

    @rule(
        nth=nth,
        percent=PERCENT,
        is_over=st.booleans(),
        is_forgiving=st.booleans(),
        is_spent=st.booleans(),
    )
    @precondition(lambda self: self.purchases)
    def refund(
        self, nth: int, percent: int, is_over: bool, is_forgiving: bool, is_spent: bool
    ) -> None:
        """Some of what is left, or a cent more than all of it; the policy may change in between,
        and everything that the member had may be spent."""
        if is_spent:
            self.spend(True, 0)
        paid = self.purchases[nth % len(self.purchases)]
        is_over = is_over and percent == 100
        left = paid.base - paid.back
        back = left + 1 if is_over else share(left, percent, 100)
        facts = {"purchase": paid.row, "at": self.now, "external_id": self.key()}
        amount = Decimal(back) / 100
        if paid.is_by_points_alone:
            facts["points_part"], amount = amount, Decimal(0)
        if is_over:
            with pytest.raises(DomainError):
                give_back(amount=str(amount), **facts)
            seen["refund refused"] += 1
            return
        self.kind.clawback = "forgive" if is_forgiving else "debt"
        self.kind.save(update_fields=["clawback"])
        refund = give_back(amount=str(amount), **facts)
        self.settle(paid, back, is_forgiving=is_forgiving)
        paid.parts_back += cents(refund.paid_by_points)
        assert paid.parts_back == share(paid.part, paid.back, paid.base)
        seen["last refund" if paid.back == paid.base else "partial refund"] += 1

    def settle(self, paid: Paid, back: int, *, is_forgiving: bool) -> None:
        """First what was used comes back and pays debt, then what was earned is taken."""
        paid.back += back
        restored = share(paid.used, paid.back, paid.base) - paid.restored
        seen["restore pays debt"] += bool(self.held.credit(restored))
        seen["restored"] += bool(restored)
        taken = share(paid.earned, paid.back, paid.base) - paid.taken
        missing = self.held.take(taken, is_forgiving=is_forgiving)
        seen["clawed back"] += bool(taken)
        seen["forgiven" if is_forgiving else "owed"] += bool(missing)
        paid.restored += restored
        paid.taken += taken

    @rule(nth=nth)
    @precondition(lambda self: self.purchases)
    def give_back_by_hand(self, nth: int) -> None:
        payment = self.purchases[nth % len(self.purchases)].row.payment
        assert payment is not None
        with pytest.raises(DomainError):
            restore_points(redemption=payment.entry, key=self.key(), now=self.now)
        seen["given back by hand refused"] += 1

    # --- everything else that moves points ------------------------------------------------

    @rule(is_all=st.booleans(), points=st.integers(1, 5_000))
    def spend(self, is_all: bool, points: int) -> None:
        points = self.held.balance if is_all else points
        if self.held.debt or not 0 < points <= self.held.balance:
            return
        redeem_points(member=self.member, points=points, key=self.key(), now=self.now)
        self.held.balance -= points
        seen["spent"] += 1

    @rule(points=st.integers(1, 20_000))
    def earn(self, points: int) -> None:
        earn_points(member=self.member, points=points, key=self.key(), now=self.now)
        self.held.credit(points)

    @rule(days=st.integers(0, 40))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    # --- what must agree --------------------------------------------------------------------

    @invariant()
    @precondition(lambda self: hasattr(self, "held"))
    def holdings_agree(self) -> None:
        account = PointsAccount.objects.get(member=self.member)
        assert (account.balance, account.debt) == (self.held.balance, self.held.debt)
        forgiven = UncollectedPoints.objects.aggregate(total=Sum("points"))["total"] or 0
        assert forgiven == self.held.forgiven

    @invariant()
    @precondition(lambda self: hasattr(self, "held"))
    def purchases_agree(self) -> None:
        entries = PointsEntry.objects.filter(account__point_type__code=PointType.BASE)
        for paid in self.purchases:
            of_purchase = entries.filter(refund__purchase=paid.row)
            assert of_purchase.filter(kind="restore").total() == paid.restored
            assert paid.restored <= paid.used
            is_whole = paid.back == paid.base
            assert not is_whole or (paid.restored, paid.taken) == (paid.used, paid.earned)


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_refunds_do_what_the_rules_say() -> None:
    walk(
        RefundMachine,
        examples=25,
        steps=20,
        variable="REFUND_EXAMPLES",
        seen=seen,
        must_happen=MUST_HAPPEN,
    )
    assert not Purchase.objects.exists()
