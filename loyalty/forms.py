"""What operators type about points and the programme."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import from_minor, minor_digits
from loyalty import rules
from loyalty.as_of import end_of, instant_of
from loyalty.errors import (
    BoundsDoNotRise,
    ColourNotValid,
    LowestTierMissing,
    RanksHaveGap,
    StayingAsksForMore,
)
from loyalty.models import EarningRule, PointType, Tier, TierBenefit, TierOverride

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


class ReviseRuleForm(forms.Form):
    """A rule as it shall read from now on."""

    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    point_type = forms.ModelChoiceField(
        PointType.objects.all(), label=_("Kind of points"), empty_label=None
    )
    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=1_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The currency is a setting: known when a form is made, not when this module is read.
        self.fields["per_amount"] = forms.DecimalField(
            label=_("For every"),
            min_value=from_minor(1),
            max_digits=12,
            decimal_places=minor_digits(),
            help_text=_("The amount paid that gives these points."),
        )


class TierForm(forms.ModelForm[Tier]):
    """A rung that must fit between its neighbours."""

    # Which field a refusal of the ladder belongs to; others speak of the whole.
    PLACES = {
        LowestTierMissing: "rank",
        RanksHaveGap: "rank",
        ColourNotValid: "colour",
        BoundsDoNotRise: None,
        StayingAsksForMore: None,
    }

    class Meta:
        model = Tier
        fields = (
            "name_en",
            "name_zh",
            "code",
            "rank",
            "colour",
            "multiplier",
            "discount_rate",
            "join",
            *(f"entry_{measure}" for measure in Tier.MEASURES),
            *(f"retention_{measure}" for measure in Tier.MEASURES),
            "switched_off",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("multiplier", "discount_rate"):
            if name in self.fields:
                # Left empty, it is 1, which changes nothing.
                self.fields[name].required = False
        if "switched_off" in self.fields:
            below = TierBenefit.objects.filter(
                tier__rank__lt=self.instance.rank or 0, is_inherited=True
            )
            self.fields["switched_off"].queryset = below.in_order()  # type: ignore[attr-defined]

    def clean_multiplier(self) -> Decimal:
        return self._factor("multiplier")

    def clean_discount_rate(self) -> Decimal:
        return self._factor("discount_rate")

    def _factor(self, name: str) -> Decimal:
        factor: Decimal | None = self.cleaned_data[name]
        if factor is None:
            return Decimal(1)
        if factor <= 0:
            raise forms.ValidationError(_("This must be more than 0; 1 changes nothing."))
        if name == "discount_rate" and factor > 1:
            raise forms.ValidationError(
                _("Write the share of the price that is paid, at most 1, such as 0.95.")
            )
        return factor

    def clean(self) -> dict[str, Any]:
        """Check the whole ladder with this tier in it, once every field is in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        columns = {name: found for name, found in cleaned.items() if name != "switched_off"}
        tier = Tier(pk=self.instance.pk, **columns)
        others = Tier.objects.exclude(pk=tier.pk)
        try:
            rules.check_ladder(sorted([*others, tier], key=lambda rung: rung.rank))
        except DomainError as error:
            # At a bound, so that the database's constraint on it does not speak as well.
            add_domain_error(self, error, self.PLACES.get(type(error), "entry_spend"))
        return cleaned


class GrantOverrideForm(KeyedForm):
    """Which tier for how long, and why; days are whole and inclusive."""

    tier = forms.ModelChoiceField(
        Tier.objects.by_rank(), label=_("Tier"), required=False, empty_label=_("by steps")
    )
    steps = forms.IntegerField(
        label=_("Steps up"),
        min_value=1,
        max_value=20,
        required=False,
        help_text=_("So many tiers above the earned one, in place of a tier by name."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=TierOverride.Kind.choices)
    starts_on = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Today begins now."),
    )
    last_day = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Operators and auditors read this."),
    )

    def clean(self) -> dict[str, Any]:
        """Turn the days into instants of the programme's zone."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.pop("starts_on", None), cleaned.pop("last_day", None)
        if first is None or last is None:
            return cleaned
        if first < clock.today():
            self.add_error("starts_on", _("Choose today or a later day: nothing is changed back."))
        elif last < first:
            self.add_error("last_day", _("The last day cannot be before the first."))
        else:
            cleaned["starts_at"] = clock.start_of(first)
            cleaned["ends_at"] = clock.start_of(last + timedelta(days=1))
        return cleaned


class RevokeOverrideForm(KeyedForm):
    """Why an override ends early."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class EarningRuleForm(forms.ModelForm[EarningRule]):
    """A rule that is new to the programme."""

    class Meta:
        model = EarningRule
        fields = ("code", "name_en", "name_zh", "point_type", "points", "per_amount")
        labels = {"point_type": _("Kind of points")}
