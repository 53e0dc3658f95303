"""An earning rule as an operator writes it: every field, and every contradiction refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from common.money import from_minor, minor_digits
from common.periods import Period, PeriodField, PeriodIsZero
from loyalty.errors import RuleRefused
from loyalty.models import (
    Channel,
    EarningRule,
    Partner,
    PointType,
    ProductCategory,
    RuleScope,
    Tier,
    Trigger,
)
from loyalty.rules.wording import MOST_POINTS
from loyalty.services.configuration import SCOPE_NAMES, draft_rule
from members.models import Segment, Store

# More is a slip of the finger; the columns hold far more.
MOST_CAP = 1_000_000_000_000
MOST_PRIORITY = 1_000
LONGEST_STREAK = 366

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


@dataclass(frozen=True)
class Section:
    """Some fields of the form under one heading."""

    title: str | Promise
    explanation: str | Promise
    fields: Sequence[forms.BoundField]


# What an operator reads, in this order; a field that is not on the form is left out.
SECTIONS: Sequence[tuple[str | Promise, str | Promise, Sequence[str]]] = (
    (_("The rule"), "", ("name_en", "name_zh", "code", "trigger")),
    (
        _("What it gives"),
        _(
            "Points for every amount paid, or once if no amount is given; or, instead of points, a "
            "multiplier of what other rules give."
        ),
        ("point_type", "points", "per_amount", "factor"),
    ),
    (
        _("For whom"),
        _("Nothing ticked means everyone."),
        ("tiers", "segments", "member_from", "member_until"),
    ),
    (
        _("For which purchases"),
        _("Nothing ticked means every purchase. Leave this empty for other occasions."),
        ("minimum_spend", "stores", "channels", "partners", "categories"),
    ),
    (
        _("When"),
        _("In the programme's time zone. Both days are included; hours may cross midnight."),
        ("starts_on", "ends_on", "hour_from", "hour_to", "weekdays", "streak_every"),
    ),
    (
        _("At most"),
        _("Points that the rule gives. A new version does not fill them again."),
        ("cap_day", "cap_month", "cap_ever", "budget"),
    ),
    (
        _("Together with other rules"),
        _(
            "Of several rules of one exclusive group only one counts: that of the highest "
            "priority, and of multipliers the best."
        ),
        ("group", "priority"),
    ),
)


class RuleForm(forms.Form):
    """A rule that is new, or the next version of one; `draft` is the rule that it would write."""

    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        validators=[validate_slug],
        help_text=_("Letters, digits and dashes; it stays for good."),
    )
    trigger = forms.ChoiceField(
        label=_("For"), choices=Trigger.choices, initial=Trigger.PURCHASE, required=False
    )
    point_type = forms.ModelChoiceField(
        PointType.objects.all(), label=_("Kind of points"), empty_label=None
    )
    points = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        max_value=MOST_POINTS,
        required=False,
        help_text=_("A whole number; empty in a multiplier."),
    )
    factor = forms.DecimalField(
        label=_("Multiplier"),
        max_digits=6,
        decimal_places=3,
        required=False,
        help_text=_("2 doubles what other rules give; empty in a rule that gives points."),
    )
    member_from = forms.CharField(
        label=_("Member for longer than"),
        max_length=24,
        required=False,
        help_text=_("Such as 30D, 12M or 2Y."),
    )
    member_until = forms.CharField(
        label=_("Member for at most"),
        max_length=24,
        required=False,
        help_text=_("Such as 30D: the first 30 days after joining."),
    )
    starts_on = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    hour_from = forms.TimeField(
        label=_("From"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    hour_to = forms.TimeField(
        label=_("Until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    streak_every = forms.IntegerField(
        label=_("Check-ins in a row"),
        min_value=2,
        max_value=LONGEST_STREAK,
        required=False,
        help_text=_("7 rewards every seventh day in a row; empty rewards every check-in."),
    )
    cap_day = forms.IntegerField(
        label=_("Per member and day"), min_value=1, max_value=MOST_CAP, required=False
    )
    cap_month = forms.IntegerField(
        label=_("Per member and month"), min_value=1, max_value=MOST_CAP, required=False
    )
    cap_ever = forms.IntegerField(
        label=_("Per member, ever"), min_value=1, max_value=MOST_CAP, required=False
    )
    budget = forms.IntegerField(
        label=_("All members together"), min_value=1, max_value=MOST_CAP, required=False
    )
    group = forms.CharField(
        label=_("Exclusive group"),
        max_length=40,
        required=False,
        validators=[validate_slug],
        help_text=_("Any word: rules that share it exclude each other."),
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=-MOST_PRIORITY,
        max_value=MOST_PRIORITY,
        required=False,
        help_text=_("The higher one counts."),
    )

    def __init__(self, *args: Any, rule: EarningRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        self.draft: tuple[EarningRule, list[RuleScope]] | None = None
        if rule is not None:
            del self.fields["code"]
        self._add_amounts()
        self._add_scopes()

    def _add_amounts(self) -> None:
        # The currency is a setting: known when a form is made, not when this module is read.
        for name, label, hint in (
            ("per_amount", _("For every"), _("The amount paid that gives these points.")),
            (
                "minimum_spend",
                _("Minimum spend"),
                _("Of one purchase, or of its lines that count."),
            ),
        ):
            self.fields[name] = forms.DecimalField(
                label=label,
                min_value=from_minor(1),
                max_digits=12,
                decimal_places=minor_digits(),
                required=False,
                help_text=hint,
            )

    def _add_scopes(self) -> None:
        """What rules can be limited to; a sort of which there is nothing is not asked for."""
        for name, label, rows in (
            ("tiers", _("Tiers"), Tier.objects.by_rank()),
            ("segments", _("Segments"), Segment.objects.all()),
            ("stores", _("Stores"), Store.objects.all()),
            ("channels", _("Channels"), Channel.objects.all()),
            ("partners", _("Partners"), Partner.objects.all()),
            ("categories", _("Product categories"), ProductCategory.objects.all()),
        ):
            field = forms.ModelMultipleChoiceField(
                rows, label=label, required=False, widget=forms.CheckboxSelectMultiple
            )
            if rows.exists():
                self.fields[name] = field

    def sections(self) -> Iterator[Section]:
        for title, explanation, names in SECTIONS:
            fields = [self[name] for name in names if name in self.fields]
            yield Section(title, explanation, fields)

    def clean_trigger(self) -> str:
        return self.cleaned_data["trigger"] or Trigger.PURCHASE

    def clean_points(self) -> int:
        return self.cleaned_data["points"] or 0

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or 0

    def clean_member_from(self) -> str:
        return self._period("member_from")

    def clean_member_until(self) -> str:
        return self._period("member_until")

    def _period(self, name: str) -> str:
        field = EarningRule._meta.get_field(name)
        assert isinstance(field, PeriodField)
        text = str(field.clean(self.cleaned_data[name], None))
        if text and Period.parse(text).is_zero:
            error = PeriodIsZero(text=text)
            raise ValidationError(str(error), code=error.code)
        return text

    def clean(self) -> dict[str, Any]:
        """Draft the rule once every field is in order: a contradiction is shown where it lies."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.draft = draft_rule(rule=self.rule, **cleaned)
        except RuleRefused as error:
            add_domain_error(self, error, error.field if error.field in self.fields else None)
        except DomainError as error:
            add_domain_error(self, error)
        return cleaned


def initial_of(rule: EarningRule) -> dict[str, Any]:
    """A rule as the form shows it, with everything that it is limited to."""
    names = [name.removesuffix("_id") for name in EarningRule.WORDING]
    shown = {name: getattr(rule, name) for name in names}
    if rule.factor is not None:
        shown |= {"points": None, "factor": rule.factor.normalize()}
    scopes = list(rule.scopes.all())
    limits: Mapping[str, list[int]] = {
        name: [pk for scope in scopes if (pk := getattr(scope, f"{sort}_id")) is not None]
        for name, sort in SCOPE_NAMES.items()
    }
    return {**shown, **limits}


def initial_of_campaign() -> dict[str, Any]:
    """A double points day, tomorrow, to be dated and named as the operator likes."""
    day = clock.today() + timedelta(days=1)
    return {
        "name_en": "Double points day",
        "name_zh": "双倍积分日",
        "code": f"double-{day:%Y-%m-%d}",
        "trigger": Trigger.PURCHASE,
        "factor": 2,
        "starts_on": day,
        "ends_on": day,
        "group": "campaign",
    }
