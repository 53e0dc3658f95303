"""What operators ask of the figures."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.rules.periods import Period, month_period
from benefits.models import CouponTemplate, Reward
from common import clock
from common.money import minor_digits
from members.models import Segment

# No programme is older.
EARLIEST = date(1900, 1, 1)
# No dashboard adds up more days: ten years.
MOST_DAYS = 3660


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


class DayField(forms.DateField):
    """A calendar day, asked for with the browser's own picker."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, *, has_begun: bool = False, **options: Any) -> None:
        self.has_begun = has_begun
        super().__init__(**options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        latest = clock.today() if self.has_begun else clock.today() - timedelta(days=1)
        if day is not None and not EARLIEST <= day <= latest:
            raise forms.ValidationError(
                _("Choose a day that has begun, today at the latest.")
                if self.has_begun
                else _("Choose a day that is over, yesterday at the latest.")
            )
        return day


class PeriodForm(forms.Form):
    """From which day to which, both included."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last:
            if first > last:
                raise forms.ValidationError(_("The first day comes after the last one."))
            if (last - first).days >= MOST_DAYS:
                raise forms.ValidationError(_("Choose ten years at most."))
            data["period"] = Period(first, last)
        return data


class AsOfForm(forms.Form):
    """As of the beginning of which day."""

    on = DayField(
        label=_("As of the beginning of"),
        has_begun=True,
        help_text=_("Purchases and refunds of the days before it count."),
    )


class ChangeForm(forms.Form):
    """Which day to compare around, and how many days on either side."""

    on = DayField(label=_("What changed on"))
    days = forms.IntegerField(
        label=_("Days on either side"), min_value=1, max_value=366, initial=30
    )


class ReturnForm(forms.Form):
    """Which benefit to judge, over how many days, against whom, and what else it cost."""

    coupon = forms.ModelChoiceField(
        CouponTemplate.objects.all(), label=_("Coupon offer"), required=False
    )
    reward = forms.ModelChoiceField(Reward.objects.all(), label=_("Reward"), required=False)
    days = forms.IntegerField(label=_("Days looked at"), min_value=1, max_value=366, initial=30)
    hold_out = forms.ModelChoiceField(
        Segment.objects.all(),
        label=pgettext_lazy("benefit", "Held out"),
        required=False,
        help_text=_("A segment of members who were given none of these coupons, to compare with."),
    )
    other_cost = forms.DecimalField(
        label=_("Other costs"),
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=minor_digits(),
        help_text=_("What it cost besides: printing, postage, goods."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        coupon, reward = data.get("coupon"), data.get("reward")
        if not self.errors and bool(coupon) == bool(reward):
            raise forms.ValidationError(_("Choose a coupon offer or a reward."))
        if reward and data.get("hold_out"):
            self.add_error("hold_out", _("Only a coupon offer can be held against a segment."))
        return data


def presets(today: date) -> dict[str, Period]:
    """Periods that operators ask for most, by their name in the address; all end when days did."""
    yesterday = today - timedelta(days=1)
    month = month_period(yesterday.year, yesterday.month)
    before = month.first - timedelta(days=1)
    return {
        "7d": Period(today - timedelta(days=7), yesterday),
        "30d": Period(today - timedelta(days=30), yesterday),
        "90d": Period(today - timedelta(days=90), yesterday),
        "month": Period(month.first, yesterday),
        "last_month": month_period(before.year, before.month),
        "year": Period(date(yesterday.year, 1, 1), yesterday),
        "365d": Period(today - timedelta(days=365), yesterday),
    }
