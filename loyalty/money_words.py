"""What points pay of a purchase, in words."""

from django.utils.translation import gettext

from common.money import format_money
from common.numbers import format_number
from loyalty.rules import PointsQuote, QuoteLimit


def limit_text(quote: PointsQuote) -> str:
    """Why no more points would be taken, in a sentence."""
    terms = quote.terms
    texts = {
        QuoteLimit.NOT_OFFERED: gettext("In this programme points do not pay for purchases."),
        QuoteLimit.DEBT: gettext("No points can be used while %(debt)s are owed from a refund."),
        QuoteLimit.MINIMUM: gettext("Points pay for part of a purchase of %(minimum)s or more."),
        QuoteLimit.SHARE: gettext("Points pay for at most %(share)s %% of a purchase."),
        QuoteLimit.POINTS: gettext("All points that can be spent now: %(spendable)s."),
        QuoteLimit.MULTIPLE: gettext(
            "Points are used in multiples of %(multiple)s; %(spendable)s can be spent now."
        ),
        QuoteLimit.ASKED: gettext("As many as you asked for; more would be possible."),
    }
    return texts[quote.limit] % {
        "debt": format_number(quote.debt),
        "minimum": format_money(terms.minimum_purchase),
        "share": format_number(terms.maximum_share.normalize()),
        "spendable": format_number(quote.spendable),
        "multiple": format_number(terms.multiple),
    }
