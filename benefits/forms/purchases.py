"""A purchase that a member thinks of: goods by category, where and how, with which coupons."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benefits.models import Coupon
from benefits.rules import Basket, BasketLine
from benefits.words import headline
from common.money import from_minor
from loyalty.forms.points import money_field
from loyalty.models import Channel, ProductCategory
from loyalty.services.ledger import MOST_POINTS
from members.models import Member, Store

ROWS = 3
# A wallet shows no more.
MOST_COUPONS = 100


class CouponsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Coupons by what they give and what they are called."""

    def label_from_instance(self, coupon: Any) -> str:
        return f"{headline(coupon)} · {coupon.name}"


class PurchaseForm(forms.Form):
    """Asked for with GET: nothing is written, so it needs no key."""

    store = forms.ModelChoiceField(
        Store.objects.filter(is_active=True), label=_("Store"), required=False, empty_label="—"
    )
    channel = forms.ModelChoiceField(
        Channel.objects.all(), label=_("Channel"), required=False, empty_label="—"
    )
    coupons = CouponsField(
        Coupon.objects.none(),
        label=_("Coupons"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    points = forms.IntegerField(
        label=_("Use points"), min_value=1, max_value=MOST_POINTS, required=False
    )

    def __init__(self, *args: Any, member: Member, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, ROWS + 1):
            self.fields[f"amount_{number}"] = money_field(
                label=_("Amount"), required=number == 1, min_value=from_minor(1)
            )
            self.fields[f"category_{number}"] = forms.ModelChoiceField(
                ProductCategory.objects.all(),
                label=_("Category"),
                required=False,
                empty_label=_("Anything else"),
            )
        self.fields["shipping"] = money_field(label=_("Shipping"), required=False)
        usable = Coupon.objects.for_member(member).usable(at)
        cast(CouponsField, self.fields["coupons"]).queryset = Coupon.objects.filter(
            pk__in=[coupon.pk for coupon in usable.only("pk")[:MOST_COUPONS]]
        ).order_by("expires_at", "pk")

    @property
    def rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """Amount and category of each line."""
        for number in range(1, ROWS + 1):
            yield self[f"amount_{number}"], self[f"category_{number}"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, ROWS + 1):
            amount, category = (f"{name}_{number}" for name in ("amount", "category"))
            if cleaned.get(category) and not cleaned.get(amount) and amount not in self.errors:
                self.add_error(amount, ValidationError(_("Say how much it costs.")))
        return cleaned

    def basket(self) -> Basket:
        """What was typed, for the rules."""
        cleaned = self.cleaned_data
        store, channel = cleaned["store"], cleaned["channel"]
        return Basket(
            lines=tuple(
                BasketLine(str(number), amount, category.pk if category else None)
                for number, amount, category in self._lines()
            ),
            store=store.pk if store else None,
            channel=channel.pk if channel else None,
            shipping=cleaned["shipping"] or from_minor(0),
        )

    def names(self) -> dict[str, str]:
        """What each line is called."""
        return {
            str(number): category.name if category else gettext("Anything else")
            for number, _amount, category in self._lines()
        }

    def _lines(self) -> Iterator[tuple[int, Any, ProductCategory | None]]:
        for number in range(1, ROWS + 1):
            if amount := self.cleaned_data.get(f"amount_{number}"):
                yield number, amount, self.cleaned_data.get(f"category_{number}")
