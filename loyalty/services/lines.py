"""The lines of purchases and refunds: what was paid for each, and what of it came back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from loyalty import rules
from loyalty.errors import (
    LineNotInPurchase,
    LineWithoutPurchase,
    RefundExceedsLine,
    RefundExceedsLineAmount,
)
from loyalty.models import ProductCategory, Purchase, PurchaseLine, Refund, RefundLine


@dataclass(frozen=True)
class Line:
    """One line of a purchase or refund; amounts and quantities are positive for both.

    A refund's line may say by its number `of_line` which line of the purchase came back.
    """

    sku: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    description: str = ""
    category: ProductCategory | None = None
    of_line: int | None = None


@dataclass(frozen=True)
class SoldLine:
    """A line of a purchase, the money that was paid for it, and what came back so far."""

    line: PurchaseLine
    paid: Decimal
    quantity_back: Decimal
    amount_back: Decimal

    @property
    def quantity_left(self) -> Decimal:
        return self.line.quantity - self.quantity_back

    @property
    def amount_left(self) -> Decimal:
        return self.paid - self.amount_back

    def money_for(self, quantity: Decimal) -> Decimal:
        """What so many pieces more give back; the last take the rest of what was paid."""
        if quantity == self.quantity_left:
            return self.amount_left
        exact = rules.line_refund(
            paid=self.paid,
            quantity=self.line.quantity,
            back_before=self.quantity_back,
            back_now=quantity,
        )
        return min(exact, self.amount_left)


def amounts_by_category(
    purchase: Purchase, lines: Iterable[Line | PurchaseLine]
) -> dict[int, Decimal]:
    """What was paid with money in each category of articles, for rules that ask."""
    told = list(lines)
    paid = rules.net_parts([line.amount for line in told], due=purchase.due, amount=purchase.amount)
    amounts: dict[int, Decimal] = {}
    for line, amount in zip(told, paid, strict=True):
        category = line.category.pk if line.category else rules.UNSORTED
        amounts[category] = amounts.get(category, Decimal(0)) + amount
    return amounts


def purchase_lines(purchase: Purchase, lines: Sequence[Line]) -> list[PurchaseLine]:
    """Rows for the lines, numbered from 1, not yet written."""
    return [
        PurchaseLine(
            purchase=purchase,
            number=number,
            category=line.category,
            sku=line.sku,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for number, line in enumerate(lines, start=1)
    ]


def refund_lines(
    refund: Refund, lines: Sequence[Line], sold: dict[int, SoldLine]
) -> list[RefundLine]:
    """Rows for the lines, numbered from 1, not yet written; they name what was sold by its row."""
    return [
        RefundLine(
            refund=refund,
            number=number,
            purchase_line=sold[line.of_line].line if line.of_line is not None else None,
            sku=line.sku,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for number, line in enumerate(lines, start=1)
    ]


def sold_lines(purchase: Purchase) -> dict[int, SoldLine]:
    """The lines of a purchase by their numbers, with what of each came back."""
    rows = list(purchase.lines.order_by("number"))
    paid = rules.net_parts([row.amount for row in rows], due=purchase.due, amount=purchase.amount)
    back = RefundLine.objects.filter(purchase_line__purchase=purchase).values("purchase_line_id")
    sums = {
        row["purchase_line_id"]: (row["pieces"], row["money"])
        for row in back.annotate(pieces=Sum("quantity"), money=Sum("amount"))
    }
    nothing = (Decimal(0), Decimal(0))
    return {
        row.number: SoldLine(row, share, *sums.get(row.pk, nothing))
        for row, share in zip(rows, paid, strict=True)
    }


def check_refund_lines(purchase: Purchase | None, lines: Sequence[Line]) -> dict[int, SoldLine]:
    """Refuse lines that were not sold, and more of one than is left of it.

    Gives the lines of the purchase by number; nothing is read where no line names one. The caller
    holds the purchase: what is left of a line changes only by its refunds.
    """
    named = [line for line in lines if line.of_line is not None]
    if not named:
        return {}
    if purchase is None:
        raise LineWithoutPurchase()
    sold = sold_lines(purchase)
    for number in {line.of_line for line in named}:
        if number not in sold:
            raise LineNotInPurchase(number=str(number))
        _check_line(sold[number], [line for line in named if line.of_line == number])
    return sold


def _check_line(sold: SoldLine, back: Sequence[Line]) -> None:
    quantity = sum((line.quantity for line in back), Decimal(0))
    if quantity > sold.quantity_left or any(line.quantity < 0 for line in back):
        raise RefundExceedsLine(
            left=sold.quantity_left.normalize(), number=str(sold.line.number), sku=sold.line.sku
        )
    amount = sum((line.amount for line in back), Decimal(0))
    if amount > sold.amount_left or any(line.amount < 0 for line in back):
        raise RefundExceedsLineAmount(
            left=sold.amount_left, number=str(sold.line.number), sku=sold.line.sku
        )
