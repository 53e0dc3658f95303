"""What operators type to record a refund."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import format_money
from common.numbers import format_number
from loyalty.models import Purchase
from loyalty.services.lines import SoldLine, sold_lines
from loyalty.services.refund_preview import Planned, plan_amount, plan_lines, plan_rest

from .points import money_field


class RefundForm(KeyedForm):
    """What of a purchase comes back: everything left, a sum, or so many pieces of its lines.

    `at` is when the form was opened, so that sending it twice tells the same refund; `agreed` is
    the mark of the plan that was shown.
    """

    class What(TextChoices):
        REST = "rest", _("Everything that is left")
        AMOUNT = "amount", _("A sum of money")
        LINES = "lines", _("Pieces of lines")

    at = forms.CharField(widget=forms.HiddenInput, initial=lambda: clock.now().isoformat())
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, purchase: Purchase, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purchase = purchase
        is_by_points = purchase.is_paid_by_points_alone
        sold = [] if is_by_points else sold_lines(purchase).values()
        self.sold = [line for line in sold if line.quantity_left > 0]
        choices = [choice for choice in self.What.choices if self.sold or choice[0] != "lines"]
        self.fields["what"] = forms.ChoiceField(label=_("What comes back"), choices=choices)
        self.fields["amount"] = money_field(
            label=_("Amount"),
            required=False,
            help_text=_("Points paid for all of it: so much of it comes back as points.")
            if is_by_points
            else _("Only for a sum of money: what the member gets back."),
        )
        for line in self.sold:
            self.fields[f"line_{line.line.number}"] = line_field(line)

    def clean(self) -> dict[str, Any]:
        """Make the plan of the refund; what cannot be is refused in words."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["what"] == self.What.AMOUNT and cleaned["amount"] is None:
            self.add_error("amount", _("Say how much is given back."))
            return cleaned
        try:
            cleaned["at"] = datetime.fromisoformat(cleaned["at"])
        except ValueError:
            self.add_error(None, _("Open this form again."))
            return cleaned
        try:
            cleaned["plan"] = self._plan(cleaned)
        except DomainError as error:
            add_domain_error(self, error)
        return cleaned

    def _plan(self, cleaned: dict[str, Any]) -> Planned:
        match cleaned["what"]:
            case self.What.AMOUNT:
                return plan_amount(self.purchase, cleaned["amount"])
            case self.What.LINES:
                numbers = [line.line.number for line in self.sold]
                pieces = {number: cleaned[f"line_{number}"] or Decimal(0) for number in numbers}
                return plan_lines(self.purchase, pieces)
        return plan_rest(self.purchase)


def line_field(sold: SoldLine) -> forms.DecimalField:
    """How many pieces of a line come back, at most what is left of it."""
    left = sold.quantity_left.normalize()
    text = gettext("%(left)s left, %(amount)s paid for them. Only for pieces of lines.")
    return forms.DecimalField(
        label=f"{sold.line.number}. {sold.line.description or sold.line.sku}",
        required=False,
        min_value=Decimal(0),
        max_value=left,
        max_digits=14,
        decimal_places=3,
        help_text=text % {"left": format_number(left), "amount": format_money(sold.amount_left)},
    )
