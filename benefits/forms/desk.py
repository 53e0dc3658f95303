"""A coupon that is used at the counter: for which purchase, and whose."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benefits.rules import Basket, BasketLine
from common.forms import KeyedForm
from common.money import from_minor
from loyalty.forms.points import money_field
from loyalty.models import Channel, ProductCategory
from members.models import Store


class UseCouponForm(KeyedForm):
    """What is bought, in one sum; a code that nobody holds needs the card of whoever shows it."""

    card_number = forms.CharField(label=_("Card number"), max_length=40)
    category = forms.ModelChoiceField(
        ProductCategory.objects.all(), label=_("Category"), required=False
    )
    store = forms.ModelChoiceField(
        Store.objects.filter(is_active=True), label=_("Store"), required=False
    )
    channel = forms.ModelChoiceField(Channel.objects.all(), label=_("Channel"), required=False)

    purchase_number = forms.CharField(
        label=_("Number of the purchase"),
        max_length=120,
        required=False,
        help_text=_("Where it is recorded already: a whole refund of it gives the coupon back."),
    )

    field_order = (
        "card_number",
        "amount",
        "category",
        "shipping",
        "store",
        "channel",
        "purchase_number",
    )

    def __init__(self, *args: Any, asks_card: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = money_field(
            label=_("Price of the goods"), help_text=_("Of what the coupon is for, before it.")
        )
        self.fields["shipping"] = money_field(label=_("Shipping"), required=False)
        if not asks_card:
            del self.fields["card_number"]
        self.order_fields(self.field_order)


def basket_of(data: dict[str, Any]) -> Basket:
    """What was typed, for the rules."""
    ids = {name: found.pk if (found := data[name]) else None for name in ("store", "channel")}
    category = data["category"].pk if data["category"] else None
    line = BasketLine("1", data["amount"], category)
    return Basket(lines=(line,), shipping=data["shipping"] or from_minor(0), **ids)
