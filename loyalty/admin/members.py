"""Members as operators see them: who they are and what they hold; points adjusted by hand."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.admin.columns import badge, state
from common.numbers import format_number
from loyalty.as_of import MemberAsOf, points_as_of
from loyalty.forecast import ExpiringMonth, by_month
from loyalty.forms import (
    ActivateForm,
    AdjustPointsForm,
    AsOfForm,
    GrantOverrideForm,
    UsePointsForm,
)
from loyalty.models import (
    AdjustmentRequest,
    LotChange,
    PointsAccount,
    PointsEntry,
    PointType,
    Standing,
    Tier,
    TierOverride,
)
from loyalty.overview import member_overview
from loyalty.services.activation import activate_pending
from loyalty.services.adjustments import request_adjustment
from loyalty.services.overrides import effective, grant_override
from loyalty.services.points_money import quote_points, redeem_for_purchase
from members.models import Member, User

from .birthdays import BirthdayActionAdmin
from .erasure import ErasureActionAdmin
from .lot_changes import activated_message, member_activation_text
from .merges import MergeActionAdmin, merged_state
from .points_money import quote_preview, taken_message
from .previews import Deed, Preview

STATUS_LOOKS = {
    Member.Status.ACTIVE.value: "good",
    Member.Status.PAUSED.value: "busy",
    Member.Status.CLOSED.value: "plain",
}


class TierFilter(admin.RelatedFieldListFilter):
    """Members of one tier, under a title that is translated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext("tier")


@admin.register(Member)
class MemberAdmin(BirthdayActionAdmin, ErasureActionAdmin, MergeActionAdmin):
    """Everyone in the programme, found by their numbers or name."""

    list_display = (
        "display_name",
        "card_number",
        "tier",
        "balance",
        "debt",
        "phone",
        "joined_on",
        "shown_status",
    )
    list_select_related = ("standing__tier",)
    list_filter = (("standing__tier", TierFilter),)
    search_fields = ("card_number", "phone", "email", "external_number")
    search_help_text = _("Card, phone, e-mail, customer number or name")
    # Early activation is a link beside what is pending rather than a button for everyone.
    actions_detail = (
        "use_points",
        "adjust",
        "lift",
        "as_of",
        "correct_birthday",
        "merge",
        "erase",
        "activate",
    )
    change_form_before_template = "admin/members/member/overview.html"
    fieldsets = (
        (
            _("Membership"),
            {
                "fields": (
                    ("card_number", "external_number", "shown_status"),
                    ("joined_on", "source", "home_store"),
                )
            },
        ),
        (
            _("Person"),
            {
                "fields": (
                    ("family_name", "given_name", "language"),
                    ("phone", "email", "user"),
                    ("birthday", "birth_calendar", "birthday_set_on"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        base = PointsAccount.objects.filter(point_type__code=PointType.BASE)
        live = TierOverride.objects.live(clock.now()).select_related("tier")
        return members.prefetch_related(
            Prefetch("accounts", base, to_attr="base_accounts"),
            Prefetch("tier_overrides", live, to_attr="live_overrides"),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        return queryset & Member.objects.search(search_term), False

    def has_adjust_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_pointsentry")

    def has_activate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_lotchange")

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        actions: list[Any] = super().get_actions_detail(request, object_id)
        return [found for found in actions if found.path != "activate"]

    def has_lift_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_tieroverride")

    def has_look_back_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_pointsentry")

    def context_of(self, request: HttpRequest, row: Member) -> dict[str, Any]:
        """What the member holds, above who they are."""
        return {
            "overview": member_overview(row, clock.now()),
            "may_activate": self.has_activate_permission(request),
        }

    @action(
        description=_("Adjust points"),
        url_path="adjust-points",
        permissions=["adjust"],
        icon="exposure",
    )
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give or take points by hand, with a reason; sent twice, it counts once.

        Above the limit it only asks: another operator must approve.
        """
        member = self.get_object(request, object_id)
        operator = cast(User, request.user)

        def perform(member: Member, data: dict[str, Any]) -> AdjustmentRequest:
            return request_adjustment(member=member, maker=operator, **data)

        return self.form_page(
            request,
            object_id,
            title=_("Adjust points"),
            explanation=f"{holdings(member)} {limit_text()}" if member else "",
            perform=perform,
            success=adjusted_message,
            form_class=AdjustPointsForm,
        )

    @action(
        description=_("Let be spent now"),
        url_path="activate",
        permissions=["activate"],
        icon="bolt",
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let everything that is pending be spent before its time."""
        operator = cast(User, request.user)
        member: Member = self.object_or_404(request, object_id)

        def perform(member: Member, data: dict[str, Any]) -> list[LotChange]:
            return activate_pending(member=member, operator=operator, reason=data["reason"])

        return self.form_page(
            request,
            object_id,
            title=_("Let be spent now"),
            explanation=member_activation_text(member),
            perform=perform,
            success=activated_message,
            form_class=ActivateForm,
        )

    @action(
        description=_("Use points for a purchase"),
        url_path="use-points",
        permissions=["adjust"],
        icon="shopping_cart_checkout",
    )
    def use_points(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Quote points for a purchase and, once confirmed, take what was quoted."""
        member: Member = self.object_or_404(request, object_id)

        def preview(data: dict[str, Any]) -> Preview:
            found = quote_points(member=member, amount=data["amount"], points=data["points"])
            return quote_preview(found)

        def perform(data: dict[str, Any]) -> PointsEntry:
            return redeem_for_purchase(
                member=member,
                amount=data["amount"],
                points=data["agreed"],
                key=data["key"],
                reason=data["reason"],
                operator=cast(User, request.user),
            ).entry

        nothing_yet = gettext("Nothing is taken before you confirm.")
        deed = Deed(
            title=_("Use points for a purchase"),
            explanation=f"{holdings(member)} {nothing_yet}",
            form=UsePointsForm,
            preview=preview,
            perform=perform,
            success=taken_message,
        )
        return self.previewed_page(request, member, deed)

    @action(
        description=_("Give a tier for a while"),
        url_path="tier-for-a-while",
        permissions=["lift"],
        icon="upgrade",
    )
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lift the member's tier between two days, with a reason; sent twice, it counts once."""
        operator = cast(User, request.user)

        def perform(member: Member, data: dict[str, Any]) -> TierOverride:
            return grant_override(member=member, operator=operator, **data)

        return self.form_page(
            request,
            object_id,
            title=_("Give a tier for a while"),
            explanation=_(
                "What the member earns and is shown follows the better of this tier and the one "
                "they earned. The earned tier and its validity stay as they are."
            ),
            perform=perform,
            success=_("The tier is given."),
            form_class=GrantOverrideForm,
            initial={"starts_on": clock.today()},
        )

    @action(
        description=_("Points on a day"),
        url_path="points-as-of",
        permissions=["look_back"],
        icon="history",
    )
    def as_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the member held at the end of a day or at an instant, and what expires when."""
        member: Member = self.object_or_404(request, object_id)
        form = AsOfForm(request.GET if "on" in request.GET else {"on": clock.today()})
        context: dict[str, Any] = {}
        if form.is_valid():
            held = points_as_of(member, form.cleaned_data["at"])
            context = {"held": held, "months": months_of(held)}
        return self.page(
            request,
            "admin/members/member/as_of.html",
            title=_("Points on a day"),
            form=form,
            original=member,
            **context,
        )

    @display(description=pgettext_lazy("of a person", "name"))
    def display_name(self, member: Member) -> str:
        return member.display_name

    @display(description=_("tier"))
    def tier(self, member: Member) -> SafeString | None:
        held = effective_of(member)
        return badge(held.name, held.colour) if held else None

    @display(description=_("points"))
    def balance(self, member: Member) -> str:
        return format_number(sum(account.balance for account in base_accounts(member)))

    @display(description=_("debt"))
    def debt(self, member: Member) -> str | None:
        owed = sum(account.debt for account in base_accounts(member))
        return format_number(owed) if owed else None

    @display(description=_("status"))
    def shown_status(self, member: Member) -> SafeString:
        if member.merged_into_id:
            return merged_state(member.merged_into_id)
        return state(member.get_status_display(), STATUS_LOOKS[member.status])

    @display(description=_("birthday"))
    def birthday(self, member: Member) -> str | None:
        parts = (member.birth_year, member.birth_month, member.birth_day)
        return "-".join(f"{part:02}" for part in parts if part) or None


def base_accounts(member: Member) -> list[PointsAccount]:
    """The member's account of base points, as the list's page has fetched it: one or none."""
    accounts: list[PointsAccount] = member.base_accounts  # type: ignore[attr-defined]
    return accounts


def effective_of(member: Member) -> Tier | None:
    """The tier that holds now, by what the list's page has fetched of the member."""
    live: list[TierOverride] = member.live_overrides  # type: ignore[attr-defined]
    try:
        return effective(member.standing.tier, live)
    except Standing.DoesNotExist:
        return effective(None, live)


def months_of(held: MemberAsOf) -> list[ExpiringMonth]:
    """What the base points held then would lose month by month."""
    return by_month(
        (lot.expires_at, lot.remaining, 1)
        for account in held.accounts
        if account.account.point_type.code == PointType.BASE
        for lot in account.lots
        if not lot.has_ended(held.at)
    )


def holdings(member: Member) -> str:
    """What the member holds now, in a sentence for the form that changes it."""
    accounts = PointsAccount.objects.for_member(member)
    texts = [_holding(account) for account in accounts]
    if not texts:
        return gettext("Holds no points yet.")
    return gettext("Holds now: %(holdings)s.") % {"holdings": " · ".join(texts)}


def limit_text() -> str:
    """How far one operator's word goes."""
    text = gettext("More than %(limit)s points wait until another operator approves.")
    return text % {"limit": format_number(settings.ADJUSTMENT_LIMIT)}


def adjusted_message(request: AdjustmentRequest) -> str:
    """What became of an adjustment that was asked for."""
    if request.is_waiting:
        return gettext("No points have moved yet: the adjustment waits for approval.")
    return gettext("The points were adjusted.")


def _holding(account: PointsAccount) -> str:
    text = f"{account.point_type.name} {format_number(account.balance)}"
    if not account.debt:
        return text
    owed = gettext("%(points)s owed") % {"points": format_number(account.debt)}
    return f"{text} ({owed})"
