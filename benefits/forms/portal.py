"""What members type about benefits."""

from django import forms
from django.utils.translation import gettext_lazy as _

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
