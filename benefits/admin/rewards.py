"""The catalogue as operators write it: prices, windows, prizes and the picture."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from benefits.forms import (
    LotteryPrizeForm,
    LotteryPrizeFormSet,
    PictureForm,
    RewardForm,
    WindowForm,
)
from benefits.models import LotteryPrize, Reward, RewardPrice, RewardWindow
from benefits.services.reward_pictures import set_reward_picture
from common.admin import LastingModelAdmin, TabularInline, action, display
from common.admin.columns import state
from common.numbers import format_number


class RewardPriceInline(TabularInline):
    """What members of which tier pay."""

    model = RewardPrice
    fields = ("tier", "points")
    ordering = ("tier__rank",)
    verbose_name_plural = _("Prices of tiers: a tier's price is also that of higher tiers")


class RewardWindowInline(TabularInline):
    """When members of which tier may redeem it."""

    model = RewardWindow
    form = WindowForm
    fields = ("tier", "opens_at", "closes_at")
    ordering = ("tier__rank",)
    verbose_name_plural = _(
        "Times to redeem: a tier's time is also that of higher tiers; without any, all may"
    )


class LotteryPrizeInline(TabularInline):
    """What can be drawn, and how likely each is."""

    model = LotteryPrize
    form = LotteryPrizeForm
    formset = LotteryPrizeFormSet
    fields = ("name_en", "name_zh", "kind", "weight", "stock", "drawn", "points", "coupon_template")
    readonly_fields = ("drawn",)
    verbose_name_plural = _("Prizes of a lottery: their chances add up to 10,000, which is 100 %")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Draws name their prize; a prize that nobody has drawn yet may go.
        return obj is None or not obj.taken

    @display(description=_("drawn"))
    def drawn(self, prize: LotteryPrize) -> str:
        return format_number(prize.taken)


@admin.register(Reward)
class RewardAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """Orders copy a reward's price when they are placed; a change is for later ones."""

    form = RewardForm
    list_display = ("shown", "code", "kind", "costs", "pieces_taken", "stock_left", "in_catalogue")
    list_filter = ("is_active", "kind")
    search_fields = ("code", "name_en", "name_zh")
    ordering = ("-pk",)
    autocomplete_fields = ("coupon_template",)
    inlines = (RewardPriceInline, RewardWindowInline, LotteryPrizeInline)
    actions_detail = ("change_picture",)
    fieldsets = (
        (
            None,
            {"fields": (("name_en", "name_zh"), ("code", "is_active"), "picture_state")},
        ),
        (
            _("What it is"),
            {"fields": (("kind", "coupon_template"), ("description_en", "description_zh"))},
        ),
        (
            _("What it costs"),
            {
                "fields": (
                    ("points", "money"),
                    "promotional_points",
                    ("promotion_starts_at", "promotion_ends_at"),
                    ("minimum_spend", "spend_days"),
                )
            },
        ),
        (_("For whom and when"), {"fields": (("starts_at", "ends_at"), "segments")}),
        (_("How many"), {"fields": (("stock", "per_member_limit"), "is_numbered")}),
        (_("Handing over"), {"fields": (("is_sent", "return_days"),)}),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Reward | None = None
    ) -> tuple[str, ...]:
        """What orders rely on stays: what it is, and under which code."""
        return ("code", "kind", "picture_state") if obj else ("picture_state",)

    def has_picture_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_reward")

    @action(
        description=_("Change the picture"),
        url_path="picture",
        permissions=["picture"],
        icon="image",
    )
    def change_picture(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show another picture with a reward."""

        def perform(reward: Reward, data: dict[str, Any]) -> None:
            set_reward_picture(reward=reward, content=data["content"])

        return self.form_page(
            request,
            object_id,
            title=_("Change the picture"),
            explanation=_("Members see it in the catalogue. It replaces the one there is."),
            perform=perform,
            success=_("The picture was changed."),
            form_class=PictureForm,
        )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, reward: Reward) -> str:
        return reward.name

    @display(description=_("price in points"))
    def costs(self, reward: Reward) -> str:
        return format_number(reward.points)

    @display(description=_("taken"))
    def pieces_taken(self, reward: Reward) -> str:
        return format_number(reward.taken)

    @display(description=_("left"))
    def stock_left(self, reward: Reward) -> str:
        return "∞" if reward.left is None else format_number(reward.left)

    @display(description=_("in the catalogue"))
    def in_catalogue(self, reward: Reward) -> SafeString:
        if reward.is_active:
            return state(gettext("in the catalogue"), "good")
        return state(gettext("taken out"), "plain")

    @display(description=_("picture"))
    def picture_state(self, reward: Reward) -> str:
        if not reward.pk:
            return gettext("Save the reward first, then choose its picture.")
        return gettext("There is one.") if hasattr(reward, "picture") else gettext("None yet.")
