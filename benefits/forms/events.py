"""What members and operators type about events."""

from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.models import Event, EventSession
from common import clock
from common.forms import KeyedForm
from loyalty.services.ledger import MOST_POINTS


def _moment() -> forms.DateTimeInput:
    """The browser's own field for a day and a time, in the programme's zone."""
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class RegisterForm(KeyedForm):
    """The price that was shown: one key registers once."""

    points = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def for_event(cls, event: Event) -> Self:
        """The form for a seat at the price that is shown with it."""
        return cls(initial={"points": event.points})

    def at_price(self, event: Event) -> Self:
        """The form that was sent, with the price of now: it was shown, so it can be confirmed."""
        fresh = {"key": self.get_initial_for_field(self.fields["key"], "key")}
        sent = {name: self.data[name] for name in self.data}
        self.data = {**fresh, **sent, "points": str(event.points)}
        return self


class EventForm(forms.ModelForm[Event]):
    """An event that can be meant: somewhere, with hours that follow each other."""

    class Meta:
        model = Event
        fields = (
            "name_en",
            "name_zh",
            "theme_en",
            "theme_zh",
            "description_en",
            "description_zh",
            "place_en",
            "place_zh",
            "link",
            "points",
            "tiers",
            "segments",
            "opens_at",
            "closes_hours",
            "cancel_hours",
            "has_waitlist",
            "accept_hours",
            "reminder_hours",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "place_en" in self.fields and not (cleaned.get("place_en") or cleaned.get("link")):
            self._refuse("place_en", _("Say where it is: a place, a link or both."))
        points = cleaned.get("points")
        if points is not None and points > MOST_POINTS:
            self._refuse("points", _("That is more than anybody can have."))
        return cleaned

    def _refuse(self, name: str, message: StrOrPromise) -> None:
        if name in self.fields and name not in self.errors:
            self.add_error(name, ValidationError(message))


class EventWindowFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Windows that open before registration does for everyone: without that they mean nothing."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        general = self.instance.opens_at
        if kept and general is None:
            raise ValidationError(
                _("Say when registration opens for everyone: earlier is before that.")
            )
        if any(row["opens_at"] >= general for row in kept):
            raise ValidationError(
                _("Earlier registration opens before registration does for everyone.")
            )


class EventSessionForm(forms.ModelForm[EventSession]):
    """A date that ends after it begins, with seats for somebody."""

    class Meta:
        model = EventSession
        fields = ("starts_at", "ends_at", "capacity")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", ValidationError(_("It ends before it begins.")))
        if "starts_at" in self.changed_data and starts_at and starts_at <= clock.now():
            self.add_error("starts_at", ValidationError(_("It must begin in the future.")))
        return cleaned


class MoveSessionForm(KeyedForm):
    """Another time for a session."""

    starts_at = forms.DateTimeField(label=_("Begins"), widget=_moment())
    ends_at = forms.DateTimeField(label=_("Ends"), widget=_moment())


class CapacityForm(KeyedForm):
    """Another number of seats."""

    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=1_000_000)


class CancelEventForm(KeyedForm):
    """Why something does not take place, or somebody loses a place."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Members read this."),
    )


class RegisterGuestForm(KeyedForm):
    """Whom an operator registers, on the phone or at the counter."""

    card_number = forms.CharField(label=_("Card number"), max_length=40)
    is_waiting = forms.BooleanField(
        label=_("Put them on the waitlist"),
        required=False,
        help_text=_("For a session that is full."),
    )


class CheckInForm(forms.Form):
    """A ticket at the door: its code typed in, or what a camera read."""

    code = forms.CharField(
        label=_("Code of the ticket"),
        max_length=400,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
