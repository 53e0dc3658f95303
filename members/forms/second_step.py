"""allauth's forms for the second step, with our field and our count of tries."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members import rules
from members.errors import TooManyTries
from members.models import User
from members.services import limits

from .sign_in import CODE_WIDGET


class CountedCode(forms.Form):
    """A code, of which a login bears so many wrong ones: counted before it is looked at."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("Code of your authenticator app"), max_length=20, widget=CODE_WIDGET
        )

    def clean_code(self) -> str:
        if not limits.count_second_step(user_id=self.user.pk):
            refusal = TooManyTries()
            raise ValidationError(str(refusal), code=refusal.code)
        self.cleaned_data["code"] = rules.plain_code(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]
        limits.forgive_second_step(user_id=self.user.pk)
        return code


class AuthenticateForm(CountedCode, AllauthAuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class ReauthenticateForm(CountedCode, AllauthReauthenticateForm):  # type: ignore[misc]
    """The same to show again who is here."""


class ActivateForm(CountedCode, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""
