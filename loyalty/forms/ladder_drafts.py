"""What operators type about a ladder that is not in force yet."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.models import Ladder, LadderDraft, Tier
from loyalty.services.ladder import snapshot
from loyalty.services.ladder_changes.rungs import Rungs

from .tiers import TierForm


class BeginDraftForm(forms.Form):
    reason = forms.CharField(
        label=_("reason"),
        max_length=500,
        help_text=_("Why the ladder is to change, for whoever reads it later."),
    )


class DraftLadderForm(forms.ModelForm[Ladder]):
    """The ladder as it might be, and what becomes of those whom it would not keep."""

    downward = forms.ChoiceField(
        label=_("who would come down"),
        choices=LadderDraft.Downward.choices,
        help_text=_(
            "Kept until then: the night that ends a member's validity decides by the new bounds."
        ),
    )

    class Meta:
        model = Ladder
        fields = ("window", "validity", "grace_days", "downgrade", "step_interval", "refunds")

    def validate_constraints(self) -> None:
        """The row is never saved from here."""


class DraftRungForm(TierForm):
    """A rung of a draft; the service looks at all of them together."""

    class Meta(TierForm.Meta):
        fields = tuple(name for name in TierForm.Meta.fields if name != "switched_off")

    @property
    def is_asked_for(self) -> bool:
        """Whether it has bounds: the lowest asks for nothing, whatever was typed for its rank."""
        return bool(self.initial["rank"])

    def of_itself(self) -> list[forms.BoundField]:
        """What it is and gives, and how its bounds are joined."""
        bounds = {*self._names("entry"), *self._names("retention")}
        if not self.is_asked_for:
            bounds.add("join")
        return [field for field in self.visible_fields() if field.name not in bounds]

    def to_enter(self) -> list[forms.BoundField]:
        return [self[name] for name in self._names("entry")]

    def to_stay(self) -> list[forms.BoundField]:
        return [self[name] for name in self._names("retention")]

    def _names(self, stage: str) -> list[str]:
        return [f"{stage}_{measure}" for measure in Tier.MEASURES]

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data

    def validate_unique(self) -> None:
        """It stands in for the tier of its code."""

    def validate_constraints(self) -> None:
        """The same: rules that speak of the whole ladder are the service's."""


class RungFormSet(forms.BaseFormSet[DraftRungForm]):
    """The rungs that there are, and an empty one to put in between."""

    def __init__(self, *args: Any, tiers: Sequence[Tier], **kwargs: Any) -> None:
        self.tiers = tiers
        kwargs["initial"] = [{} for _tier in tiers]
        super().__init__(*args, **kwargs)

    def add_fields(self, form: DraftRungForm, index: int | None) -> None:
        """A box that takes the rung out, but for the lowest, which is everyone's."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Take this rung out")
        if index is None or not 0 < index < len(self.tiers):
            form.fields["DELETE"].widget = forms.HiddenInput()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        is_there = index is not None and index < len(self.tiers)
        tier = self.tiers[index] if is_there and index is not None else Tier(rank=len(self.tiers))
        return {"instance": tier}

    def rungs(self) -> list[Tier]:
        """All of them in their order: a new one comes before the one whose rank it asks for."""
        gone = self.deleted_forms
        written = [form.instance for form in self.forms if form.instance.code and form not in gone]
        written.sort(key=lambda tier: (tier.rank, tier.pk is not None))
        for rank, tier in enumerate(written):
            tier.rank = rank
        return written


RungForms: Any = forms.formset_factory(DraftRungForm, formset=RungFormSet, extra=1, can_delete=True)


class DraftForms:
    """The one page on which a draft is written: the ladder's form and one for each rung."""

    def __init__(self, draft: LadderDraft, data: Any = None) -> None:
        rungs = Rungs(draft.content)
        initial = {"downward": draft.downward}
        self.ladder = DraftLadderForm(data, instance=rungs.ladder, initial=initial)
        self.rungs = RungForms(data, tiers=rungs.tiers, prefix="rungs")

    def is_valid(self) -> bool:
        return all([self.ladder.is_valid(), self.rungs.is_valid()])

    @property
    def content(self) -> dict[str, Any]:
        return snapshot(self.ladder.instance, self.rungs.rungs())
