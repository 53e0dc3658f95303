"""What operators type about the ladder."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from loyalty import rules
from loyalty.errors import (
    BoundsDoNotRise,
    ColourNotValid,
    DraftUnderWay,
    LowestTierMissing,
    RanksHaveGap,
    StayingAsksForMore,
)
from loyalty.models import Ladder, Tier, TierBenefit, TierOverride
from loyalty.services.ladder import change_ladder

# What a rung's form writes on the rung itself.
COLUMNS = (
    "name_en",
    "name_zh",
    "code",
    "rank",
    "colour",
    "multiplier",
    "discount_rate",
    "points_per_money",
    "join",
    *(f"entry_{measure}" for measure in Tier.MEASURES),
    *(f"retention_{measure}" for measure in Tier.MEASURES),
)


class TierForm(forms.ModelForm[Tier]):
    """A rung that must fit between its neighbours."""

    # Which field a refusal of the ladder belongs to; others speak of the whole.
    PLACES = {
        DraftUnderWay: None,
        LowestTierMissing: "rank",
        RanksHaveGap: "rank",
        ColourNotValid: "colour",
        BoundsDoNotRise: None,
        StayingAsksForMore: None,
    }

    class Meta:
        model = Tier
        fields = (*COLUMNS, "switched_off")

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
        """Check the whole ladder with this tier in it, once every field is in order.

        From here on it is ours to change: a night that has begun goes on with what it read.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        # What is not on the form stays as it is.
        kept = {name: getattr(self.instance, name) for name in COLUMNS}
        typed = {name: found for name, found in cleaned.items() if name != "switched_off"}
        tier = Tier(pk=self.instance.pk, **kept | typed)
        others = Tier.objects.by_rank().exclude(pk=tier.pk)
        try:
            change_ladder()
            rules.check_ladder(sorted([*others, tier], key=lambda rung: rung.rank))
        except DomainError as error:
            # At a bound, so that the database's constraint on it does not speak as well.
            place = self.PLACES.get(type(error), "entry_spend")
            add_domain_error(self, error, place if place in self.fields else None)
        return cleaned


class LadderForm(forms.ModelForm[Ladder]):
    """How tiers are held: not changed while members are moved by a draft of the ladder."""

    class Meta:
        model = Ladder
        fields = ("window", "validity", "downgrade", "grace_days", "step_interval", "refunds")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            change_ladder()
        except DomainError as error:
            add_domain_error(self, error)
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
