"""What points are worth as money: the programme's one row, and quotes in words."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from common.admin import LastingModelAdmin
from common.money import format_money
from common.numbers import format_number
from common.templatetags.programme import signed_points
from loyalty.models import PointsEntry, PointsMoney
from loyalty.money_words import limit_text
from loyalty.rules import PointsQuote

from .previews import Preview


@admin.register(PointsMoney)
class PointsMoneyAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """The one row: its list is its page."""

    fieldsets = (
        (
            None,
            {
                "fields": (
                    "is_offered",
                    ("points_per_money", "multiple"),
                    ("minimum_purchase", "maximum_share"),
                ),
                "description": _(
                    "For purchases from now on; points already used stay as they are."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Asked on every page for the menu of apps; it is worth a query only on its own.
        match = request.resolver_match
        is_here = match is not None and (match.url_name or "").startswith("loyalty_pointsmoney_")
        may_add = is_here and super().has_add_permission(request)
        return may_add and not PointsMoney.objects.exists()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = PointsMoney.objects.first()
        if row and self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:loyalty_pointsmoney_change", args=[row.pk]))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response


def quote_preview(quote: PointsQuote) -> Preview:
    """What would be taken, what it is worth, and why not more."""
    return Preview(
        rows=[
            (gettext("Price of the purchase"), format_money(quote.purchase_amount)),
            (gettext("Points taken"), signed_points(-quote.points)),
            (gettext("They pay"), format_money(quote.amount)),
            (gettext("Left to pay with money"), format_money(quote.left_to_pay)),
        ],
        notes=[limit_text(quote)],
        agreed={"agreed": str(quote.points)},
        is_possible=bool(quote.points),
    )


def taken_message(entry: PointsEntry) -> str:
    """What became of points that were taken for a purchase, and how to undo it."""
    text = gettext(
        "%(points)s points pay %(amount)s. If the purchase comes to nothing, give them back here."
    )
    payment = entry.payment
    return text % {
        "points": format_number(payment.points),
        "amount": format_money(payment.amount),
    }
