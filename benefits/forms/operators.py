"""What operators type about coupons."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.models import CouponTemplate
from benefits.rules.lists import card_numbers, decoded
from benefits.services.batches import MOST_CODES
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.numbers import format_number
from members.models import Segment

LARGEST_FILE = 5 * 1024 * 1024
# More is a slip of the finger. A group that waits longer than a year has been forgotten.
MOST_COUNTED = 1_000_000_000
LARGEST_GROUP = 1_000
MOST_GROUP_HOURS = 366 * 24
MOST = {
    "stock": MOST_COUNTED,
    "per_member_limit": MOST_COUNTED,
    "friends_per_coupon": LARGEST_GROUP,
    "group_size": LARGEST_GROUP,
    "group_hours": MOST_GROUP_HOURS,
}
MOST_LISTED = 200_000

Kind = CouponTemplate.Kind
# What each kind needs, and what would mean nothing beside it.
NEEDS = {
    Kind.AMOUNT: ("amount",),
    Kind.PERCENT: ("percent",),
    Kind.SHIPPING: (),
    Kind.GIFT: ("thing_en",),
    Kind.SERVICE: ("thing_en",),
}
GIVES = ("amount", "percent", "ceiling", "thing_en", "thing_zh")
MAY_HAVE = {
    Kind.AMOUNT: {"amount"},
    Kind.PERCENT: {"percent", "ceiling"},
    Kind.SHIPPING: set(),
    Kind.GIFT: {"thing_en", "thing_zh"},
    Kind.SERVICE: {"thing_en", "thing_zh"},
}


class CouponTemplateForm(forms.ModelForm[CouponTemplate]):
    """An offer that can be meant: what it gives, from when until when, how many."""

    class Meta:
        model = CouponTemplate
        fields = (
            "name_en",
            "name_zh",
            "code",
            "is_active",
            "kind",
            "amount",
            "percent",
            "ceiling",
            "thing_en",
            "thing_zh",
            "minimum_spend",
            "categories",
            "stores",
            "channels",
            "tiers",
            "segments",
            "is_stackable",
            "exclusive_group",
            "starts_on",
            "ends_on",
            "validity",
            "stock",
            "per_member_limit",
            "friend_template",
            "friends_per_coupon",
            "group_size",
            "group_hours",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_gives(cleaned)
        self._check_dates(cleaned)
        self._check_counts(cleaned)
        return cleaned

    def _check_gives(self, cleaned: dict[str, Any]) -> None:
        kind = cleaned.get("kind")
        if kind not in NEEDS:
            return
        for name in NEEDS[Kind(kind)]:
            if cleaned.get(name) in (None, ""):
                self._refuse(name, _("Say what this kind of coupon gives."))
        for name in GIVES:
            if name not in MAY_HAVE[Kind(kind)] and cleaned.get(name) not in (None, ""):
                self._refuse(name, _("Leave this empty for this kind of coupon."))
        percent = cleaned.get("percent")
        if percent is not None and not Decimal(0) < percent <= 100:
            self._refuse("percent", _("A percentage is above 0 and at most 100."))
        for name in ("amount", "ceiling", "minimum_spend"):
            amount = cleaned.get(name)
            if amount is not None and amount <= 0:
                self._refuse(name, _("An amount must be above 0."))

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self._refuse("ends_on", _("The last valid day is before the first one."))
        if "validity" in self.errors:
            return
        if bool(last) == bool(cleaned.get("validity")):
            self._refuse("validity", _("Set either a last valid day or a period from the issue."))

    def _check_counts(self, cleaned: dict[str, Any]) -> None:
        refuse_above(self, MOST)
        stock = cleaned.get("stock")
        if stock is not None and stock < self.instance.issued:
            self._refuse("stock", _("More than that are given out already."))
        if cleaned.get("per_member_limit") == 0:
            self._refuse("per_member_limit", _("Leave it empty for no limit; it is at least 1."))
        if cleaned.get("friends_per_coupon") == 0:
            self._refuse("friends_per_coupon", _("At least one friend."))
        size, hours = cleaned.get("group_size"), cleaned.get("group_hours")
        if (size is None) != (hours is None) or (size is not None and size < 2) or hours == 0:
            self._refuse(
                "group_size", _("A group has at least 2 members and at least an hour to fill.")
            )

    def _refuse(self, name: str, message: StrOrPromise) -> None:
        if name in self.fields and name not in self.errors:
            self.add_error(name, ValidationError(message))


def refuse_above(form: forms.ModelForm[Any], most: Mapping[str, int]) -> None:
    """Refuse counts that are too large to be meant."""
    for name, largest in most.items():
        count = form.cleaned_data.get(name)
        if count is not None and count > largest:
            text = _("At most %(most)s.") % {"most": format_number(largest)}
            form.add_error(name, ValidationError(text, code="invalid"))


class IssueListForm(KeyedForm):
    """Members by their card numbers, typed or in a file."""

    numbers = forms.CharField(
        label=_("Card numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One per line."),
    )
    file = forms.FileField(
        label=_("File of card numbers"),
        required=False,
        help_text=_("A text or CSV file of at most 5 MB; the first column counts."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and file.size > LARGEST_FILE:
            raise ValidationError(_("This file is larger than 5 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """Gather the numbers of both, each once."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        try:
            listed = card_numbers(decoded(file.read())) if file else []
            typed = card_numbers(cleaned.get("numbers") or "")
        except DomainError as error:
            add_domain_error(self, error, "file")
            return cleaned
        cleaned["card_numbers"] = list(dict.fromkeys([*typed, *listed]))
        if not cleaned["card_numbers"] and not self.errors:
            self.add_error("numbers", ValidationError(_("Type card numbers or choose a file.")))
        if len(cleaned["card_numbers"]) > MOST_LISTED:
            text = _("A list has at most %(most)s members.") % {"most": f"{MOST_LISTED:,}"}
            self.add_error("file", ValidationError(text))
        return cleaned


class IssueSegmentForm(KeyedForm):
    """The segment whose members get one each."""

    segment = forms.ModelChoiceField(label=_("Segment"), queryset=Segment.objects.order_by("code"))


class GenerateCodesForm(KeyedForm):
    """How many codes that nobody holds yet."""

    count = forms.IntegerField(label=_("How many codes"), min_value=1, max_value=MOST_CODES)


class VoidForm(KeyedForm):
    """Why coupons are withdrawn."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this."),
    )
