"""Members' places on the ladder, those that wait for a notice, and tiers given for a while."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.admin.columns import badge, spoken_last_day, state
from loyalty.forms import RevokeOverrideForm
from loyalty.models import DowngradeEvidence, Ladder, Standing, TierOverride
from loyalty.services.overrides import revoke_override
from loyalty.services.standings import waive_tier_notice
from members.models import User

from .bases import MemberFactAdmin, link_to


class HeldTierFilter(admin.SimpleListFilter):
    """Tiers past their end and grace that stay because their member was not told."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("held", gettext("Held: nobody was told of the way down"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() != "held":
            return queryset
        held = DowngradeEvidence.objects.held_standings(due_before())
        return queryset.filter(pk__in=held.values("pk"))


def due_before() -> Any:
    """Ends of validity up to here were decided on by last night, or are held."""
    grace = timedelta(days=Ladder.objects.solo().grace_days)
    return clock.cutoff(clock.today() - grace)


@admin.register(Standing)
class StandingAdmin(MemberFactAdmin):
    """The tier that each member has earned."""

    list_display = ("who", "shown_tier", "since", "through", "reviewed_at")
    list_select_related = ("member", "tier", "version")
    list_filter = (HeldTierFilter,)
    fields = (
        ("who", "shown_tier"),
        ("since", "through"),
        ("reviewed_at", "window_from", "by_version"),
        ("counts_from", "no_step_before", "has_late_fact"),
    )
    actions_detail = ("waive",)

    def has_waive_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_downgradeevidence")

    @action(
        description=_("Let come down untold"),
        url_path="waive-notice",
        permissions=["waive"],
        icon="trending_down",
    )
    def waive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the next night take a held tier down although its member was not told."""
        operator = cast(User, request.user)

        def perform(standing: Standing, data: dict[str, Any]) -> None:
            waive_tier_notice(standing=standing, operator=operator)

        return self.form_page(
            request,
            object_id,
            title=_("Let come down untold"),
            explanation=_(
                "This tier is past its end and held because its member was never told. The next "
                "night takes it down unless the member has caught up; that you allowed it is "
                "recorded."
            ),
            perform=perform,
            success=_("The next night may take this tier down."),
        )

    @display(description=_("member"))
    def who(self, standing: Standing) -> SafeString | None:
        return link_to(standing.member)

    @display(description=_("tier"))
    def shown_tier(self, standing: Standing) -> SafeString:
        return badge(standing.tier.name, standing.tier.colour)

    @display(description=_("valid through"))
    def through(self, standing: Standing) -> str | None:
        return spoken_last_day(standing.valid_until) if standing.valid_until else None

    @display(description=_("version of the ladder"))
    def by_version(self, standing: Standing) -> SafeString | None:
        return link_to(standing.version)


@admin.register(TierOverride)
class TierOverrideAdmin(MemberFactAdmin):
    """Tiers given for a while, newest first. They are given on a member's page."""

    empty_words = _("A tier for a while is granted on a member's page.")
    list_display = ("who", "lifts_to", "kind", "starts_at", "last_day", "shown_state", "reason")
    list_select_related = ("member", "tier", "operator", "revoked_by")
    fields = (
        ("who", "lifts_to", "kind"),
        ("starts_at", "last_day", "shown_state"),
        "reason",
        ("operator", "granted_at"),
        ("revoked_at", "revoked_by"),
        "revoke_reason",
        "key",
    )
    actions_detail = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.change_tieroverride")

    @action(description=_("Revoke"), url_path="revoke", permissions=["revoke"], icon="block")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End it now, with a reason."""
        operator = cast(User, request.user)

        def perform(override: TierOverride, data: dict[str, Any]) -> TierOverride:
            return revoke_override(override=override, operator=operator, reason=data["reason"])

        return self.form_page(
            request,
            object_id,
            title=_("Revoke"),
            explanation=_(
                "The member falls back to the earned tier at once. Points already earned stay."
            ),
            perform=perform,
            success=_("The override has ended."),
            form_class=RevokeOverrideForm,
        )

    @display(description=_("member"))
    def who(self, override: TierOverride) -> SafeString | None:
        return link_to(override.member)

    @display(description=_("tier"))
    def lifts_to(self, override: TierOverride) -> Any:
        tier = override.tier
        return badge(tier.name, tier.colour) if tier else override.aim

    @display(description=_("last day"))
    def last_day(self, override: TierOverride) -> str:
        return spoken_last_day(override.ends_at)

    @display(description=_("state"))
    def shown_state(self, override: TierOverride) -> SafeString:
        now = clock.now()
        if override.revoked_at:
            return state(gettext("revoked"), "bad")
        if override.is_live(now):
            return state(gettext("in force"), "good")
        if override.starts_at > now:
            return state(gettext("to come"), "busy")
        return state(gettext("over"), "plain")
