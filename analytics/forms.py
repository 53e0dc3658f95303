"""What operators ask of the figures, and what pages tell of members' visits."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.models import BehaviourEvent, CareTask
from analytics.rules.periods import Period, month_period
from analytics.services.behaviour import Seen
from benefits.models import BirthdayPerk, CouponTemplate, Reward
from common import clock
from common.forms import KeyedForm
from common.money import minor_digits
from loyalty.models import EarningRule
from members.forms import LARGEST_LIST, card_numbers
from members.models import Segment, User

# No programme is older.
EARLIEST = date(1900, 1, 1)
# No dashboard adds up more days: ten years.
MOST_DAYS = 3660


class FiguresForm(forms.Form):
    """As of the beginning of which day, and how cohorts are written."""

    on = forms.DateField(
        label=_("As of the beginning of"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Purchases and refunds of the days before it count."),
    )
    cohorts = forms.ChoiceField(
        label=_("Cohorts"),
        choices=[("members", _("Members")), ("shares", _("Shares"))],
        required=False,
    )

    def clean_on(self) -> date:
        """A day that has begun."""
        day: date = self.cleaned_data["on"]
        if not EARLIEST <= day <= clock.today():
            raise forms.ValidationError(_("Choose a day that has begun, today at the latest."))
        return day


def figures_form(data: Any) -> FiguresForm:
    """The form as it was sent, or as of today."""
    return FiguresForm(data if "on" in data else {"on": clock.today(), "cohorts": "members"})


class DayField(forms.DateField):
    """A calendar day, asked for with the browser's own picker."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, *, has_begun: bool = False, **options: Any) -> None:
        self.has_begun = has_begun
        super().__init__(**options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        latest = clock.today() if self.has_begun else clock.today() - timedelta(days=1)
        if day is not None and not EARLIEST <= day <= latest:
            raise forms.ValidationError(
                _("Choose a day that has begun, today at the latest.")
                if self.has_begun
                else _("Choose a day that is over, yesterday at the latest.")
            )
        return day


class PeriodForm(forms.Form):
    """From which day to which, both included."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last:
            if first > last:
                raise forms.ValidationError(_("The first day comes after the last one."))
            if (last - first).days >= MOST_DAYS:
                raise forms.ValidationError(_("Choose ten years at most."))
            data["period"] = Period(first, last)
        return data


class AsOfForm(forms.Form):
    """As of the beginning of which day."""

    on = DayField(
        label=_("As of the beginning of"),
        has_begun=True,
        help_text=_("Purchases and refunds of the days before it count."),
    )


class ChangeForm(forms.Form):
    """Which day to compare around, and how many days on either side."""

    on = DayField(label=_("What changed on"))
    days = forms.IntegerField(
        label=_("Days on either side"), min_value=1, max_value=366, initial=30
    )


class ReturnForm(forms.Form):
    """Which benefit to judge, over how many days, against whom, and what else it cost."""

    coupon = forms.ModelChoiceField(
        CouponTemplate.objects.all(), label=_("Coupon offer"), required=False
    )
    reward = forms.ModelChoiceField(Reward.objects.all(), label=_("Reward"), required=False)
    campaign = forms.ModelChoiceField(
        EarningRule.objects.campaigns(), label=_("Campaign"), required=False
    )
    perk = forms.ModelChoiceField(
        BirthdayPerk.objects.all(), label=_("Birthday perk"), required=False
    )
    days = forms.IntegerField(label=_("Days looked at"), min_value=1, max_value=366, initial=30)
    hold_out = forms.ModelChoiceField(
        Segment.objects.all(),
        label=pgettext_lazy("benefit", "Held out"),
        required=False,
        help_text=_("A segment of members who were given none of it, to compare with."),
    )
    other_cost = forms.DecimalField(
        label=_("Other costs"),
        required=False,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=minor_digits(),
        help_text=_("What it cost besides: printing, postage, goods."),
    )

    BENEFITS = ("coupon", "reward", "campaign", "perk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [name for name in self.BENEFITS if data.get(name)]
        if not self.errors and len(chosen) != 1:
            raise forms.ValidationError(
                _("Choose one benefit: a coupon offer, a reward, a campaign or a birthday perk.")
            )
        if data.get("hold_out") and not self._can_hold_out(data):
            self.add_error(
                "hold_out",
                _("Only a coupon offer, or a campaign for segments, can be held against one."),
            )
        return data

    def _can_hold_out(self, data: dict[str, Any]) -> bool:
        if campaign := data.get("campaign"):
            is_for_segments: bool = campaign.scopes.filter(segment__isnull=False).exists()
            return is_for_segments
        return bool(data.get("coupon"))


def presets(today: date) -> dict[str, Period]:
    """Periods that operators ask for most, by their name in the address; all end when days did."""
    yesterday = today - timedelta(days=1)
    month = month_period(yesterday.year, yesterday.month)
    before = month.first - timedelta(days=1)
    return {
        "7d": Period(today - timedelta(days=7), yesterday),
        "30d": Period(today - timedelta(days=30), yesterday),
        "90d": Period(today - timedelta(days=90), yesterday),
        "month": Period(month.first, yesterday),
        "last_month": month_period(before.year, before.month),
        "year": Period(date(yesterday.year, 1, 1), yesterday),
        "365d": Period(today - timedelta(days=365), yesterday),
    }


# As long as so many events with the longest page and target, and no longer.
LARGEST_BEACON = 8_000
MOST_EVENTS = 20
_PAGE = re.compile(r"/[\w\-/.~]{0,199}")
_TARGET = re.compile(r"[\w\-.: ]{0,40}")
_NAMES = frozenset(BehaviourEvent.Name.values)


class SeenForm(forms.Form):
    """A page's events: JSON of at most twenty, each a known name, a path and a short target."""

    events = forms.CharField(max_length=LARGEST_BEACON)

    def clean_events(self) -> list[Seen]:
        """The events, or a refusal of all of them when one is none."""
        try:
            told = json.loads(self.cleaned_data["events"])
        except (json.JSONDecodeError, RecursionError):
            raise forms.ValidationError("no JSON") from None
        if not isinstance(told, list) or not 1 <= len(told) <= MOST_EVENTS:
            raise forms.ValidationError("no list of events")
        return [_event(event) for event in told]


def _event(told: Any) -> Seen:
    if not isinstance(told, dict) or not {"name", "page"} <= set(told) <= {
        "name",
        "page",
        "target",
    }:
        raise forms.ValidationError("no event")
    name, page, target = told["name"], told["page"], told.get("target", "")
    is_text = all(isinstance(text, str) for text in (name, page, target))
    if not is_text or name not in _NAMES or not _PAGE.fullmatch(page):
        raise forms.ValidationError("no event")
    # What elements are called is the pages' business: a strange name is left out, not refused.
    return Seen(name=name, page=page, target=target if _TARGET.fullmatch(target) else "")


class VisitsForm(forms.Form):
    """A member's yes or no to visit statistics."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


def _operators() -> Any:
    return User.objects.filter(is_staff=True, is_active=True).order_by("username")


class OwnerForm(KeyedForm):
    """Who takes care of the tasks chosen."""

    owner: Any = forms.ModelChoiceField(
        label=_("Owner"), queryset=None, required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = _operators()


class CareOutcomeForm(KeyedForm):
    """What was done for the members of the tasks chosen."""

    # Not `action`: lists of the operators' side send one of their own.
    care = forms.ChoiceField(
        label=_("Action"),
        choices=[choice for choice in CareTask.Action.choices if choice[0]],
        help_text=_("The next nights measure whether the member comes back."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DismissForm(KeyedForm):
    """Why nothing is to be done."""

    note = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CareReportForm(forms.Form):
    """Tasks opened from which day to which."""

    since = forms.DateField(
        label=_("Opened from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("to"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The first day comes after the last one."))
        return cleaned


class SegmentFileForm(KeyedForm):
    """A text or CSV file of card numbers, the first on each line; lines keep their numbers."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Text or CSV in UTF-8: the card number stands first on each line."),
    )

    def clean_file(self) -> list[tuple[int, str]]:
        """Lines that hold a card, with their numbers; a first line of words is a heading."""
        file: Any = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_LIST:
            raise forms.ValidationError(_("This file is too long: send it in parts."))
        try:
            text = str(file.read(), "utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("This is no text in UTF-8: save the list as text or CSV (UTF-8).")
            ) from None
        lines = [
            (number, card)
            for number, line in enumerate(text.splitlines(), start=1)
            for card in card_numbers(line)
        ]
        is_heading = lines and not any(letter.isdecimal() for letter in lines[0][1])
        return lines[1:] if is_heading else lines
