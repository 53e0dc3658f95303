"""What operators type about the ladder."""

from typing import Any

from django import forms

from common.errors import DomainError
from common.forms import add_domain_error
from loyalty import rules
from loyalty.errors import BoundsDoNotRise, LowestTierMissing
from loyalty.models import Tier


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
            "points_per_money",
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
