"""What operators write down about gifts: for birthdays, for new tiers, on holidays."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.models import BirthdayPerk, Holiday, TierGift
from benefits.rules.birthdays import MOST_DAYS_AHEAD
from common import clock
from loyalty.models.multipliers import LARGEST_FACTOR
from loyalty.services.ledger import MOST_POINTS
from members.errors import BirthdayNotValid
from members.models import Member
from members.rules import check_birthday

from .operators import refuse_above

# No ladder has more rungs.
MOST_STEPS = 100
Kind = BirthdayPerk.Kind
# What each kind gives, and what would mean nothing beside it.
GIVES = {
    Kind.COUPON: ("template",),
    Kind.POINTS: ("points",),
    Kind.MULTIPLIER: ("factor",),
    Kind.TIER: ("lift_tier", "lift_steps"),
}
EMPTY = (None, "")


class BirthdayPerkForm(forms.ModelForm[BirthdayPerk]):
    """A perk that gives exactly one thing, in its time."""

    class Meta:
        model = BirthdayPerk
        fields = (
            "name_en",
            "name_zh",
            "tier",
            "kind",
            "template",
            "points",
            "factor",
            "lift_tier",
            "lift_steps",
            "span",
            "days_ahead",
            "is_active",
            "starts_on",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_one_thing(cleaned)
        self._check_bounds(cleaned)
        return cleaned

    def _check_one_thing(self, cleaned: dict[str, Any]) -> None:
        kind = cleaned.get("kind")
        if kind not in GIVES:
            return
        asked = GIVES[Kind(kind)]
        for name in (name for names in GIVES.values() for name in names):
            if name not in asked and cleaned.get(name) not in EMPTY:
                self._refuse(name, _("Leave this empty for what this perk gives."))
        given = [name for name in asked if cleaned.get(name) not in EMPTY]
        if not given and not any(name in self.errors for name in asked):
            self._refuse(asked[0], _("Say what this perk gives."))
        if len(given) > 1:
            self._refuse("lift_steps", _("Set either a tier or a number of steps."))

    def _check_bounds(self, cleaned: dict[str, Any]) -> None:
        factor, steps = cleaned.get("factor"), cleaned.get("lift_steps")
        if factor is not None and not 1 < factor <= LARGEST_FACTOR:
            text = _("A multiplier is above 1 and at most %(most)s.")
            self._refuse("factor", text % {"most": LARGEST_FACTOR})
        if cleaned.get("points") == 0:
            self._refuse("points", _("Give at least one point."))
        refuse_above(self, {"points": MOST_POINTS, "lift_steps": MOST_STEPS})
        if steps == 0:
            self._refuse("lift_steps", _("Lift by at least one step."))
        if (cleaned.get("days_ahead") or 0) > MOST_DAYS_AHEAD:
            text = _("At most %(most)s days ahead.")
            self._refuse("days_ahead", text % {"most": MOST_DAYS_AHEAD})
        tier, lifts_to = cleaned.get("tier"), cleaned.get("lift_tier")
        if tier and lifts_to and lifts_to.rank <= tier.rank:
            self._refuse("lift_tier", _("This tier is not above the members’ own."))

    def _refuse(self, name: str, text: StrOrPromise) -> None:
        self.add_error(name, ValidationError(text, code="invalid"))


class TierGiftForm(forms.ModelForm[TierGift]):
    """A coupon or points for rising to a tier."""

    class Meta:
        model = TierGift
        fields = (
            "name_en",
            "name_zh",
            "tier",
            "template",
            "points",
            "once",
            "is_active",
            "starts_on",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        points = cleaned.get("points")
        refuse_above(self, {"points": MOST_POINTS})
        if points == 0:
            self._refuse("points", _("Give at least one point."))
        elif "points" not in self.errors and (points is None) == (cleaned.get("template") is None):
            self._refuse("points", _("Set either a coupon template or points."))
        tier = cleaned.get("tier")
        if tier and tier.rank == 0:
            self._refuse("tier", _("The lowest tier is everyone’s: nobody rises to it."))
        return cleaned

    def _refuse(self, name: str, text: StrOrPromise) -> None:
        self.add_error(name, ValidationError(text, code="invalid"))


class HolidayForm(forms.ModelForm[Holiday]):
    """A day that its calendar has."""

    class Meta:
        model = Holiday
        fields = (
            "name_en",
            "name_zh",
            "calendar",
            "month",
            "day",
            "greeting_en",
            "greeting_zh",
            "template",
            "is_active",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        month, day = cleaned.get("month"), cleaned.get("day")
        if month is None or day is None:
            return cleaned
        try:
            check_birthday(
                year=None,
                month=month,
                day=day,
                is_lunar=cleaned.get("calendar") == Member.Calendar.LUNAR,
                today=clock.today(),
            )
        except BirthdayNotValid:
            text = _("This calendar has no such day.")
            self.add_error("day", ValidationError(text, code="invalid"))
        return cleaned
