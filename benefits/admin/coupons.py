"""Coupons as operators find them: by code or member, with what became of each."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.forms import VoidForm
from benefits.models import Coupon, CouponUse
from benefits.models.coupons import OPEN
from benefits.rules.codes import is_code, plain_code
from benefits.services.voiding import void_coupon
from benefits.words import conditions_text, headline
from common.admin import ReadOnlyTabularInline, action, display
from common.admin.columns import spoken_last_day, state
from common.money import format_money
from loyalty.admin.bases import MemberFactAdmin, link_to
from loyalty.admin.previews import PreviewedAdmin

from .desk import deed_of

STATUS_LOOKS = {
    Coupon.Status.ISSUED.value: "good",
    Coupon.Status.RESERVED.value: "busy",
    Coupon.Status.USED.value: "note",
    Coupon.Status.EXPIRED.value: "plain",
    Coupon.Status.VOIDED.value: "bad",
}


class UseInline(ReadOnlyTabularInline):
    """When it was used, and what it took off."""

    model = CouponUse
    fields = ("at", "took_off", "of_purchase", "checkout_key", "returned_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouponUse]:
        uses: QuerySet[CouponUse] = super().get_queryset(request)
        return uses.select_related("purchase").order_by("pk")

    @display(description=_("discount"))
    def took_off(self, use: CouponUse) -> str:
        return format_money(use.discount)

    @display(description=_("purchase"))
    def of_purchase(self, use: CouponUse) -> SafeString | None:
        return link_to(use.purchase)


@admin.register(Coupon)
class CouponAdmin(PreviewedAdmin, MemberFactAdmin):
    """Every coupon, newest first; used at the counter and withdrawn on form pages."""

    search_help_text = _("Code, or member: card, phone, e-mail, number or name")
    list_display = ("shown_code", "gives", "holder", "shown_status", "valid_through", "issued_at")
    list_filter = ("status",)
    list_select_related = ("member",)
    actions_detail = ("use", "void")
    inlines = (UseInline,)
    fields = (
        ("shown_code", "gives"),
        ("holder", "of_template", "of_batch"),
        ("shown_status", "issued_at"),
        ("valid_from", "valid_through"),
        "asks_for",
        ("checkout_key", "reserved_until"),
        ("voided_at", "void_reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        coupons: QuerySet[Coupon] = super().get_queryset(request)
        is_list = (request.resolver_match.url_name or "").endswith("changelist")  # type: ignore[union-attr]
        return coupons if is_list else coupons.select_related("template", "batch__template")

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        code = plain_code(text)
        return queryset.filter(code=code) if is_code(code) else super().find(queryset, text)

    def has_void_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_coupon")

    def has_use_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.add_couponuse")

    def buttons_of(self, row: Coupon) -> Collection[str] | None:
        """None on what is closed."""
        return None if row.status in OPEN else ()

    @action(
        description=_("Use the coupon"),
        url_path="use",
        permissions=["use"],
        icon="point_of_sale",
    )
    def use(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what it takes off a purchase and, once confirmed, use it."""
        coupon: Coupon = self.object_or_404(request, object_id)
        return self.previewed_page(request, coupon, deed_of(coupon))

    @action(description=_("Withdraw"), url_path="void", permissions=["void"], icon="block")
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take an open coupon out of use, with a reason that its member reads."""

        def perform(coupon: Coupon, data: dict[str, Any]) -> None:
            void_coupon(coupon=coupon, reason=data["reason"])

        return self.form_page(
            request,
            object_id,
            title=_("Withdraw"),
            explanation=_(
                "The coupon cannot be used any more, also where a checkout holds it now. This "
                "cannot be undone; the stock does not come back."
            ),
            perform=perform,
            success=_("The coupon was withdrawn."),
            form_class=VoidForm,
        )

    @display(description=pgettext_lazy("coupon", "code"))
    def shown_code(self, coupon: Coupon) -> str:
        return coupon.shown_code

    @display(description=pgettext_lazy("coupon", "gives"))
    def gives(self, coupon: Coupon) -> str:
        return f"{coupon.name} · {headline(coupon)}"

    @display(description=_("member"))
    def holder(self, coupon: Coupon) -> SafeString | None:
        return link_to(coupon.member)

    @display(description=_("coupon template"))
    def of_template(self, coupon: Coupon) -> SafeString | None:
        return link_to(coupon.template)

    @display(description=_("coupon batch"))
    def of_batch(self, coupon: Coupon) -> SafeString | None:
        return link_to(coupon.batch)

    @display(description=_("status"))
    def shown_status(self, coupon: Coupon) -> SafeString:
        return state(coupon.get_status_display(), STATUS_LOOKS[coupon.status])

    @display(description=_("valid through"))
    def valid_through(self, coupon: Coupon) -> str:
        return spoken_last_day(coupon.expires_at)

    @display(description=_("asks for"))
    def asks_for(self, coupon: Coupon) -> str | None:
        return " ".join(conditions_text(coupon, coupon.conditions)) or None
