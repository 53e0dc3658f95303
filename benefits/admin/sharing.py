"""Shares and groups as operators find them: by code or member, and what came of them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from benefits.models import Coupon, CouponGroup, CouponGroupPlace, CouponShare
from benefits.rules.codes import grouped, is_code, plain_code
from benefits.words import headline
from common import clock
from common.admin import ReadOnlyTabularInline, display
from common.admin.columns import progress_bar, state
from common.numbers import format_number
from loyalty.admin.bases import MemberFactAdmin, link_to

BY_CODE = _("Code, or member: card, phone, e-mail, number or name")


class ByCodeAdmin(MemberFactAdmin):
    """Facts with a code that people read aloud."""

    search_help_text = BY_CODE

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        code = plain_code(text)
        return queryset.filter(code=code) if is_code(code) else super().find(queryset, text)


@admin.register(CouponShare)
class CouponShareAdmin(ByCodeAdmin):
    """Whose coupons are shared, and how many friends have taken one, newest first."""

    member_path = "coupon__member"
    list_display = ("shown_code", "holder", "of_coupon", "friends_get", "taken", "created_at")
    list_select_related = ("coupon__member", "coupon__template__friend_template")
    ordering = ("-pk",)
    fields = (
        ("shown_code", "holder"),
        ("of_coupon", "friends_get"),
        ("taken", "created_at"),
        "friends_coupons",
    )

    @display(description=pgettext_lazy("coupon", "code"))
    def shown_code(self, share: CouponShare) -> str:
        return grouped(share.code)

    @display(description=_("holder"))
    def holder(self, share: CouponShare) -> SafeString | None:
        return link_to(share.coupon.member)

    @display(description=_("coupon"))
    def of_coupon(self, share: CouponShare) -> SafeString | None:
        return link_to(share.coupon)

    @display(description=_("friends get"))
    def friends_get(self, share: CouponShare) -> str | None:
        offer = share.coupon.template.friend_template
        return f"{offer.name} · {headline(offer)}" if offer else None

    @display(description=_("friends"))
    def taken(self, share: CouponShare) -> str:
        return _of(share.friends, share.coupon.template.friends_per_coupon)

    @display(description=_("coupons of friends"))
    def friends_coupons(self, share: CouponShare) -> SafeString | None:
        """Each friend's coupon; there are as many as an offer allows, which is few."""
        coupons = Coupon.objects.filter(shared_from=share.coupon).select_related("member")
        rows = [(link_to(coupon.member), link_to(coupon)) for coupon in coupons.order_by("pk")]
        return format_html_join(mark_safe("<br>"), "{} · {}", rows) if rows else None


class GroupState(admin.SimpleListFilter):
    """Groups that are open, full, or over without having filled."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("open", pgettext("group", "open")),
            ("full", gettext("full")),
            ("over", gettext("not filled in time")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CouponGroup]
    ) -> QuerySet[CouponGroup]:
        groups, now = queryset, clock.now()
        match self.value():
            case "open":
                return groups.filter(completed_at__isnull=True, closes_at__gt=now)
            case "full":
                return groups.filter(completed_at__isnull=False)
            case "over":
                return groups.filter(completed_at__isnull=True, closes_at__lte=now)
        return groups


class PlaceInline(ReadOnlyTabularInline):
    """Who joined, in order."""

    model = CouponGroupPlace
    fields = ("who", "at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouponGroupPlace]:
        places: QuerySet[CouponGroupPlace] = super().get_queryset(request)
        return places.select_related("member").order_by("pk")

    @display(description=_("member"))
    def who(self, place: CouponGroupPlace) -> SafeString | None:
        return link_to(place.member)


@admin.register(CouponGroup)
class CouponGroupAdmin(ByCodeAdmin):
    """Groups and how far they are, newest first."""

    member_path = "places__member"
    list_display = ("shown_code", "of_template", "founder", "filled", "shown_state", "closes_at")
    list_select_related = ("template", "opened_by")
    list_filter = (GroupState,)
    ordering = ("-pk",)
    inlines = (PlaceInline,)
    fields = (
        ("shown_code", "of_template"),
        ("founder", "filled", "shown_state"),
        ("opened_at", "closes_at"),
        ("completed_at", "lapsed_at"),
    )

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        return super().find(queryset, text).distinct()

    @display(description=pgettext_lazy("coupon", "code"))
    def shown_code(self, group: CouponGroup) -> str:
        return grouped(group.code)

    @display(description=_("coupon template"))
    def of_template(self, group: CouponGroup) -> SafeString | None:
        return link_to(group.template)

    @display(description=_("opened by"))
    def founder(self, group: CouponGroup) -> SafeString | None:
        return link_to(group.opened_by)

    @display(description=_("joined"))
    def filled(self, group: CouponGroup) -> SafeString:
        return progress_bar(group.joined, group.size)

    @display(description=_("status"))
    def shown_state(self, group: CouponGroup) -> SafeString:
        if group.is_complete:
            return state(gettext("full"), "good")
        if group.is_open_at(clock.now()):
            return state(pgettext("group", "open"), "busy")
        return state(gettext("not filled in time"), "plain")


def _of(some: int, all_of_them: int) -> str:
    return f"{format_number(some)} / {format_number(all_of_them)}"
