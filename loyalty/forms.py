"""What operators type about points and the programme."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import from_minor, minor_digits
from common.periods import Period
from loyalty import rules
from loyalty.models import EarningRule, Ladder, PointType, Tier

# More is a slip of the finger; the column holds far more.
MOST_POINTS = 1_000_000_000


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

    def validate_constraints(self) -> None:
        """Check the whole ladder with this tier in it, in words; then what the database checks."""
        others = Tier.objects.exclude(pk=self.instance.pk)
        try:
            rules.check_ladder(sorted([*others, self.instance], key=lambda tier: tier.rank))
        except DomainError as error:
            add_domain_error(self, error)
            return
        super().validate_constraints()


class LadderForm(forms.ModelForm[Ladder]):
    """The one ladder; its window must be a plain length, or never for a lifetime."""

    class Meta:
        model = Ladder
        fields = ("window", "validity", "grace_days", "downgrade")

    def clean_window(self) -> str:
        text: str = self.cleaned_data["window"]
        return _checked(text, rules.check_window)


class PointTypeForm(forms.ModelForm[PointType]):
    """A kind of points; its holding period must be a plain length."""

    class Meta:
        model = PointType
        fields = ("name_en", "name_zh", "code", "is_spendable", "expiry", "holding", "clawback")

    def clean_holding(self) -> str:
        text: str = self.cleaned_data["holding"]
        return _checked(text, rules.check_holding)


class EarningRuleForm(forms.ModelForm[EarningRule]):
    """A rule that is new to the programme."""

    class Meta:
        model = EarningRule
        fields = ("code", "name_en", "name_zh", "point_type", "points", "per_amount")
        labels = {"point_type": _("Kind of points")}


def _checked(text: str, check: Callable[[Period], None]) -> str:
    try:
        check(Period.parse(text))
    except DomainError as error:
        raise forms.ValidationError(str(error), code=error.code) from error
    return text
