"""What operators ask of the figures."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock

# No programme is older.
EARLIEST = date(1900, 1, 1)


class FiguresForm(forms.Form):
    """As of the beginning of which day, and how cohorts are written."""

    on = forms.DateField(
        label=_("As of the beginning of"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Purchases and refunds of the days before it count."),
    )
    cohorts = forms.ChoiceField(
        label=_("Cohorts"),
        choices=[("members", _("Members")), ("shares", _("Shares"))],
        required=False,
    )

    def clean_on(self) -> date:
        """A day that has begun."""
        day: date = self.cleaned_data["on"]
        if not EARLIEST <= day <= clock.today():
            raise forms.ValidationError(_("Choose a day that has begun, today at the latest."))
        return day


def figures_form(data: Any) -> FiguresForm:
    """The form as it was sent, or as of today."""
    return FiguresForm(data if "on" in data else {"on": clock.today(), "cohorts": "members"})
