"""The places of the portal's navigation, in their order."""

from django.utils.translation import gettext_lazy as _

from common.places import Place

PLACES = [
    Place("home", "home", _("Home"), is_in_bar=True),
    Place("points", "points", _("Points")),
    Place("tier", "tier", _("Tier")),
    Place("coupons", "coupon", _("Coupons"), is_in_bar=True),
    Place("card", "qr", _("Card"), is_in_bar=True),
    Place("rewards", "redeem", _("Rewards"), is_in_bar=True),
    Place("events", "event", _("Events")),
    Place("for_you", "star", _("For you")),
    Place("inbox", "bell", _("Inbox"), counts="unread_notices"),
    Place("me", "person", _("Profile and privacy")),
    Place("help", "help", _("Help")),
]
