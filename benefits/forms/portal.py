"""What members type about benefits."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from benefits.catalogue import ShownReward
from common.forms import KeyedForm


class EnterCodeForm(forms.Form):
    """A code from a flyer or a friend; what it means, the service says."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class ClaimForm(KeyedForm):
    """One tap on an offer: sent twice, it claims once."""


class RedeemForm(KeyedForm):
    """The price that was shown, and where goods are sent: one key redeems once."""

    points = forms.IntegerField(widget=forms.HiddenInput)
    deliver_to = forms.CharField(
        label=_("Send to"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("Name, phone and address of whoever receives it."),
    )

    def __init__(self, *args: Any, is_sent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_sent:
            del self.fields["deliver_to"]

    @classmethod
    def for_reward(cls, shown: ShownReward) -> Self:
        """The form for a reward at the price that is shown with it."""
        initial = {"points": shown.price.points, "key": shown.key}
        return cls(initial=initial, is_sent=shown.reward.is_sent)

    def at_price(self, shown: ShownReward) -> Self:
        """The form that was sent, with the price of now: it was shown, so it can be confirmed."""
        sent = {"key": shown.key, **{name: self.data[name] for name in self.data}}
        self.data = {**sent, "points": str(shown.price.points)}
        return self

    def asked(self) -> dict[str, Any]:
        """What the member confirmed, for the service."""
        return {
            "key": self.cleaned_data["key"],
            "points": self.cleaned_data["points"],
            "deliver_to": self.cleaned_data.get("deliver_to", ""),
        }


class ReturnForm(forms.Form):
    """Why goods come back."""

    reason = forms.CharField(
        label=_("What is wrong with it?"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )
