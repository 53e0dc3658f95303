"""A member is erased by an operator; who asked for it, and what became of it."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ModelAdmin, action, display
from common.admin.columns import state
from members.errors import ErasureOtherCard
from members.forms.profile import EraseMemberForm
from members.losses import losses_of
from members.models import ErasureRequest, Member, User
from members.services.erasure import cancel_erasure, erase_at_once, request_erasure

from .bases import MemberFactAdmin, link_to


class ErasureActionAdmin(ModelAdmin):
    """The action on a member's page."""

    def has_erase_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.add_erasurerequest")

    @action(
        description=_("Erase the member"),
        url_path="erase",
        permissions=["erase"],
        icon="person_off",
    )
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a member to be erased, or do it at once; with a reason and the card typed."""
        member: Member = self.object_or_404(request, object_id)
        operator = cast(User, request.user)

        def perform(member: Member, data: dict[str, Any]) -> ErasureRequest:
            if data["card_number"] != member.card_number:
                raise ErasureOtherCard()
            ask = erase_at_once if data["at_once"] else request_erasure
            return ask(member=member, operator=operator, reason=data["reason"], key=data["key"])

        return self.form_page(
            request,
            object_id,
            title=_("Erase the member"),
            explanation=erasure_text(member),
            perform=perform,
            success=erasure_message,
            form_class=EraseMemberForm,
        )


def erasure_text(member: Member) -> str:
    """Whom it concerns, and what they lose: told to the operator as the member would read it."""
    losses = " ".join(loss.text for loss in losses_of(member, clock.now()))
    text = gettext(
        "Card %(card)s. The profile, the login and every text about the member are removed, "
        "points are forfeited, coupons end and waiting orders are cancelled. Purchases and the "
        "ledger stay without a name. The member loses: %(losses)s"
    )
    return text % {"card": member.card_number, "losses": losses or "–"}


def erasure_message(request: ErasureRequest) -> str:
    """What became of it."""
    if request.erased_at:
        return gettext("The member is erased.")
    text = gettext("The member will be erased after %(day)s, unless it is taken back.")
    return text % {"day": request.last_day.isoformat()}


@admin.register(ErasureRequest)
class ErasureRequestAdmin(MemberFactAdmin):
    """Who asked to be erased, newest first."""

    list_display = ("asked_at", "who", "asked_by", "last_day", "shown_state", "reason")
    list_select_related = ("member", "operator")
    fields = (
        ("who", "asked_at", "asked_by"),
        ("last_day", "shown_state", "reason"),
        ("cancelled_at", "cancelled_by", "erased_at", "swept_at"),
    )
    actions_detail = ("take_back",)

    def has_take_back_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.change_erasurerequest")

    @action(
        description=_("Take back"), url_path="take-back", permissions=["take_back"], icon="undo"
    )
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a request back for a member who asks for it."""
        operator = cast(User, request.user)
        return self.form_page(
            request,
            object_id,
            title=_("Take back"),
            explanation=_("The member stays, with all that they hold."),
            perform=lambda row, data: cancel_erasure(request=row, operator=operator),
            success=_("The request is taken back."),
        )

    @display(description=_("member"))
    def who(self, row: ErasureRequest) -> SafeString | None:
        return link_to(row.member)

    @display(description=_("asked by"))
    def asked_by(self, row: ErasureRequest) -> str:
        return str(row.operator) if row.operator else gettext("the member")

    @display(description=_("can be taken back through"))
    def last_day(self, row: ErasureRequest) -> str:
        return row.last_day.isoformat()

    @display(description=_("state"))
    def shown_state(self, row: ErasureRequest) -> SafeString:
        if row.erased_at:
            return state(gettext("erased"), "plain")
        if row.cancelled_at:
            return state(gettext("taken back"), "good")
        return state(gettext("waiting"), "busy")
