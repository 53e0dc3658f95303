"""A coupon used by an operator for whoever stands at the counter: shown first, then confirmed."""

from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benefits.errors import PurchaseUnknown
from benefits.forms.desk import UseCouponForm, basket_of
from benefits.models import Coupon
from benefits.services.checkout import use_at_once
from benefits.services.quotes import Quote, quote_purchase
from common.money import format_money
from loyalty.admin.previews import Deed, Preview
from loyalty.models import Purchase
from members.models import Member
from members.services import members_by_card


def deed_of(coupon: Coupon) -> Deed:
    """Use one coupon for one purchase, once for each form."""

    def preview(data: dict[str, Any]) -> Preview:
        member = _whose(coupon, data)
        _purchase_of(member, data)
        quote = quote_purchase(
            member=member,
            codes=[coupon.code],
            basket=basket_of(data),
            checkout_key=_checkout(data),
            is_till=True,
        )
        return preview_of(quote)

    def perform(data: dict[str, Any]) -> Coupon:
        member = _whose(coupon, data)
        use_at_once(
            member=member,
            codes=[coupon.code],
            basket=basket_of(data),
            checkout_key=_checkout(data),
            purchase=_purchase_of(member, data),
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


def _purchase_of(member: Member, data: dict[str, Any]) -> Purchase | None:
    """The purchase that was named; None for none. Refused: a number that is none of the member's.

    Of several tills that count alike, the latest purchase is meant.
    """
    number = data["purchase_number"].strip()
    if not number:
        return None
    named = Purchase.objects.for_member(member).filter(external_id=number)
    found = named.order_by("-pk").first()
    if found is None:
        raise PurchaseUnknown(number=number)
    return found


def _checkout(data: dict[str, Any]) -> str:
    return f"desk:{data['key']}"
