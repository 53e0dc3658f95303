"""What an operator records for a member by hand."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm
from loyalty.models import Trigger
from loyalty.services.activities import ON_THEIR_OWN
from members.models import Member

from .dry_runs import member_meant
from .points import EARLIEST

# A purchase has its own way in; a check-in is the member's own doing, a birthday the night's.
BY_HAND = [(value, label) for value, label in Trigger.choices if value not in ON_THEIR_OWN]


class ActivityForm(KeyedForm):
    """Who did what, and when; the reference makes it once."""

    member = forms.CharField(
        label=_("Member"), max_length=254, help_text=_("Card, phone, e-mail, number or name.")
    )
    kind = forms.ChoiceField(label=_("Activity"), choices=BY_HAND)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=200,
        required=False,
        help_text=_("A number that names it, such as that of the review: it counts only once."),
    )
    on = forms.DateField(
        label=_("Day"),
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    time = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    def clean_member(self) -> Member:
        try:
            return member_meant(self.cleaned_data["member"])
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        """Make the instant of day and time, and the key of the reference."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        moment = datetime.combine(cleaned["on"], cleaned["time"])
        cleaned["at"] = moment.replace(tzinfo=clock.zone())
        cleaned["key"] = cleaned["reference"] or cleaned["key"]
        return cleaned
