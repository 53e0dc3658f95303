"""What tiers bring, in words; and how the ladder read when members were judged by it."""

import json
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from common.admin import ModelAdmin, ReadOnlyModelAdmin, display
from common.admin.columns import badge, preformatted
from loyalty.models import LadderVersion, TierBenefit


@admin.register(TierBenefit)
class TierBenefitAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    """Benefits tier by tier; a higher tier inherits them unless it switches one off."""

    list_display = ("shown", "of_tier", "kind", "is_inherited")
    list_select_related = ("tier",)
    list_filter = ("kind",)
    ordering = ("tier__rank", "position", "id")
    fields = (
        ("tier", "kind"),
        ("name_en", "name_zh"),
        ("text_en", "text_zh"),
        ("position", "is_inherited"),
    )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, benefit: TierBenefit) -> str:
        return benefit.name

    @display(description=_("tier"))
    def of_tier(self, benefit: TierBenefit) -> SafeString:
        return badge(benefit.tier.name, benefit.tier.colour)


@admin.register(LadderVersion)
class LadderVersionAdmin(ReadOnlyModelAdmin):
    """Every wording of the ladder by which a tier moved, the newest first."""

    list_display = ("number", "made_at", "rungs")
    fields = (("number", "made_at"), "wording")

    @display(description=_("version"))
    def number(self, version: LadderVersion) -> int:
        return version.pk

    @display(description=_("tiers"))
    def rungs(self, version: LadderVersion) -> str:
        return " · ".join(str(tier["name_en"]) for tier in version.tiers)

    @display(description=_("contents"))
    def wording(self, version: LadderVersion) -> Any:
        return preformatted(json.dumps(version.content, ensure_ascii=False, indent=2))
