"""Tier gifts and the calendar of holidays."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from benefits.forms import HolidayForm, TierGiftForm
from benefits.models import Holiday, TierGift, TierGiftGrant
from benefits.words import gift_words, headline
from common.admin import LastingModelAdmin, display
from common.admin.columns import badge
from loyalty.admin.bases import MemberFactAdmin, link_to


@admin.register(TierGift)
class TierGiftAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """What members get for rising to a tier."""

    form = TierGiftForm
    list_display = ("shown", "of_tier", "gives", "once", "starts_on", "is_active")
    list_select_related = ("tier", "template")
    list_filter = ("is_active",)
    search_fields = ("name_en", "name_zh")
    ordering = ("tier__rank", "pk")
    autocomplete_fields = ("template",)
    fieldsets = (
        (None, {"fields": (("name_en", "name_zh"), ("tier", "is_active", "starts_on"))}),
        (
            _("What it gives"),
            {
                "fields": (("template", "points"), "once"),
                "description": _("A coupon or points; the other stays empty."),
            },
        ),
    )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, gift: TierGift) -> str:
        return gift.name

    @display(description=_("tier"))
    def of_tier(self, gift: TierGift) -> SafeString:
        return badge(gift.tier.name, gift.tier.colour)

    @display(description=pgettext_lazy("coupon", "gives"))
    def gives(self, gift: TierGift) -> str:
        return gift_words(gift)


@admin.register(TierGiftGrant)
class TierGiftGrantAdmin(MemberFactAdmin):
    """Who got which tier gift, newest first."""

    list_display = ("granted_at", "who", "of_gift", "of_year", "of_coupon", "of_entry")
    list_select_related = ("member", "gift", "coupon", "entry", "change")
    fields = (("who", "of_gift", "of_year"), ("of_coupon", "of_entry"), ("granted_at", "by_move"))

    @display(description=_("member"))
    def who(self, grant: TierGiftGrant) -> SafeString | None:
        return link_to(grant.member)

    @display(description=_("tier gift"))
    def of_gift(self, grant: TierGiftGrant) -> SafeString | None:
        return link_to(grant.gift)

    @display(description=_("year"))
    def of_year(self, grant: TierGiftGrant) -> str:
        return str(grant.year) if grant.year else gettext("once in a lifetime")

    @display(description=_("coupon"))
    def of_coupon(self, grant: TierGiftGrant) -> SafeString | None:
        return link_to(grant.coupon)

    @display(description=_("ledger entry"))
    def of_entry(self, grant: TierGiftGrant) -> SafeString | None:
        return link_to(grant.entry)

    @display(description=_("tier change"))
    def by_move(self, grant: TierGiftGrant) -> SafeString | None:
        return link_to(grant.change)


@admin.register(Holiday)
class HolidayAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """The days on which every active member is greeted."""

    form = HolidayForm
    list_display = ("shown", "calendar", "month", "day", "gives", "is_active")
    list_select_related = ("template",)
    list_filter = ("is_active", "calendar")
    search_fields = ("name_en", "name_zh")
    ordering = ("calendar", "month", "day", "pk")
    autocomplete_fields = ("template",)
    fieldsets = (
        (None, {"fields": (("name_en", "name_zh"), "is_active")}),
        (
            _("When"),
            {
                "fields": (("calendar", "month", "day"),),
                "description": _(
                    "Lunar days lie in the ordinary month, not in a leap month; day 30 of a month "
                    "of 29 days is its last day."
                ),
            },
        ),
        (_("What members read"), {"fields": (("greeting_en", "greeting_zh"), "template")}),
    )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, holiday: Holiday) -> str:
        return holiday.name

    @display(description=pgettext_lazy("coupon", "gives"))
    def gives(self, holiday: Holiday) -> str | None:
        return headline(holiday.template) if holiday.template else None
