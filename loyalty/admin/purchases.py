"""What was paid and given back, as the sources told it; refunds that operators record."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyTabularInline, action, display
from common.money import format_money
from common.numbers import format_number
from common.templatetags.programme import signed_points
from loyalty.errors import RefundChangedMeanwhile
from loyalty.forms import RefundForm
from loyalty.models import PointsEntry, Purchase, PurchaseLine, Refund, RefundLine
from loyalty.services.purchases import record_refund
from loyalty.services.refund_preview import (
    LineShare,
    Planned,
    RefundEffects,
    line_shares,
    preview_refund,
)
from members.models import User

from .bases import MemberFactAdmin, link_to, members_meant
from .dry_runs import recorded_page
from .history import shown_kind
from .previews import Deed, Preview, PreviewedAdmin

# What operators record is told by none of the tills.
BY_OPERATOR = "operator"


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
    """The lines, and their shares of the points that the refund moved."""

    model = RefundLine
    fields = (*LineInline.fields, "taken_back", "given_back")
    readonly_fields = fields
    shares: dict[int, LineShare]

    def get_formset(self, request: HttpRequest, obj: Refund | None = None, **kwargs: Any) -> Any:
        # One inline is made for each request: the shares are worked out once for all lines.
        self.shares = line_shares(obj) if obj else {}
        return super().get_formset(request, obj, **kwargs)

    @display(description=_("points taken back"))
    def taken_back(self, line: RefundLine) -> str:
        return signed_points(-self.shares[line.pk].taken)

    @display(description=_("points given back"))
    def given_back(self, line: RefundLine) -> str:
        return signed_points(self.shares[line.pk].restored)


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


class PaymentAdmin(MemberFactAdmin, PreviewedAdmin):
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
        ("price", "taken_off", "by_points", "points_paid"),
        ("at", "business_date", "recorded_at"),
    )
    inlines = (PurchaseLineInline, RefundInline, PurchaseEntryInline)
    actions_detail = ("refund", "dry_run")

    def has_refund_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_refund")

    @action(
        description=_("Record a refund"),
        url_path="refund",
        permissions=["refund"],
        icon="undo",
    )
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a refund would take back and give back and, once confirmed, record it."""
        purchase: Purchase = self.object_or_404(request, object_id)
        operator = cast(User, request.user)

        def number(key: str) -> str:
            return f"{purchase.external_id[:80]}-{key[:12]}"

        def facts(data: dict[str, Any]) -> dict[str, Any]:
            plan: Planned = data["plan"]
            told = {"source": BY_OPERATOR, "external_id": number(data["key"]), "at": data["at"]}
            return {**told, "purchase": purchase, "operator": operator, **plan.facts()}

        def perform(data: dict[str, Any]) -> Refund:
            if data["agreed"] != data["plan"].mark:
                raise RefundChangedMeanwhile()
            return record_refund(**facts(data))

        def known(sent: QueryDict) -> Refund | None:
            refunds = purchase.refunds.filter(source=BY_OPERATOR)
            return refunds.filter(external_id=number(sent.get("key", ""))).first()

        def preview(data: dict[str, Any]) -> Preview:
            return refund_text(preview_refund(**facts(data)), data["plan"])

        nothing_yet = gettext("Nothing is recorded before you confirm.")
        deed = Deed(
            title=_("Record a refund"),
            explanation=f"{left_text(purchase)} {nothing_yet}",
            form=lambda data: RefundForm(purchase, data),
            preview=preview,
            perform=perform,
            success=lambda refund: gettext("The refund is recorded."),
            known=known,
        )
        return self.previewed_page(request, purchase, deed)

    @display(description=_("full price"))
    def price(self, purchase: Purchase) -> str:
        return format_money(purchase.gross)

    @display(description=_("taken off by coupons"))
    def taken_off(self, purchase: Purchase) -> str:
        named = ", ".join(str(coupon) for coupon in purchase.coupons)
        amount = format_money(purchase.discount)
        return f"{amount} ({named})" if named else amount

    @display(description=_("paid by points"))
    def by_points(self, purchase: Purchase) -> str:
        return format_money(purchase.paid_by_points)

    @display(description=_("points used"))
    def points_paid(self, purchase: Purchase) -> SafeString | str:
        if purchase.payment is None:
            return format_number(0)
        entry = purchase.payment.entry
        url = reverse("admin:loyalty_pointsentry_change", args=[entry.pk])
        points = format_number(purchase.points_used)
        return format_html('<a class="fact-link" href="{}">{}</a>', url, points)

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
        ("who", "money", "by_points", "made_by"),
        ("at", "business_date", "recorded_at"),
    )
    inlines = (RefundLineInline, RefundEntryInline)

    @display(description=_("purchase"))
    def of_purchase(self, refund: Refund) -> SafeString | None:
        return link_to(refund.purchase)

    @display(description=_("paid by points"))
    def by_points(self, refund: Refund) -> str:
        return format_money(refund.paid_by_points)

    @display(description=_("operator"))
    def made_by(self, refund: Refund) -> SafeString | None:
        return link_to(refund.operator)


def left_text(purchase: Purchase) -> str:
    """What of a purchase was not given back yet, in a sentence."""
    refunds = purchase.refunds.all()
    if purchase.is_paid_by_points_alone:
        left = purchase.paid_by_points - refunds.total_paid_by_points()
        text = gettext("Points paid for all of it; %(left)s of it was not given back yet.")
    else:
        left = purchase.amount - refunds.total_amount()
        text = gettext("%(left)s of the money paid was not given back yet.")
    return text % {"left": format_money(left)}


def refund_text(effects: RefundEffects, plan: Planned) -> Preview:
    """What a refund would do to money and points, row by row."""
    rows = [(gettext("Money given back"), format_money(effects.amount))]
    if effects.paid_by_points:
        part = gettext("Besides, of the part that points had paid")
        rows.append((part, format_money(effects.paid_by_points)))
    if effects.restored:
        rows.append((gettext("Points given back"), signed_points(effects.restored)))
    if effects.paid_to_debt:
        rows.append(
            (gettext("Of them, to settle what is owed"), format_number(effects.paid_to_debt))
        )
    for taken in effects.taken:
        told = gettext("Taken back: %(kind)s") % {"kind": taken.kind.name}
        rows.append((told, signed_points(-taken.points)))
        if taken.owed:
            rows.append((gettext("Of them, spent already and owed"), format_number(taken.owed)))
        if taken.forgiven:
            rows.append((gettext("Spent already and forgiven"), format_number(taken.forgiven)))
    lines = [
        f"{line.description or line.sku} × {format_number(line.quantity.normalize())}: "
        f"{format_money(line.amount)}"
        for line in plan.lines
    ]
    return Preview(rows=rows, notes=lines, agreed={"agreed": plan.mark})
