"""The shape of what people type about themselves, and of operators' lists of members."""

import unicodedata
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.forms import KeyedForm
from members import rules
from members.models import Member

LONGEST_LOGIN = 254
# Two hundred thousand cards; a longer list is sent in parts.
LARGEST_LIST = 4 * 1024 * 1024


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
        # allauth's link to a new password; the page has its own.
        self.fields["password"].help_text = ""

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


def _numbers(last: int) -> list[tuple[int | str, str]]:
    """Whole numbers to choose from, none of them beforehand: a birthday is told once."""
    return [("", "–"), *((number, str(number)) for number in range(1, last + 1))]


class BirthdayForm(forms.Form):
    """A birthday in the solar or the lunar calendar; the year may stay unknown."""

    calendar = forms.ChoiceField(label=_("Calendar"), choices=Member.Calendar.choices)
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=rules.FIRST_BIRTH_YEAR,
        help_text=_("You may leave the year out."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}),
    )
    month = forms.TypedChoiceField(label=_("Month"), coerce=int, choices=_numbers(12))
    day = forms.TypedChoiceField(label=_("Day"), coerce=int, choices=_numbers(31))


class CorrectBirthdayForm(BirthdayForm):
    """The same as an operator types it, with the reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the change, and who made it."),
    )


class CardsForm(KeyedForm):
    """A list of card numbers, pasted or as a file; one on each line, in the first column."""

    pasted = forms.CharField(
        label=_("Card numbers"),
        required=False,
        max_length=LARGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One on each line; spaces within a number do not matter."),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("Text or CSV: the card number stands first on each line."),
    )

    def clean_file(self) -> str:
        """The file's text; refused where it is none, or too long."""
        file: Any = self.cleaned_data.get("file")
        if file is None:
            return ""
        if (file.size or 0) > LARGEST_LIST:
            raise ValidationError(_("This file is too long: send it in parts."), code="too_long")
        try:
            return str(file.read(), "utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(
                _("This is no text in UTF-8: save the list as text or CSV (UTF-8)."),
                code="not_text",
            ) from None

    def clean(self) -> dict[str, Any]:
        """Gather the numbers of both as `cards`, each written without its spaces and dashes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        text = f"{cleaned.pop('pasted', '')}\n{cleaned.pop('file', '')}"
        return cleaned | {"cards": card_numbers(text)}


def card_numbers(text: str) -> list[str]:
    """What stands first on each line that is not empty, as a card number is kept."""
    lines = unicodedata.normalize("NFKC", text).splitlines()
    first = [line.replace(";", ",").replace("\t", ",").partition(",")[0] for line in lines]
    return [card for cell in first if (card := "".join(cell.split()).strip('"').replace("-", ""))]
