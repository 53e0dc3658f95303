"""Birthday perks, who gets what in the next days, and what was given."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from benefits.birthdays import upcoming
from benefits.forms import BirthdayPerkForm
from benefits.models import BirthdayGrant, BirthdayPerk
from benefits.notices import gift_params, gift_text
from benefits.words import perk_text
from common import clock
from common.admin import LastingModelAdmin, action, display
from common.admin.columns import badge
from loyalty.admin.bases import MemberFactAdmin, link_to

PREVIEW_DAYS = 30
PREVIEWED = 200


@admin.register(BirthdayPerk)
class BirthdayPerkAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """What each tier gives for a birthday; a change is for gifts that are not given yet."""

    form = BirthdayPerkForm
    list_display = ("shown", "of_tier", "gives", "span", "days_ahead", "starts_on", "is_active")
    list_select_related = ("tier", "template", "lift_tier")
    list_filter = ("is_active", "kind")
    search_fields = ("name_en", "name_zh")
    ordering = ("tier__rank", "pk")
    autocomplete_fields = ("template",)
    actions_list = ("preview",)
    fieldsets = (
        (None, {"fields": (("name_en", "name_zh"), ("tier", "is_active", "starts_on"))}),
        (
            _("What it gives"),
            {
                "fields": (
                    "kind",
                    ("template", "points"),
                    ("factor", "lift_tier", "lift_steps"),
                ),
                "description": _("One thing; the rest stays empty."),
            },
        ),
        (
            _("When"),
            {
                "fields": (("span", "days_ahead"),),
                "description": _(
                    "More points and a higher tier hold for the day, week or month; a coupon has "
                    "its own validity."
                ),
            },
        ),
    )

    def has_preview_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.view_birthdaygrant")

    @action(
        description=_("The next 30 days"),
        url_path="upcoming",
        permissions=["preview"],
        icon="event_upcoming",
    )
    def preview(self, request: HttpRequest) -> HttpResponse:
        """Who gets what on the coming nights, by today's tiers."""
        found = upcoming(clock.today(), PREVIEW_DAYS, PREVIEWED + 1)
        return self.page(
            request,
            "admin/benefits/upcoming_birthdays.html",
            title=_("Birthday gifts of the next 30 days"),
            due=found[:PREVIEWED],
            has_more=len(found) > PREVIEWED,
            most=PREVIEWED,
        )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, perk: BirthdayPerk) -> str:
        return perk.name

    @display(description=_("tier"))
    def of_tier(self, perk: BirthdayPerk) -> SafeString:
        return badge(perk.tier.name, perk.tier.colour)

    @display(description=pgettext_lazy("coupon", "gives"))
    def gives(self, perk: BirthdayPerk) -> str:
        return perk_text(perk)


@admin.register(BirthdayGrant)
class BirthdayGrantAdmin(MemberFactAdmin):
    """What members got for their birthdays, newest first."""

    list_display = ("granted_at", "who", "of_perk", "year", "celebrated_on", "gave", "ends_on")
    list_select_related = ("member", "perk", "coupon", "entry", "multiplier", "override__tier")
    fields = (
        ("who", "of_perk", "year"),
        ("celebrated_on", "starts_on", "ends_on"),
        ("gave", "of_coupon", "of_entry"),
        ("business_date", "granted_at"),
    )

    @display(description=_("member"))
    def who(self, grant: BirthdayGrant) -> SafeString | None:
        return link_to(grant.member)

    @display(description=_("birthday perk"))
    def of_perk(self, grant: BirthdayGrant) -> SafeString | None:
        return link_to(grant.perk)

    @display(description=pgettext_lazy("coupon", "gives"))
    def gave(self, grant: BirthdayGrant) -> str:
        return gift_text(gift_params(grant))

    @display(description=_("coupon"))
    def of_coupon(self, grant: BirthdayGrant) -> SafeString | None:
        return link_to(grant.coupon)

    @display(description=_("ledger entry"))
    def of_entry(self, grant: BirthdayGrant) -> SafeString | None:
        return link_to(grant.entry)
