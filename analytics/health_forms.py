"""The form on which weights and thresholds of the health score are edited: a new version."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.rules.health import (
    DECIMAL_RULES,
    MONEY_RULES,
    MOST_BANDS,
    NEVER,
    HealthBand,
    HealthRules,
    has_ordered_bands,
)
from common.forms import KeyedForm
from common.money import minor_digits

_LARGEST = 1_000_000
# Headings of the page, and the rules below each, with what they are called.
CHAPTERS: tuple[tuple[str | Promise, Mapping[str, str | Promise]], ...] = (
    (
        _("Weights of the health score, 100 together"),
        {
            "spending_weight": _("Spending"),
            "interaction_weight": _("Interaction"),
            "behaviour_weight": _("Behaviour"),
        },
    ),
    (
        _("Spending is full with"),
        {
            "recency_days": _("Days until a last purchase counts nothing"),
            "orders_full": _("Orders of 365 days"),
            "money_full": _("Net spend of 365 days"),
        },
    ),
    (
        _("Interaction and behaviour are full with"),
        {
            "interactions_30_full": _("Interactions of 30 days"),
            "interactions_90_full": _("Interactions of 90 days"),
            "events_30_full": _("Portal events of 30 days"),
            "events_90_full": _("Portal events of 90 days"),
        },
    ),
    (
        _("High begins for the quadrant at"),
        {
            "quadrant_money": _("Net spend of 90 days"),
            "quadrant_interactions": _("Interactions of 30 days"),
        },
    ),
    (_("A score is compared with"), {"fall_days": _("One so many days old at least")}),
    (
        _("Loyalty Index: weights, and where each is full"),
        {
            "index_value_weight": _("Weight of predicted value"),
            "index_frequency_weight": _("Weight of repurchase frequency"),
            "index_order_weight": _("Weight of the average order"),
            "index_value_full": _("Predicted value"),
            "index_frequency_full": _("Repurchases in 30 days"),
            "index_order_full": _("Average order"),
        },
    ),
)
_MAY_BE_NOTHING = (
    "spending_weight",
    "interaction_weight",
    "behaviour_weight",
    "index_value_weight",
    "index_frequency_weight",
    "index_order_weight",
)


class BandForm(forms.Form):
    """One band of scores; a row without a name is none."""

    from_score = forms.IntegerField(
        label=_("From score"), required=False, min_value=0, max_value=NEVER - 1
    )
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=40)
    name_zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=40)
    action_en = forms.CharField(
        label=_("Advised action in English"), required=False, max_length=200
    )
    action_zh = forms.CharField(
        label=_("Advised action in Chinese"), required=False, max_length=200
    )

    def clean(self) -> dict[str, Any]:
        """A name and a bound come together."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        has_bound = cleaned.get("from_score") is not None
        if has_bound != bool(cleaned.get("name_en")) and "from_score" not in self.errors:
            raise forms.ValidationError(_("A band has a score from which it begins and a name."))
        return cleaned

    @property
    def band(self) -> HealthBand | None:
        """The band that was typed, if any."""
        return HealthBand(**self.cleaned_data) if self.cleaned_data.get("name_en") else None


class HealthForm(KeyedForm):
    """All weights and thresholds, and why they change."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for _heading, rules in CHAPTERS:
            for name, label in rules.items():
                self.fields[name] = _field(name, label)

    def chapters(self) -> Iterator[tuple[str | Promise, list[forms.BoundField]]]:
        """Fields below their headings, for the page."""
        for heading, rules in CHAPTERS:
            yield heading, [self[name] for name in rules]

    def clean(self) -> dict[str, Any]:
        """Weights make a whole, and something weighs in the index."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        score, index = _MAY_BE_NOTHING[:3], _MAY_BE_NOTHING[3:]
        if all(name in cleaned for name in score) and sum(cleaned[name] for name in score) != 100:
            self.add_error(None, _("The three weights of the health score make 100 together."))
        if all(cleaned.get(name) == 0 for name in index):
            self.add_error(None, _("Something has to weigh in the Loyalty Index."))
        return cleaned


class HealthForms:
    """The form and its rows of bands, read and checked together."""

    def __init__(self, rules: HealthRules, data: Any = None) -> None:
        numbers = {name: getattr(rules, name) for _h, names in CHAPTERS for name in names}
        self.form = HealthForm(data, initial=numbers)
        typed = forms.formset_factory(BandForm, extra=MOST_BANDS - len(rules.bands),
                                      max_num=MOST_BANDS, validate_max=True)  # fmt: skip
        self.bands = typed(data, prefix="bands", initial=[asdict(band) for band in rules.bands])

    def is_valid(self) -> bool:
        """Whether everything fits, the bands one above the other."""
        is_fine = self.form.is_valid() and self.bands.is_valid()
        if is_fine and not has_ordered_bands(self._bands()):
            self.form.add_error(
                None,
                _("Bands begin with a score of 0, each above the one before, at most at 100."),
            )
            is_fine = False
        return is_fine

    @property
    def rules(self) -> HealthRules:
        """What was typed, as rules."""
        numbers = {
            name: value
            for name, value in self.form.cleaned_data.items()
            if name not in ("key", "reason")
        }
        return HealthRules(**numbers, bands=tuple(self._bands()))

    def _bands(self) -> Sequence[HealthBand]:
        return [band for form in self.bands for band in [form.band] if band]


def _field(name: str, label: Any) -> forms.Field:
    if name in DECIMAL_RULES:
        digits = minor_digits() if name in MONEY_RULES else 2
        least = 10**-digits
        return forms.DecimalField(
            label=label, min_value=least, max_value=_LARGEST * 1000, decimal_places=digits
        )
    least = 0 if name in _MAY_BE_NOTHING else 1
    most = 100 if name in _MAY_BE_NOTHING else _LARGEST
    return forms.IntegerField(label=label, min_value=least, max_value=most)
