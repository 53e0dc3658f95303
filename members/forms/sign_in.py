"""The shape of what people type to sign in, to join and to be reached."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from members import rules
from members.errors import ContactNotValid, ContactUnreachable
from members.models import ConsentText, Member, User
from members.rules import Contact

LONGEST_CONTACT = 254
LONGEST_PASSWORD = 128

CODE_WIDGET = forms.TextInput(
    attrs={
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "autocapitalize": "none",
        "spellcheck": "false",
        "autofocus": True,
        "class": "code-input",
    }
)

CONTACT_LABELS: dict[frozenset[str], StrOrPromise] = {
    frozenset({rules.SMS, rules.EMAIL}): _("Phone number or e-mail address"),
    frozenset({rules.SMS}): _("Phone number"),
    frozenset({rules.EMAIL}): _("E-mail address"),
}
CONTACT_ATTRIBUTES = {
    frozenset({rules.SMS, rules.EMAIL}): {"autocomplete": "username"},
    frozenset({rules.SMS}): {"autocomplete": "tel", "inputmode": "tel"},
    frozenset({rules.EMAIL}): {"autocomplete": "email", "inputmode": "email"},
}


class ContactForm(forms.Form):
    """A phone number or an e-mail address, whichever of them something here carries codes to."""

    login = forms.CharField(max_length=LONGEST_CONTACT)

    def __init__(self, *args: Any, channels: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = channels
        field = self.fields["login"]
        field.label = CONTACT_LABELS.get(channels, _("Phone number or e-mail address"))
        field.widget.attrs = {
            "autocapitalize": "none",
            "spellcheck": "false",
            **CONTACT_ATTRIBUTES.get(channels, {}),
        }

    def clean_login(self) -> Contact:
        try:
            contact = rules.parse_contact(self.cleaned_data["login"])
        except ContactNotValid as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from refusal
        if contact.channel not in self.channels:
            missing = ContactUnreachable()
            raise ValidationError(str(missing), code=missing.code)
        return contact


class CodeForm(forms.Form):
    """Six digits, grouped and wide as they may be."""

    code = forms.CharField(label=_("Six-digit code"), max_length=20, widget=CODE_WIDGET)


def _password(**options: Any) -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        **options,
    )


class NewPasswordForm(forms.Form):
    """A password for a login, which is as long and as rare as the settings ask."""

    password = _password(label=_("New password"), help_text=_("At least eight characters."))

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password


class JoinForm(forms.Form):
    """What somebody says when joining: a name, a language, what they agree to, a password or none.

    `texts` are the wordings on the page. Where one of them was replaced since it was shown, the
    form comes back with the new one.
    """

    family_name = forms.CharField(
        label=_("Family name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    given_name = forms.CharField(
        label=_("Given name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("en", "English"), ("zh-hans", "简体中文")],
    )
    password = _password(
        label=_("Password"),
        required=False,
        help_text=_("You may leave it out and sign in by code."),
    )
    shown = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        texts: Mapping[str, ConsentText],
        offered: list[str],
        asks_for_name: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts = {name: texts[name] for name in (ConsentText.Subject.TERMS, *offered)}
        self.asks_for_name = asks_for_name
        self.versions = ",".join(str(text.pk) for text in self.texts.values())
        self.initial["shown"] = self.versions
        language = get_language() or Member.Language.ENGLISH
        self.initial["language"] = "zh-hans" if language.startswith("zh") else "en"
        if not asks_for_name:
            del self.fields["family_name"], self.fields["given_name"]
        self.fields["terms"] = forms.BooleanField(
            label=_("I agree to the terms"),
            error_messages={"required": _("Joining needs your agreement to the terms.")},
        )
        for name in offered:
            label = self.texts[name].text
            self.fields[name] = forms.BooleanField(label=label, required=False)

    @property
    def offers(self) -> list[forms.BoundField]:
        """The boxes for what may be agreed to besides the terms."""
        return [self[name] for name in self.texts if name != ConsentText.Subject.TERMS]

    def clean_password(self) -> str | None:
        password = str(self.cleaned_data["password"])
        if password:
            validate_password(password)
        return password or None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = [str(cleaned.get(name, "")).strip() for name in ("family_name", "given_name")]
        if self.asks_for_name and not any(names) and not self.errors:
            self.add_error("family_name", _("Tell us your name, please."))
        if cleaned.get("shown") != self.versions:
            self.data = {**dict(self.data.items()), "shown": self.versions}
            self.add_error(None, _("A text was changed meanwhile. Please read it and send again."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """What the service asks for."""
        data = self.cleaned_data
        return {
            "family_name": data.get("family_name", ""),
            "given_name": data.get("given_name", ""),
            "language": data["language"],
            "password": data["password"],
            "texts": [text for name, text in self.texts.items() if data.get(name)],
        }
