"""What operators type about points and the programme."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import format_money, from_minor, minor_digits
from common.numbers import format_number
from common.periods import Period, PeriodError
from loyalty import rules
from loyalty.as_of import end_of, instant_of
from loyalty.errors import BoundsDoNotRise, LowestTierMissing, RedateDatesReversed
from loyalty.models import EarningRule, PointType, Purchase, Tier
from loyalty.services.lines import SoldLine, sold_lines
from loyalty.services.refund_preview import Planned, plan_amount, plan_lines, plan_rest

# More is a slip of the finger; the column holds far more.
MOST_POINTS = 1_000_000_000
# No programme is older.
EARLIEST = date(1900, 1, 1)


def money_field(**options: Any) -> forms.DecimalField:
    """An amount of the programme's currency. The currency is a setting: known when a form is
    made, not when this module is read."""
    given = {"min_value": from_minor(0), "max_digits": 12, "decimal_places": minor_digits()}
    return forms.DecimalField(**{**given, **options})


class AdjustPointsForm(KeyedForm):
    """How many points of which kind to give or take, and why."""

    point_type = forms.ModelChoiceField(
        PointType.objects.all(), label=_("Kind of points"), empty_label=None
    )
    points = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST_POINTS,
        max_value=MOST_POINTS,
        help_text=_("A whole number: 100 gives, -100 takes away."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this in the points history."),
    )


class UsePointsForm(KeyedForm):
    """The price of a purchase that points shall pay a part of; `agreed` is what was quoted."""

    points = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        max_value=MOST_POINTS,
        required=False,
        help_text=_("Left empty, as many as may be used."),
    )
    reason = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The member reads this in the points history."),
    )
    agreed = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ("amount", "points", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = money_field(
            label=_("Price of the purchase"), help_text=_("After coupons, before points.")
        )
        self.order_fields(self.field_order)


class RefundForm(KeyedForm):
    """What of a purchase comes back: everything left, a sum, or so many pieces of its lines.

    `at` is when the form was opened, so that sending it twice tells the same refund; `agreed` is
    the mark of the plan that was shown.
    """

    class What(TextChoices):
        REST = "rest", _("Everything that is left")
        AMOUNT = "amount", _("A sum of money")
        LINES = "lines", _("Pieces of lines")

    at = forms.CharField(widget=forms.HiddenInput, initial=lambda: clock.now().isoformat())
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, purchase: Purchase, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purchase = purchase
        is_by_points = purchase.is_paid_by_points_alone
        sold = [] if is_by_points else sold_lines(purchase).values()
        self.sold = [line for line in sold if line.quantity_left > 0]
        choices = [choice for choice in self.What.choices if self.sold or choice[0] != "lines"]
        self.fields["what"] = forms.ChoiceField(label=_("What comes back"), choices=choices)
        self.fields["amount"] = money_field(
            label=_("Amount"),
            required=False,
            help_text=_("Points paid for all of it: so much of it comes back as points.")
            if is_by_points
            else _("Only for a sum of money: what the member gets back."),
        )
        for line in self.sold:
            self.fields[f"line_{line.line.number}"] = line_field(line)

    def clean(self) -> dict[str, Any]:
        """Make the plan of the refund; what cannot be is refused in words."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["what"] == self.What.AMOUNT and cleaned["amount"] is None:
            self.add_error("amount", _("Say how much is given back."))
            return cleaned
        try:
            cleaned["at"] = datetime.fromisoformat(cleaned["at"])
        except ValueError:
            self.add_error(None, _("Open this form again."))
            return cleaned
        try:
            cleaned["plan"] = self._plan(cleaned)
        except DomainError as error:
            add_domain_error(self, error)
        return cleaned

    def _plan(self, cleaned: dict[str, Any]) -> Planned:
        match cleaned["what"]:
            case self.What.AMOUNT:
                return plan_amount(self.purchase, cleaned["amount"])
            case self.What.LINES:
                numbers = [line.line.number for line in self.sold]
                pieces = {number: cleaned[f"line_{number}"] or Decimal(0) for number in numbers}
                return plan_lines(self.purchase, pieces)
        return plan_rest(self.purchase)


def line_field(sold: SoldLine) -> forms.DecimalField:
    """How many pieces of a line come back, at most what is left of it."""
    left = sold.quantity_left.normalize()
    text = gettext("%(left)s left, %(amount)s paid for them. Only for pieces of lines.")
    return forms.DecimalField(
        label=f"{sold.line.number}. {sold.line.description or sold.line.sku}",
        required=False,
        min_value=Decimal(0),
        max_value=left,
        max_digits=14,
        decimal_places=3,
        help_text=text % {"left": format_number(left), "amount": format_money(sold.amount_left)},
    )


class GiveBackForm(KeyedForm):
    """How many points of a redemption to give back, and why."""

    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=MOST_POINTS)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this in the points history."),
    )


class ApproveForm(KeyedForm):
    """A yes, with a word about it if the checker likes."""

    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class RejectForm(KeyedForm):
    """A no, and why."""

    note = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever asked for the adjustment reads this."),
    )


class AsOfForm(forms.Form):
    """A day, or an instant of it, to look back at; without a time its end is meant."""

    on = forms.DateField(
        label=_("Day"),
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    time = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Left empty, the end of the day is meant."),
    )

    def clean(self) -> dict[str, Any]:
        """Make the instant of the two, refused where it is still to come."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        day, at_time, now = cleaned.get("on"), cleaned.get("time"), clock.now()
        if day is None:
            return cleaned
        try:
            if at_time is None:
                cleaned["at"] = end_of(day, now=now)
            else:
                cleaned["at"] = instant_of(datetime.combine(day, at_time), now=now)
        except DomainError as error:
            add_domain_error(self, error, "on")
        return cleaned


class ReviseRuleForm(forms.Form):
    """A rule as it shall read from now on."""

    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    point_type = forms.ModelChoiceField(
        PointType.objects.all(), label=_("Kind of points"), empty_label=None
    )
    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=1_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The currency is a setting: known when a form is made, not when this module is read.
        self.fields["per_amount"] = forms.DecimalField(
            label=_("For every"),
            min_value=from_minor(1),
            max_digits=12,
            decimal_places=minor_digits(),
            help_text=_("The amount paid that gives these points."),
        )


class TierForm(forms.ModelForm[Tier]):
    """A rung that must fit between its neighbours."""

    class Meta:
        model = Tier
        fields = (
            "name_en",
            "name_zh",
            "code",
            "rank",
            "colour",
            "points_per_money",
            "join",
            "entry_spend",
            "entry_orders",
            "entry_growth",
            "retention_spend",
            "retention_orders",
            "retention_growth",
        )

    def clean(self) -> dict[str, Any]:
        """Check the whole ladder with this tier in it, once every field is in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        tier = Tier(pk=self.instance.pk, **cleaned)
        others = Tier.objects.exclude(pk=tier.pk)
        try:
            rules.check_ladder(sorted([*others, tier], key=lambda rung: rung.rank))
        except BoundsDoNotRise as error:
            add_domain_error(self, error)
        except LowestTierMissing as error:
            add_domain_error(self, error, "rank")
        except DomainError as error:
            # At a bound, so that the database's constraint on it does not speak as well.
            add_domain_error(self, error, "entry_spend")
        return cleaned


class EarningRuleForm(forms.ModelForm[EarningRule]):
    """A rule that is new to the programme."""

    class Meta:
        model = EarningRule
        fields = ("code", "name_en", "name_zh", "point_type", "points", "per_amount")
        labels = {"point_type": _("Kind of points")}


class ActivateForm(KeyedForm):
    """Why points may be spent before their time."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class RedateForm(KeyedForm):
    """Which points that are out get which new validity, and why."""

    point_type = forms.ModelChoiceField(
        PointType.objects.filter(is_spendable=True), label=_("Kind of points"), empty_label=None
    )
    expiry = forms.CharField(
        label=_("New validity"),
        max_length=24,
        help_text=_(
            "From the day of earning: 12M, 12M/month (to the end of the month), anniversary (of "
            "joining), @12-31, inactive 12M (from the last activity) or never."
        ),
    )
    only_policy = forms.CharField(
        label=_("Only points valid for"),
        max_length=24,
        required=False,
        help_text=_("As lots show it, for example 12M. Left empty, all are meant."),
    )
    earned_from = forms.DateField(
        label=_("Earned from"),
        required=False,
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    earned_until = forms.DateField(
        label=_("Earned until"),
        required=False,
        validators=[MinValueValidator(EARLIEST)],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_expiry(self) -> str:
        return self._period("expiry")

    def clean_only_policy(self) -> str:
        return self._period("only_policy") if self.cleaned_data["only_policy"] else ""

    def clean(self) -> dict[str, Any]:
        """The days of earning must be in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("earned_from"), cleaned.get("earned_until")
        if first and last and first > last:
            add_domain_error(self, RedateDatesReversed(), "earned_until")
        return cleaned

    def _period(self, name: str) -> str:
        try:
            return str(Period.parse(self.cleaned_data[name]))
        except PeriodError as error:
            raise forms.ValidationError(str(error), code=error.code) from error
