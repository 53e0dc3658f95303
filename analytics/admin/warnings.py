"""The warning levels: when members are missed."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from analytics.models import WarningLevel
from analytics.services.care import add_suggested_levels
from common.admin import LastingModelAdmin, action, display
from common.numbers import format_number


@admin.register(WarningLevel)
class WarningLevelAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """By severity, the mildest first; a level out of use stays for the tasks that name it."""

    list_display = ("shown", "kind", "threshold", "until_days", "rank", "owner", "is_active")
    list_select_related = ("owner",)
    autocomplete_fields = ("owner",)
    actions_list = ("suggest",)
    fields = (
        ("name_en", "name_zh"),
        ("kind", "threshold", "until_days"),
        ("rank", "is_active"),
        ("action_en", "action_zh"),
        ("due_days", "quiet_days", "owner"),
    )

    def has_suggest_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("analytics.add_warninglevel")

    @action(
        description=_("Add suggested levels"),
        url_path="suggest",
        permissions=["suggest"],
        icon="playlist_add",
    )
    def suggest(self, request: HttpRequest) -> HttpResponse:
        """Three levels to begin with, after a question."""
        back = reverse("admin:analytics_warninglevel_changelist")
        if request.method == "POST":
            messages.success(request, _told(add_suggested_levels()))
            return HttpResponseRedirect(back)
        return self.page(
            request,
            "admin/action_form.html",
            title=_("Add suggested levels"),
            explanation=_(
                "Adds three levels where there are none like them: 30 days without interaction, a "
                "health score that fell by 20, and 60 days without a purchase. The next night "
                "opens tasks by them; you can change each."
            ),
            back=back,
        )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, level: WarningLevel) -> str:
        return level.name


def _told(count: int) -> str:
    text = ngettext("%(count)s level was added.", "%(count)s levels were added.", count)
    return text % {"count": format_number(count)}
