"""What members who agreed to it did in the portal, newest first."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from analytics.models import BehaviourEvent
from common.admin import display
from loyalty.admin.bases import MemberFactAdmin, link_to


@admin.register(BehaviourEvent)
class BehaviourEventAdmin(MemberFactAdmin):
    """One line per event, as the page told it."""

    list_display = ("at", "who", "name", "page", "target")
    list_filter = ("name",)
    list_select_related = ("member",)
    fields = (("who", "at"), ("name", "page", "target"))

    @display(description=_("member"))
    def who(self, event: BehaviourEvent) -> SafeString | None:
        return link_to(event.member)
