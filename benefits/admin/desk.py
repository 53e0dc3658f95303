"""A coupon used by an operator for whoever stands at the counter: shown first, then confirmed."""

from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benefits.forms.desk import UseCouponForm, basket_of
from benefits.models import Coupon
from benefits.services.checkout import use_at_once
from benefits.services.quotes import Quote, quote_purchase
from common.money import format_money
from loyalty.admin.previews import Deed, Preview
from members.models import Member
from members.services import members_by_card


def deed_of(coupon: Coupon) -> Deed:
    """Use one coupon for one purchase, once for each form."""

    def preview(data: dict[str, Any]) -> Preview:
        quote = quote_purchase(
            member=_whose(coupon, data),
            codes=[coupon.code],
            basket=basket_of(data),
            checkout_key=_checkout(data),
            is_till=True,
        )
        return preview_of(quote)

    def perform(data: dict[str, Any]) -> Coupon:
        use_at_once(
            member=_whose(coupon, data),
            codes=[coupon.code],
            basket=basket_of(data),
            checkout_key=_checkout(data),
        )
        return coupon

    return Deed(
        title=_("Use the coupon"),
        explanation=gettext("Nothing is used before you confirm."),
        form=partial(UseCouponForm, asks_card=coupon.member is None),
        preview=preview,
        perform=perform,
        success=used_message,
    )


def preview_of(quote: Quote) -> Preview:
    """What it takes off, or why it does not apply."""
    goods_and_shipping = quote.basket.goods + quote.basket.shipping
    off = quote.discount + quote.shipping_discount
    return Preview(
        rows=[
            (gettext("Goods and shipping"), format_money(goods_and_shipping)),
            (gettext("The coupon takes off"), format_money(off)),
            (gettext("To pay"), format_money(quote.payable)),
        ],
        notes=[str(quoted.refusal) for quoted in quote.coupons if quoted.refusal],
        is_possible=quote.is_applicable,
    )


def used_message(coupon: Coupon) -> str:
    """What the coupon took off."""
    use = coupon.uses.standing().get()
    return gettext("The coupon is used: it took off %(amount)s.") % {
        "amount": format_money(use.discount)
    }


def _whose(coupon: Coupon, data: dict[str, Any]) -> Member:
    """The holder; of a code that nobody holds, whoever shows it."""
    if coupon.member is not None and "card_number" not in data:
        return coupon.member
    (member,) = members_by_card(["".join(data["card_number"].split())])
    return member


def _checkout(data: dict[str, Any]) -> str:
    return f"desk:{data['key']}"
