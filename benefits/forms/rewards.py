"""What operators type about rewards and their orders."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.models import LotteryPrize, Reward
from benefits.rules.lottery import TICKETS
from benefits.rules.pictures import LARGEST_PICTURE, picture_type
from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from loyalty.services.ledger import MOST_POINTS

from .operators import MOST_COUNTED, refuse_above

# More is a slip of the finger.
MOST_DAYS = 3_660
MOST = {
    "points": MOST_POINTS,
    "promotional_points": MOST_POINTS,
    "stock": MOST_COUNTED,
    "per_member_limit": MOST_COUNTED,
    "return_days": MOST_DAYS,
    "spend_days": MOST_DAYS,
}

Kind = Reward.Kind
Sort = LotteryPrize.Kind


class RewardForm(forms.ModelForm[Reward]):
    """A reward that can be meant: what it is, what it costs, when and how many."""

    class Meta:
        model = Reward
        fields = (
            "name_en",
            "name_zh",
            "code",
            "is_active",
            "kind",
            "coupon_template",
            "description_en",
            "description_zh",
            "points",
            "money",
            "promotional_points",
            "promotion_starts_at",
            "promotion_ends_at",
            "starts_at",
            "ends_at",
            "stock",
            "per_member_limit",
            "is_numbered",
            "is_sent",
            "return_days",
            "minimum_spend",
            "spend_days",
            "segments",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_kind(cleaned)
        self._check_dates(cleaned)
        self._check_counts(cleaned)
        return cleaned

    def _check_kind(self, cleaned: dict[str, Any]) -> None:
        # What it is stays as it was first written: then there is no such field.
        kind = cleaned.get("kind") if "kind" in self.fields else self.instance.kind
        template = cleaned.get("coupon_template")
        if kind == Kind.COUPON and template is None:
            self._refuse("coupon_template", _("Say which coupon is issued."))
        if kind != Kind.COUPON and template is not None:
            self._refuse("coupon_template", _("Leave this empty: only coupons are issued."))
        if cleaned.get("is_sent") and kind != Kind.GOODS:
            self._refuse("is_sent", _("Only goods are sent."))
        if cleaned.get("is_numbered") and (kind != Kind.GOODS or cleaned.get("stock") is None):
            self._refuse("is_numbered", _("A limited edition is of goods, and has a stock."))

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        if _are_reversed(cleaned.get("starts_at"), cleaned.get("ends_at")):
            self._refuse("ends_at", _("It closes before it opens."))
        names = ("promotional_points", "promotion_starts_at", "promotion_ends_at")
        given = [cleaned.get(name) is not None for name in names]
        if any(given) and not all(given):
            self._refuse(
                names[given.index(False)],
                _("A promotion has a price, a beginning and an end."),
            )
        if _are_reversed(cleaned.get(names[1]), cleaned.get(names[2])):
            self._refuse(names[2], _("The promotion ends before it begins."))
        regular, promotional = cleaned.get("points"), cleaned.get(names[0])
        if regular and promotional and promotional >= regular:
            self._refuse(names[0], _("A promotional price is below the usual one."))

    def _check_counts(self, cleaned: dict[str, Any]) -> None:
        refuse_above(self, MOST)
        stock = cleaned.get("stock")
        if stock is not None and stock < self.instance.taken:
            self._refuse("stock", _("More than that are taken already."))
        if cleaned.get("per_member_limit") == 0:
            self._refuse("per_member_limit", _("Leave it empty for no limit; it is at least 1."))
        for name in ("money", "minimum_spend"):
            amount = cleaned.get(name)
            if amount is not None and amount <= 0:
                self._refuse(name, _("An amount must be above 0."))
        if cleaned.get("spend_days") is not None and cleaned.get("minimum_spend") is None:
            self._refuse("minimum_spend", _("Say for how much members must have bought."))

    def _refuse(self, name: str, message: StrOrPromise) -> None:
        if name in self.fields and name not in self.errors:
            self.add_error(name, ValidationError(message))


def _are_reversed(first: Any, last: Any) -> bool:
    return first is not None and last is not None and last <= first


class LotteryPrizeForm(forms.ModelForm[LotteryPrize]):
    """A prize that gives what its kind says, and no fewer than are drawn."""

    class Meta:
        model = LotteryPrize
        fields = ("name_en", "name_zh", "kind", "weight", "stock", "points", "coupon_template")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        refuse_above(self, {"points": MOST_POINTS, "stock": MOST_COUNTED})
        kind, stock = cleaned.get("kind"), cleaned.get("stock")
        if bool(cleaned.get("points")) != (kind == Sort.POINTS):
            self.add_error("points", _("Points are given by a prize of points, and by no other."))
        if bool(cleaned.get("coupon_template")) != (kind == Sort.COUPON):
            self.add_error(
                "coupon_template", _("A coupon is named by a prize of a coupon, and by no other.")
            )
        if stock is not None and stock < self.instance.taken:
            self.add_error("stock", _("More than that are drawn already."))
        return cleaned


class LotteryPrizeFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Prizes whose weights are the whole, one of them there for ever."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if any(self.errors):
            return
        if self.instance.kind != Kind.LOTTERY:
            if kept:
                raise ValidationError(_("Only a lottery has prizes."))
            return
        total = sum(prize["weight"] for prize in kept)
        if total != TICKETS:
            text = _("The chances add up to %(total)s of 10,000; they must be all of them.")
            raise ValidationError(text % {"total": f"{total:,}"})
        if not any(prize["stock"] is None and prize["kind"] != Sort.COUPON for prize in kept):
            raise ValidationError(
                _("One prize that is no coupon must be without end, for when the others are gone.")
            )


class PictureForm(KeyedForm):
    """A picture of at most 5 MB, by its content."""

    file = forms.FileField(
        label=_("Picture"), help_text=_("PNG, JPEG, WebP or GIF of at most 5 MB.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if file := cleaned.get("file"):
            cleaned["content"] = file.read(LARGEST_PICTURE + 1)
            try:
                picture_type(cleaned["content"])
            except DomainError as error:
                add_domain_error(self, error, "file")
        return cleaned


class ShipForm(KeyedForm):
    """Under which number a parcel is on its way."""

    tracking_number = forms.CharField(label=_("Tracking number"), max_length=80)


class CollectForm(KeyedForm):
    """The code that whoever collects it shows."""

    pickup_code = forms.CharField(label=_("Pick-up code"), max_length=40)


class CancelOrderForm(KeyedForm):
    """Why an order is cancelled."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this."),
    )


class DeclineReturnForm(CancelOrderForm):
    """Why a member keeps what they wanted to return."""


class ReturnedForm(KeyedForm):
    """What becomes of a returned piece."""

    is_restocked = forms.BooleanField(
        label=_("The returned piece goes back into the stock"), required=False
    )
    reason = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The member reads this."),
    )
