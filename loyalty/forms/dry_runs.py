"""An imagined purchase."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.money import format_money, minor_digits
from loyalty.errors import MemberNotFound, SeveralMembersFound
from loyalty.models import Channel, Partner, ProductCategory
from members.models import Member, Store

from .points import EARLIEST

LINES = range(1, 5)


class DryRunForm(forms.Form):
    """Who buys what, where and when; only the amount, or lines by category, must be given."""

    member = forms.CharField(
        label=_("Member"),
        max_length=254,
        required=False,
        help_text=_("Card, phone, e-mail, number or name; empty for a guest."),
    )
    on = forms.DateField(
        label=_("Day"),
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    store = forms.ModelChoiceField(Store.objects.all(), label=_("Store"), required=False)
    channel = forms.ModelChoiceField(Channel.objects.all(), label=_("Channel"), required=False)
    partner = forms.ModelChoiceField(Partner.objects.all(), label=_("Partner"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = _amount(_("Amount paid"), _("Empty: the sum of the lines below."))
        if not ProductCategory.objects.exists():
            self.fields["amount"].required = True
            self.fields["amount"].help_text = ""
            return
        for number in LINES:
            self.fields[f"category_{number}"] = forms.ModelChoiceField(
                ProductCategory.objects.all(), label=_("Product category"), required=False
            )
            self.fields[f"amount_{number}"] = _amount(_("Amount"), "")

    def main_fields(self) -> list[forms.BoundField]:
        names = ("member", "amount", "on", "time", "store", "channel", "partner")
        return [self[name] for name in names]

    def line_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The lines, each a category and its amount; none where there are no categories."""
        return [
            (self[f"category_{number}"], self[f"amount_{number}"])
            for number in LINES
            if f"category_{number}" in self.fields
        ]

    def clean_member(self) -> Member | None:
        """Whose card, phone or number it is as a whole; else the only one whom a search finds."""
        text = self.cleaned_data["member"].strip()
        if not text:
            return None
        try:
            return member_meant(text)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        """Make the instant of day and time, and parts and amount of the lines."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        moment = datetime.combine(cleaned["on"], cleaned["time"])
        cleaned["at"] = moment.replace(tzinfo=clock.zone())
        parts = self._parts(cleaned)
        total = sum(parts.values(), Decimal(0))
        amount = cleaned.get("amount")
        if amount is None and not parts:
            self.add_error("amount", ValidationError(_("Say how much is paid."), code="required"))
        elif amount is not None and parts and amount != total:
            text = _("The lines add up to %(total)s: leave the amount empty, or make it the same.")
            told = {"total": format_money(total)}
            self.add_error("amount", ValidationError(text, code="lines", params=told))
        cleaned["parts"] = parts
        cleaned["amount"] = total if amount is None else amount
        return cleaned

    def _parts(self, cleaned: dict[str, Any]) -> dict[int, Decimal]:
        """The amounts by category; a category named twice counts together, one unnamed as 0."""
        parts: dict[int, Decimal] = {}
        for number in LINES:
            amount = cleaned.get(f"amount_{number}")
            category = cleaned.get(f"category_{number}")
            if amount is None:
                continue
            key = category.pk if category else 0
            parts[key] = parts.get(key, Decimal(0)) + amount
        return parts


def member_meant(text: str) -> Member:
    """The one member whom a text means. Refused: nobody, and more than one."""
    found = Member.objects.identified_by(text) or list(Member.objects.search(text)[:2])
    if not found:
        raise MemberNotFound(text=text)
    if len(found) > 1:
        raise SeveralMembersFound(text=text)
    return found[0]


def _amount(label: Any, hint: Any) -> forms.DecimalField:
    # The currency is a setting: known when a form is made, not when this module is read.
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=minor_digits(),
        required=False,
        help_text=hint,
    )
