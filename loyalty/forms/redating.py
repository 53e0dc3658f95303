"""What operators type to re-date points that are out."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common.forms import KeyedForm, add_domain_error
from common.periods import Period, PeriodError
from loyalty.errors import RedateDatesReversed
from loyalty.models import PointType

from .points import EARLIEST


class RedateForm(KeyedForm):
    """Which points that are out get which new validity, and why."""

    point_type = forms.ModelChoiceField(
        PointType.objects.filter(is_spendable=True), label=_("Kind of points"), empty_label=None
    )
    expiry = forms.CharField(
        label=_("New validity"),
        max_length=24,
        help_text=_(
            "From the day of earning: 12M, 12M/month (to the end of the month), anniversary (of "
            "joining), @12-31, inactive 12M (from the last activity) or never."
        ),
    )
    only_policy = forms.CharField(
        label=_("Only points valid for"),
        max_length=24,
        required=False,
        help_text=_("As lots show it, for example 12M. Left empty, all are meant."),
    )
    earned_from = forms.DateField(
        label=_("Earned from"),
        required=False,
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    earned_until = forms.DateField(
        label=_("Earned until"),
        required=False,
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_expiry(self) -> str:
        return self._period("expiry")

    def clean_only_policy(self) -> str:
        return self._period("only_policy") if self.cleaned_data["only_policy"] else ""

    def clean(self) -> dict[str, Any]:
        """The days of earning must be in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("earned_from"), cleaned.get("earned_until")
        if first and last and first > last:
            add_domain_error(self, RedateDatesReversed(), "earned_until")
        return cleaned

    def _period(self, name: str) -> str:
        try:
            return str(Period.parse(self.cleaned_data[name]))
        except PeriodError as error:
            raise forms.ValidationError(str(error), code=error.code) from error
