"""What operators type about points."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import from_minor, minor_digits
from loyalty.as_of import end_of, instant_of
from loyalty.models import PointType

# More is a slip of the finger; the column holds far more.
MOST_POINTS = 1_000_000_000
# No programme is older.
EARLIEST = date(1900, 1, 1)


def money_field(**options: Any) -> forms.DecimalField:
    """An amount of the programme's currency. The currency is a setting: known when a form is
    made, not when this module is read."""
    given = {"min_value": from_minor(0), "max_digits": 12, "decimal_places": minor_digits()}
    return forms.DecimalField(**{**given, **options})


class AdjustPointsForm(KeyedForm):
    """How many points of which kind to give or take, and why."""

    point_type = forms.ModelChoiceField(
        PointType.objects.all(), label=_("Kind of points"), empty_label=None
    )
    points = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST_POINTS,
        max_value=MOST_POINTS,
        help_text=_("A whole number: 100 gives, -100 takes away."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this in the points history."),
    )


class UsePointsForm(KeyedForm):
    """The price of a purchase that points shall pay a part of; `agreed` is what was quoted."""

    points = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        max_value=MOST_POINTS,
        required=False,
        help_text=_("Left empty, as many as may be used."),
    )
    reason = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The member reads this in the points history."),
    )
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ("amount", "points", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = money_field(
            label=_("Price of the purchase"), help_text=_("After coupons, before points.")
        )
        self.order_fields(self.field_order)


class GiveBackForm(KeyedForm):
    """How many points of a redemption to give back, and why."""

    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=MOST_POINTS)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this in the points history."),
    )


class ApproveForm(KeyedForm):
    """A yes, with a word about it if the checker likes."""

    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class RejectForm(KeyedForm):
    """A no, and why."""

    note = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever asked for the adjustment reads this."),
    )


class ActivateForm(KeyedForm):
    """Why points may be spent before their time."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class AsOfForm(forms.Form):
    """A day, or an instant of it, to look back at; without a time its end is meant."""

    on = forms.DateField(
        label=_("Day"),
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    time = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Left empty, the end of the day is meant."),
    )

    def clean(self) -> dict[str, Any]:
        """Make the instant of the two, refused where it is still to come."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        day, at_time, now = cleaned.get("on"), cleaned.get("time"), clock.now()
        if day is None:
            return cleaned
        try:
            if at_time is None:
                cleaned["at"] = end_of(day, now=now)
            else:
                cleaned["at"] = instant_of(datetime.combine(day, at_time), now=now)
        except DomainError as error:
            add_domain_error(self, error, "on")
        return cleaned
