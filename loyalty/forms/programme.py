"""What operators type about points and the programme."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from loyalty import rules
from loyalty.as_of import end_of, instant_of
from loyalty.errors import BoundsDoNotRise, LowestTierMissing
from loyalty.models import PointType, Tier

# More is a slip of the finger; the column holds far more.
MOST_POINTS = 1_000_000_000
# No programme is older.
EARLIEST = date(1900, 1, 1)


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


class TierForm(forms.ModelForm[Tier]):
    """A rung that must fit between its neighbours."""

    class Meta:
        model = Tier
        fields = (
            "name_en",
            "name_zh",
            "code",
            "rank",
            "colour",
            "join",
            "entry_spend",
            "entry_orders",
            "entry_growth",
            "retention_spend",
            "retention_orders",
            "retention_growth",
        )

    def clean(self) -> dict[str, Any]:
        """Check the whole ladder with this tier in it, once every field is in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        tier = Tier(pk=self.instance.pk, **cleaned)
        others = Tier.objects.exclude(pk=tier.pk)
        try:
            rules.check_ladder(sorted([*others, tier], key=lambda rung: rung.rank))
        except BoundsDoNotRise as error:
            add_domain_error(self, error)
        except LowestTierMissing as error:
            add_domain_error(self, error, "rank")
        except DomainError as error:
            # At a bound, so that the database's constraint on it does not speak as well.
            add_domain_error(self, error, "entry_spend")
        return cleaned
