"""What a refund does to points: of one that is recorded, or of one that is only asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from loyalty import rules
from loyalty.errors import NothingToRefund
from loyalty.models import PointsEntry, PointType, Purchase, Refund

from .ledger import Kind
from .lines import Line, SoldLine, sold_lines
from .purchases import record_refund


@dataclass(frozen=True)
class Taken:
    """Points of one kind that a refund takes back: of them `owed`, and besides `forgiven`."""

    kind: PointType
    points: int
    owed: int
    forgiven: int


@dataclass(frozen=True)
class RefundEffects:
    """Money and points of a refund: `restored` came back, of which `paid_to_debt` settled debt."""

    amount: Decimal
    paid_by_points: Decimal
    restored: int
    paid_to_debt: int
    taken: list[Taken]


@dataclass(frozen=True)
class LineShare:
    """A line's part of the base points that its refund took back and gave back, for display."""

    taken: int
    restored: int


@dataclass(frozen=True)
class Planned:
    """A refund as `record_refund` takes it: how much money, of which lines, which points' part."""

    amount: Decimal
    lines: tuple[Line, ...] = ()
    points_part: Decimal | None = None

    @property
    def mark(self) -> str:
        """What somebody who has seen it agrees to: the same mark is the same refund."""
        lines = [f"{line.of_line}×{line.quantity.normalize():f}" for line in self.lines]
        part = [] if self.points_part is None else [f"+{self.points_part}"]
        return " ".join([str(self.amount), *part, *lines])

    def facts(self) -> dict[str, Any]:
        return {"amount": self.amount, "lines": self.lines, "points_part": self.points_part}


def effects_of(refund: Refund) -> RefundEffects:
    """What a recorded refund did, from the ledger."""
    entries = list(refund.entries.select_related("account__point_type").order_by("account", "pk"))
    forgiven = {
        row.account_id: row for row in refund.uncollected.select_related("account__point_type")
    }
    restored = [entry for entry in entries if entry.kind == Kind.RESTORE]
    taken = {entry.account_id: entry for entry in entries if entry.kind == Kind.CLAWBACK}
    accounts = {pk: entry.account for pk, entry in taken.items()}
    accounts |= {pk: row.account for pk, row in forgiven.items()}
    return RefundEffects(
        amount=refund.amount,
        paid_by_points=refund.paid_by_points,
        restored=sum(entry.points for entry in restored),
        paid_to_debt=-sum(entry.debt_change for entry in restored),
        taken=[
            Taken(
                kind=account.point_type,
                points=-taken[pk].points if pk in taken else 0,
                owed=taken[pk].debt_change if pk in taken else 0,
                forgiven=forgiven[pk].points if pk in forgiven else 0,
            )
            for pk, account in sorted(accounts.items())
        ],
    )


@transaction.atomic
def preview_refund(**facts: Any) -> RefundEffects:
    """What recording this refund now would do, by doing it and taking all of it back.

    The arguments and refusals are those of `record_refund`; nothing stays.
    """
    effects = effects_of(record_refund(**facts))
    transaction.set_rollback(True)
    return effects


def line_shares(refund: Refund) -> dict[int, LineShare]:
    """Which line took and gave back what of the refund's base points, by the line's id."""
    lines = list(refund.lines.order_by("number"))
    entries = list(refund.entries.filter(account__point_type__code=PointType.BASE))
    amounts = [line.amount for line in lines]
    taken = rules.point_shares(_sum(entries, Kind.CLAWBACK), amounts)
    restored = rules.point_shares(_sum(entries, Kind.RESTORE), amounts)
    return {
        line.pk: LineShare(*shares) for line, *shares in zip(lines, taken, restored, strict=True)
    }


def plan_rest(purchase: Purchase) -> Planned:
    """Everything of a purchase that did not come back yet, with its lines where they tell it all.

    Refused where nothing is left.
    """
    amount = purchase.amount - purchase.refunds.all().total_amount()
    part = purchase.paid_by_points - purchase.refunds.all().total_paid_by_points()
    if not amount and not part:
        raise NothingToRefund()
    sold = sold_lines(purchase)
    left = {number: line.quantity_left for number, line in sold.items() if line.quantity_left > 0}
    lines = tuple(_line_back(sold[number], quantity) for number, quantity in left.items())
    is_told_by_lines = sum((line.amount for line in lines), Decimal(0)) == amount
    return Planned(amount=amount, lines=lines if is_told_by_lines else ())


def plan_amount(purchase: Purchase, amount: Decimal) -> Planned:
    """A sum of money; where points alone paid, so much of what they were worth."""
    if not amount:
        raise NothingToRefund()
    if purchase.is_paid_by_points_alone:
        return Planned(amount=Decimal(0), points_part=amount)
    return Planned(amount=amount)


def plan_lines(purchase: Purchase, quantities: Mapping[int, Decimal]) -> Planned:
    """So many pieces of lines by number, with the money that was paid for them."""
    sold = sold_lines(purchase)
    lines = tuple(
        _line_back(sold[number], quantity) for number, quantity in quantities.items() if quantity
    )
    if not lines:
        raise NothingToRefund()
    return Planned(amount=sum((line.amount for line in lines), Decimal(0)), lines=lines)


def _line_back(sold: SoldLine, quantity: Decimal) -> Line:
    return Line(
        sku=sold.line.sku,
        description=sold.line.description,
        quantity=quantity,
        unit_price=sold.line.unit_price,
        amount=sold.money_for(quantity),
        category=sold.line.category,
        of_line=sold.line.number,
    )


def _sum(entries: list[PointsEntry], kind: PointsEntry.Kind) -> int:
    return sum(abs(entry.points) for entry in entries if entry.kind == kind)
