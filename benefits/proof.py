"""What must always be true of benefits, proved from their rows: one query for each statement."""

from django.utils.translation import gettext_lazy as _

from common.proof import Check

CHECKS = [
    Check(
        "I16",
        _(
            "No more coupons and rewards are out than the stock, and counters equal the coupons, "
            "orders and draws there are."
        ),
        "benefits",
        "verify/i16_stock",
    ),
    Check(
        "I17",
        _("A coupon is used at most once, by its owner, and its status says so."),
        "benefits",
        "verify/i17_uses",
    ),
    Check(
        "I18",
        _(
            "No more seats of an event are taken than there are, the counter equals the places "
            "there are, and who has a seat paid for it."
        ),
        "benefits",
        "verify/i18_seats",
    ),
    Check(
        "I25",
        _("A member has one birthday gift for each perk and year, and what was given is theirs."),
        "benefits",
        "verify/i25_birthdays",
    ),
]
