"""The programme as operators set it up: kinds of points, tiers, the ladder."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from common.admin import ColourInput, LastingModelAdmin, display
from common.admin.columns import badge
from common.numbers import format_number
from loyalty.forms import LadderForm, TierForm
from loyalty.models import Ladder, PointType, Standing, Tier
from loyalty.models.tiers import TAKEN_OUT
from loyalty.rules import STAGES
from loyalty.tier_words import bounds_text


@admin.register(PointType)
class PointTypeAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """Policies apply to points earned from then on; what a kind is does not change."""

    list_display = ("shown", "code", "is_spendable", "expiry", "holding", "clawback")
    fields = (
        ("name_en", "name_zh"),
        ("code", "is_spendable"),
        ("expiry", "holding"),
        "clawback",
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: PointType | None = None
    ) -> tuple[str, ...]:
        # Accounts keep a copy of what their kind is.
        return ("code", "is_spendable") if obj else ()

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, kind: PointType) -> str:
        return kind.name


# What decides who stands where: once members do, it changes by a draft, which shows who would move.
MOVING = ("rank", "join", *(f"{stage}_{name}" for stage in STAGES for name in Tier.MEASURES))


def members_stand() -> bool:
    return Standing.objects.exists()


def by_draft_words() -> SafeString:
    """Why bounds are not typed here, and where they are."""
    return format_html(
        '{} <a class="fact-link" href="{}">{}</a>',
        gettext(
            "Members stand on the ladder: rank and bounds change by a draft, which first shows "
            "who would move and what it costs."
        ),
        reverse("admin:loyalty_ladderdraft_changelist"),
        gettext("Drafts of the ladder"),
    )


def is_page_of(request: HttpRequest, name: str) -> bool:
    """Whether a page of this table is asked for.

    What may be added is asked on every page, for the menu of apps: worth a query only here.
    """
    match = request.resolver_match
    return match is not None and (match.url_name or "").startswith(f"{name}_")


@admin.register(Tier)
class TierAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """The rungs, lowest first. Once members stand on them, a draft changes what moves members."""

    form = TierForm
    list_display = (
        "shown",
        "rank",
        "entry_bounds",
        "retention_bounds",
        "multiplier",
        "shown_discount",
    )
    ordering = ("rank",)

    def get_fieldsets(self, request: HttpRequest, obj: Tier | None = None) -> Any:
        is_by_draft = obj is not None and members_stand()
        lower = _("Lower bounds; one left empty asks for nothing.")
        enter = (
            "join",
            ("entry_spend", "entry_orders"),
            ("entry_growth", "entry_active_days"),
        )
        stay = (
            ("retention_spend", "retention_orders"),
            ("retention_growth", "retention_active_days"),
        )
        return (
            (None, {"fields": (("name_en", "name_zh"), ("code", "rank", "colour"))}),
            (_("Points as money"), {"fields": ("points_per_money",)}),
            (
                _("What it gives"),
                {
                    "fields": (("multiplier", "discount_rate"),),
                    "description": _("In words for members: “Benefits of tiers” in the menu."),
                },
            ),
            (
                _("To enter"),
                {"fields": enter, "description": by_draft_words() if is_by_draft else lower},
            ),
            (
                _("To stay"),
                {"fields": stay, "description": _("One left empty is the bound to enter.")},
            ),
            (_("Inherited benefits"), {"fields": ("switched_off",)}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        """The ladder; a rung that was taken out of it is not one to edit."""
        tiers: QuerySet[Tier] = super().get_queryset(request)
        return tiers.filter(rank__lt=TAKEN_OUT)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "colour":
            kwargs["widget"] = ColourInput
        if db_field.name == "switched_off":
            kwargs["widget"] = CheckboxSelectMultiple
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "switched_off":
            # Benefits have a page of their own; a menu beside the boxes would be in their way.
            field.widget = field.widget.widget
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("code", *MOVING) if members_stand() else ("code",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        may_add: bool = super().has_add_permission(request)
        return may_add and not (is_page_of(request, "loyalty_tier") and members_stand())

    @display(description=_("tier"))
    def shown(self, tier: Tier) -> SafeString:
        return badge(tier.name, tier.colour)

    @display(description=_("discount rate"))
    def shown_discount(self, tier: Tier) -> str | None:
        return format_number(tier.discount_rate.normalize()) if tier.discount_rate < 1 else None

    @display(description=_("to enter"))
    def entry_bounds(self, tier: Tier) -> str | None:
        return bounds_text(tier, "entry")

    @display(description=_("to stay"))
    def retention_bounds(self, tier: Tier) -> str | None:
        return bounds_text(tier, "retention")


@admin.register(Ladder)
class LadderAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """The one ladder: its list is its page."""

    form = LadderForm
    fields = (
        ("window", "validity"),
        ("downgrade", "grace_days"),
        ("step_interval", "refunds"),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("step_interval", "refunds"):
            # Left out, they keep their defaults.
            kwargs["required"] = False
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Ladder | None = None
    ) -> tuple[str, ...]:
        return ("window",) if obj and members_stand() else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        may_add = is_page_of(request, "loyalty_ladder") and super().has_add_permission(request)
        return may_add and not Ladder.objects.exists()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        ladder = Ladder.objects.first()
        if ladder and self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:loyalty_ladder_change", args=[ladder.pk]))
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response
