"""The shape of what people type about themselves."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_LOGIN = 254


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """One field for whatever a person signs in with, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Phone number, e-mail or user name"),
            max_length=LONGEST_LOGIN,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "username",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                }
            ),
        )
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict[str, str]:
        """What was typed, as it is: the adapter knows whose it is."""
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data["password"],
        }


class ReadNoticesForm(forms.Form):
    """Which notice was read, or none for all of them; and the page to go back to."""

    notice = forms.IntegerField(required=False, min_value=1)
    page = forms.IntegerField(required=False, min_value=1)
