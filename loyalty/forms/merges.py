"""What operators say when they merge two members, and when they undo it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import KeyedForm


class MergeForm(KeyedForm):
    """Who is merged into the member at hand, and why."""

    other = forms.CharField(
        label=_("Member who is merged into this one"),
        max_length=254,
        help_text=_("Card, phone, e-mail or customer number, as a whole."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you know that both are one person. Members do not read it."),
    )


class UndoMergeForm(KeyedForm):
    """Why two members are made of one again."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
