"""What was paid and given back, as the sources told it."""

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyTabularInline, action, display
from common.money import format_money
from common.templatetags.programme import signed_points
from loyalty.models import PointsEntry, Purchase, PurchaseLine, Refund, RefundLine

from .bases import MemberFactAdmin, link_to, members_meant
from .dry_runs import recorded_page
from .history import shown_kind


class LineInline(ReadOnlyTabularInline):
    """The lines in their order."""

    fields: tuple[str, ...] = ("number", "sku", "description", "pieces", "price", "paid")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        lines: QuerySet[Model] = super().get_queryset(request)
        return lines.order_by("number")

    @display(description=_("quantity"))
    def pieces(self, line: PurchaseLine | RefundLine) -> str:
        return f"{line.quantity.normalize():f}"

    @display(description=_("unit price"))
    def price(self, line: PurchaseLine | RefundLine) -> str:
        return f"{line.unit_price.normalize():f}"

    @display(description=_("amount"))
    def paid(self, line: PurchaseLine | RefundLine) -> str:
        return format_money(line.amount)


class PurchaseLineInline(LineInline):
    model = PurchaseLine


class RefundLineInline(LineInline):
    model = RefundLine


class EntryInline(ReadOnlyTabularInline):
    """What the ledger made of it."""

    model = PointsEntry
    verbose_name_plural = _("ledger entries")
    fields = ("entry", "point_type", "what", "signed", "at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PointsEntry]:
        entries: QuerySet[PointsEntry] = super().get_queryset(request)
        return entries.select_related("account__point_type").order_by("pk")

    @display(description=_("ledger entry"))
    def entry(self, entry: PointsEntry) -> SafeString | None:
        return link_to(entry)

    @display(description=_("kind of points"))
    def point_type(self, entry: PointsEntry) -> str:
        return entry.account.point_type.name

    @display(description=_("kind"))
    def what(self, entry: PointsEntry) -> SafeString:
        return shown_kind(entry)

    @display(description=_("points"))
    def signed(self, entry: PointsEntry) -> str:
        return signed_points(entry.points)


class PurchaseEntryInline(EntryInline):
    fk_name = "purchase"


class RefundEntryInline(EntryInline):
    fk_name = "refund"


class RefundInline(ReadOnlyTabularInline):
    """What was given back of the purchase."""

    model = Refund
    ordering = ("pk",)
    fields = ("refund", "at", "given_back")
    readonly_fields = fields

    @display(description=_("refund"))
    def refund(self, refund: Refund) -> SafeString | None:
        return link_to(refund)

    @display(description=_("amount given back"))
    def given_back(self, refund: Refund) -> str:
        return format_money(refund.amount)


class PaymentAdmin(MemberFactAdmin):
    """Purchases and refunds are found by their number at the source, too."""

    search_help_text = _("Number, or member: card, phone, e-mail or name")

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        return queryset.filter(Q(external_id=text.strip()) | Q(member__in=members_meant(text)))

    @display(description=_("member"))
    def who(self, payment: Purchase | Refund) -> SafeString | str:
        return link_to(payment.member) or gettext("Guest")

    @display(description=_("amount"))
    def money(self, payment: Purchase | Refund) -> str:
        return format_money(payment.amount)


@admin.register(Purchase)
class PurchaseAdmin(PaymentAdmin):
    list_display = ("external_id", "source", "at", "who", "shop", "money")
    list_select_related = ("member", "store")
    fields = (
        ("external_id", "source", "shop"),
        ("who", "money"),
        ("at", "business_date", "recorded_at"),
    )
    inlines = (PurchaseLineInline, RefundInline, PurchaseEntryInline)
    actions_detail = ("dry_run",)

    def has_look_at_rules_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_earningrule")

    @action(
        description=_("Dry run"),
        url_path="dry-run",
        permissions=["look_at_rules"],
        icon="experiment",
    )
    def dry_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What it would earn by the rules in force, and why; nothing is written."""
        return recorded_page(self, request, self.object_or_404(request, object_id))

    @display(description=_("store"))
    def shop(self, purchase: Purchase) -> str | None:
        return purchase.store.name if purchase.store else None


@admin.register(Refund)
class RefundAdmin(PaymentAdmin):
    list_display = ("external_id", "source", "at", "who", "of_purchase", "money")
    list_select_related = ("member", "purchase")
    fields = (
        ("external_id", "source", "of_purchase"),
        ("who", "money"),
        ("at", "business_date", "recorded_at"),
    )
    inlines = (RefundLineInline, RefundEntryInline)

    @display(description=_("purchase"))
    def of_purchase(self, refund: Refund) -> SafeString | None:
        return link_to(refund.purchase)
