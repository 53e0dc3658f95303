"""The ledger as operators see it: entries with their why, tier changes."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ReadOnlyTabularInline, action, display
from common.admin.columns import badge, spoken_date, spoken_last_day, state
from common.models import in_active_language
from common.money import format_money
from common.numbers import format_number
from common.templatetags.programme import signed_points
from loyalty.forms import GiveBackForm
from loyalty.models import (
    EntryNote,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsLot,
    Purchase,
    TierChange,
)
from loyalty.services.points import points_to_give_back, restore_points
from members.models import User

from .bases import MemberFactAdmin, link_to, members_meant

KIND_LOOKS = {
    PointsEntry.Kind.EARN.value: "good",
    PointsEntry.Kind.REDEEM.value: "note",
    PointsEntry.Kind.EXPIRE.value: "plain",
    PointsEntry.Kind.ADJUST.value: "busy",
    PointsEntry.Kind.CLAWBACK.value: "bad",
    PointsEntry.Kind.RESTORE.value: "note",
    PointsEntry.Kind.FORFEIT.value: "plain",
    PointsEntry.Kind.MERGE.value: "note",
}


def shown_kind(entry: PointsEntry) -> SafeString:
    return state(entry.get_kind_display(), KIND_LOOKS[entry.kind])


class ByOperatorFilter(admin.SimpleListFilter):
    """Entries that a person made: an index of their operators, few among millions."""

    title = _("made by")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("operator", gettext("An operator"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        # A range rather than IS NOT NULL: SQLite looks that one up in no index.
        return queryset.filter(operator__gt=0) if self.value() else queryset


class AllocationInline(ReadOnlyTabularInline):
    """What the entry took from lots and put back."""

    model = LotAllocation
    fk_name = "entry"
    fields = ("signed", "opened_on", "valid_through")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[LotAllocation]:
        allocations: QuerySet[LotAllocation] = super().get_queryset(request)
        return allocations.select_related("lot").order_by("pk")

    @display(description=_("points"))
    def signed(self, allocation: LotAllocation) -> str:
        return signed_points(allocation.points)

    @display(description=_("spendable from"))
    def opened_on(self, allocation: LotAllocation) -> str:
        return spoken_date(clock.business_date(allocation.lot.available_at))

    @display(description=_("valid through"))
    def valid_through(self, allocation: LotAllocation) -> str:
        return spoken_last_day(allocation.lot.expires_at)


class AccountFactAdmin(MemberFactAdmin):
    """Facts that hang on an account rather than on the member."""

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        accounts = PointsAccount.objects.filter(member__in=members_meant(text))
        return queryset.filter(account__in=list(accounts.values_list("pk", flat=True)))

    @display(description=_("member"))
    def member(self, fact: PointsEntry | PointsLot) -> SafeString | None:
        return link_to(fact.account.member)

    @display(description=_("kind of points"))
    def point_type(self, fact: PointsEntry | PointsLot) -> str:
        return fact.account.point_type.name


@admin.register(PointsEntry)
class PointsEntryAdmin(AccountFactAdmin):
    """Every line of the ledger, newest first."""

    list_display = ("at", "member", "point_type", "what", "signed", "left", "cause")
    list_filter = (ByOperatorFilter,)
    list_select_related = (
        "account__member",
        "account__point_type",
        "note",
        "purchase",
        "refund",
        "activity",
    )
    fields = (
        ("member", "point_type", "number"),
        ("what", "at", "recorded_at"),
        ("signed", "owed", "left", "debt_after"),
        ("of_purchase", "of_refund", "gives_back"),
        ("made_by", "cause"),
        "why",
        "key",
    )
    inlines = (AllocationInline,)
    actions_detail = ("give_back",)

    def has_give_back_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_pointsentry")

    def buttons_of(self, row: PointsEntry) -> Collection[str] | None:
        """No button where nothing can be given back."""
        return None if points_to_give_back(row) else ()

    @action(
        description=_("Give points back"),
        url_path="give-back",
        permissions=["give_back"],
        icon="undo",
    )
    def give_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Cancel a redemption, whole or in part."""
        operator = cast(User, request.user)

        def perform(entry: PointsEntry, data: dict[str, Any]) -> PointsEntry:
            return restore_points(redemption=entry, operator=operator, **data)

        left = points_to_give_back(self.object_or_404(request, object_id))
        text = gettext(
            "%(left)s points of this redemption can be given back: to the lots they came from, "
            "after what the member owes."
        )
        return self.form_page(
            request,
            object_id,
            title=_("Give points back"),
            explanation=text % {"left": format_number(left)},
            perform=perform,
            success=_("The points were given back."),
            form_class=GiveBackForm,
            initial={"points": left},
        )

    @display(description=_("kind"))
    def what(self, entry: PointsEntry) -> SafeString:
        return shown_kind(entry)

    @display(description=_("points"))
    def signed(self, entry: PointsEntry) -> str:
        return signed_points(entry.points)

    @display(description=_("change of debt"))
    def owed(self, entry: PointsEntry) -> str:
        return signed_points(entry.debt_change)

    @display(description=_("balance after"))
    def left(self, entry: PointsEntry) -> str:
        return format_number(entry.balance_after)

    @display(description=_("cause"))
    def cause(self, entry: PointsEntry) -> str | None:
        """The note, the activity, or the number of what was bought or given back."""
        try:
            return entry.note.text
        except EntryNote.DoesNotExist:
            if entry.activity:
                return entry.activity.get_kind_display()
            source = entry.purchase or entry.refund
            return source.external_id if source else None

    @display(description=_("purchase"))
    def of_purchase(self, entry: PointsEntry) -> SafeString | None:
        """The purchase that it was earned by, or paid for."""
        return link_to(entry.purchase or Purchase.objects.filter(payment__entry=entry).first())

    @display(description=_("refund"))
    def of_refund(self, entry: PointsEntry) -> SafeString | None:
        return link_to(entry.refund)

    @display(description=_("gives back"))
    def gives_back(self, entry: PointsEntry) -> SafeString | None:
        return link_to(entry.reverses)

    @display(description=_("operator"))
    def made_by(self, entry: PointsEntry) -> SafeString | None:
        return link_to(entry.operator)

    @display(description=_("why"))
    def why(self, entry: PointsEntry) -> SafeString | None:
        lines = [*entry.breakdown.get("rules", []), *entry.breakdown.get("multipliers", [])]
        texts = [*(_rule_text(line) for line in lines), *_money_texts(entry.breakdown)]
        return format_html_join("", "<div>{}</div>", ([text] for text in texts)) or None


def _money_texts(told: dict[str, Any]) -> list[str]:
    """Why points paid so much, or why a refund moved so many."""
    amounts = {
        name: format_money(Decimal(told[name]))
        for name in ("worth", "purchase", "paid", "refunded")
        if name in told
    }
    counts = {
        name: format_number(told[name])
        for name in ("points_per_money", "earned", "used", "already")
        if name in told
    }
    texts = {
        "worth": gettext(
            "They pay %(worth)s of %(purchase)s, at %(points_per_money)s points for 1."
        ),
        "earned": gettext(
            "%(refunded)s of %(paid)s are refunded so far: the same share of the %(earned)s "
            "points earned, rounded down, less %(already)s taken back before."
        ),
        "used": gettext(
            "%(refunded)s of %(paid)s are refunded so far: the same share of the %(used)s "
            "points used, rounded down, less %(already)s given back before."
        ),
    }
    return [text % (amounts | counts) for name, text in texts.items() if name in told]


def _own_name(line: dict[str, Any]) -> str:
    """What a multiplier of the member's own was called."""
    return in_active_language(line.get("name_en", ""), line.get("name_zh", ""))


def _rule_text(line: dict[str, Any]) -> str:
    told = {
        "rule": line.get("rule") or line.get("tier") or _own_name(line),
        "version": line.get("version"),
        "points": format_number(line.get("points", 0)),
        "gives": format_number(Decimal(line["gives"])),
    }
    if "factor" in line:
        text = gettext("%(rule)s: times %(factor)s adds %(gives)s")
        return text % (told | {"factor": format_number(Decimal(line["factor"]))})
    if line["per_amount"] is None:
        return gettext("%(rule)s (version %(version)s): gives %(gives)s") % told
    told["amount"] = format_money(Decimal(line["per_amount"]))
    text = gettext(
        "%(rule)s (version %(version)s): %(points)s for every %(amount)s gives %(gives)s"
    )
    return text % told


@admin.register(TierChange)
class TierChangeAdmin(MemberFactAdmin):
    """Every move on the ladder, with the figures that caused it."""

    list_display = ("at", "who", "cause", "came_from", "went_to", "spent", "orders", "growth")
    list_select_related = ("member", "from_tier", "to_tier", "version")
    fields = (
        ("who", "cause"),
        ("came_from", "went_to"),
        ("at", "valid_through", "by_version"),
        ("window_from", "spent", "orders"),
        ("growth", "active_days"),
    )

    @display(description=_("member"))
    def who(self, change: TierChange) -> SafeString | None:
        return link_to(change.member)

    @display(description=_("from"))
    def came_from(self, change: TierChange) -> SafeString | None:
        tier = change.from_tier
        return badge(tier.name, tier.colour) if tier else None

    @display(description=_("to"))
    def went_to(self, change: TierChange) -> SafeString:
        return badge(change.to_tier.name, change.to_tier.colour)

    @display(description=_("version of the ladder"))
    def by_version(self, change: TierChange) -> SafeString | None:
        return link_to(change.version)

    @display(description=_("spend"))
    def spent(self, change: TierChange) -> str:
        return format_money(change.spend)

    @display(description=_("valid through"))
    def valid_through(self, change: TierChange) -> str | None:
        return spoken_last_day(change.valid_until) if change.valid_until else None
