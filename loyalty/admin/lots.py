"""Lots as operators see them: what is left, until when, and letting them be spent or go."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.admin.columns import spoken_last_day
from common.numbers import format_number
from common.period_words import in_words
from loyalty.forecast import liability, programme_expiring_by_month
from loyalty.forms import ActivateForm
from loyalty.models import (
    LotChange,
    PointsLot,
)
from loyalty.services.activation import activate_lot
from loyalty.services.expiry import waive_notice
from members.models import User

from .bases import link_to
from .history import AccountFactAdmin
from .lot_changes import ChangesInline, activated_message, is_pending, lot_activation_text
from .notices import EvidenceInline, HeldFilter


@admin.register(PointsLot)
class PointsLotAdmin(AccountFactAdmin):
    """Points that were earned together and expire together."""

    list_display = ("member", "point_type", "opened_with", "left", "available_at", "valid_through")
    list_filter = (HeldFilter,)
    list_select_related = ("account__member", "account__point_type")
    actions_list = ("forecast",)
    fields = (
        ("member", "point_type", "opened_by"),
        ("opened_with", "left"),
        ("available_at", "valid_through", "stamped"),
        "activated_on",
    )
    inlines = (ChangesInline, EvidenceInline)
    actions_detail = ("activate", "waive")

    def has_activate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_lotchange")

    def buttons_of(self, row: PointsLot) -> Collection[str]:
        """Early activation only for what is pending."""
        return {*self.actions_detail} - (set() if is_pending(row.pk) else {"activate"})

    @action(
        description=_("Let be spent now"),
        url_path="activate",
        permissions=["activate"],
        icon="bolt",
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let pending points be spent before their time."""
        operator = cast(User, request.user)
        lot: PointsLot = self.object_or_404(request, object_id)

        def perform(lot: PointsLot, data: dict[str, Any]) -> list[LotChange]:
            return [activate_lot(lot=lot, operator=operator, reason=data["reason"])]

        return self.form_page(
            request,
            object_id,
            title=_("Let be spent now"),
            explanation=lot_activation_text(lot),
            perform=perform,
            success=activated_message,
            form_class=ActivateForm,
        )

    def has_waive_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_expiryevidence")

    @action(
        description=_("Let expire untold"),
        url_path="waive-notice",
        permissions=["waive"],
        icon="hourglass_disabled",
    )
    def waive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the next night take held points although their member was not told."""
        operator = cast(User, request.user)

        def perform(lot: PointsLot, data: dict[str, Any]) -> None:
            waive_notice(lot=lot, operator=operator)

        return self.form_page(
            request,
            object_id,
            title=_("Let expire untold"),
            explanation=_(
                "These points are past their end and held because their member was never told. "
                "The next night takes them; that you allowed it is recorded."
            ),
            perform=perform,
            success=_("The next night lets these points expire."),
        )

    def has_forecast_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_pointslot")

    @action(
        description=_("Forecast and liability"),
        url_path="forecast",
        permissions=["forecast"],
        icon="trending_down",
    )
    def forecast(self, request: HttpRequest) -> HttpResponse:
        """What everybody's base points lose month by month, and what they would cost."""
        now = clock.now()
        return self.page(
            request,
            "admin/loyalty/forecast.html",
            title=_("Forecast and liability"),
            owed=liability(now),
            months=programme_expiring_by_month(now),
            at=now,
        )

    @display(description=_("validity"))
    def stamped(self, lot: PointsLot) -> str:
        text = f"{lot.policy} ({in_words(lot.policy)})"
        if not lot.redated_to:
            return text
        return gettext("%(policy)s, at first %(first)s") % {"policy": text, "first": lot.expiry}

    @display(description=_("ledger entry"))
    def opened_by(self, lot: PointsLot) -> SafeString | None:
        return link_to(lot.entry)

    @display(description=_("points"))
    def opened_with(self, lot: PointsLot) -> str:
        return format_number(lot.points)

    @display(description=_("remaining"))
    def left(self, lot: PointsLot) -> str:
        return format_number(lot.remaining)

    @display(description=_("valid through"))
    def valid_through(self, lot: PointsLot) -> str:
        return spoken_last_day(lot.expires_at)
