"""What members tell about themselves, agree to, and ask for."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.forms import KeyedForm
from members.models import Consent, ConsentText, Member, Store


class ProfileForm(forms.ModelForm[Member]):
    """Name, home store and language; all of them may stay empty."""

    class Meta:
        model = Member
        fields = ("family_name", "given_name", "home_store", "language")
        widgets = {
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.filter(is_active=True)
        if self.instance.home_store_id is not None:
            # A store that has closed stays chosen until another is.
            stores |= Store.objects.filter(pk=self.instance.home_store_id)
        self.fields["home_store"] = forms.ModelChoiceField(
            queryset=stores.order_by("code"),
            label=_("Home store"),
            required=False,
            empty_label=_("none"),
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=settings.LANGUAGES,
            help_text=_("Of these pages, and of messages to you."),
        )


class ConsentForm(forms.Form):
    """One channel, switched on or off."""

    channel = forms.ChoiceField(choices=Consent.Channel.choices)
    is_granted = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda word: word == "yes"
    )
    # The wording that stood beside the button, where there was one.
    text: Any = forms.ModelChoiceField(ConsentText.objects.all(), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        text = cleaned.get("text")
        if text and text.subject != cleaned.get("channel"):
            self.add_error("text", "of another channel")
        return cleaned


class TermsForm(forms.Form):
    """The wording of the terms that stood above the button."""

    text: Any = forms.ModelChoiceField(ConsentText.objects.of(ConsentText.Subject.TERMS))


class EraseForm(KeyedForm):
    """The tick that nobody sets by mistake."""

    is_sure = forms.BooleanField(
        label=_("I have read what will be lost, and that nothing can be brought back."),
    )


class EraseMemberForm(KeyedForm):
    """An operator erases a member: why, whom (by the card), and whether it waits."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept until the member is erased; your name and the time are kept for good."),
    )
    card_number = forms.CharField(
        label=_("Card number"),
        max_length=32,
        help_text=_("Type it as it stands above, to be sure that it is this member."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    at_once = forms.BooleanField(
        label=_("At once, without the days in which it can be taken back"), required=False
    )

    def clean_card_number(self) -> str:
        """The digits alone."""
        return "".join(filter(str.isdigit, self.cleaned_data["card_number"]))
