"""What forms of every floor share."""

from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from common.errors import DomainError


class KeyedForm(forms.Form):
    """A form that carries its own key, so that sending it twice has one effect.

    The key is made when the form is shown and comes back with it; pass ``cleaned_data["key"]`` to
    the service.
    """

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: uuid4().hex)


def add_domain_error(form: forms.BaseForm, error: DomainError, field: str | None = None) -> None:
    """Show a refusal on the form, at a field or above all of them."""
    form.add_error(field, ValidationError(str(error), code=error.code))
