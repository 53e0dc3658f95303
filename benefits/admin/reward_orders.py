"""Orders of rewards as operators fulfil them: what waits, and one step after the other."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.forms import (
    CancelOrderForm,
    CollectForm,
    DeclineReturnForm,
    ReturnedForm,
    ShipForm,
)
from benefits.models import RewardOrder, RewardOrderStep
from benefits.services import reward_orders as services
from common.admin import action, display
from common.admin.columns import state
from common.forms import KeyedForm
from common.money import format_money
from common.numbers import format_number
from loyalty.admin.bases import MemberFactAdmin, link_to
from members.models import User

from .steps import StepInline

Status = RewardOrder.Status
STATUS_LOOKS = {
    Status.PENDING.value: "busy",
    Status.SHIPPED.value: "note",
    Status.READY.value: "note",
    Status.DELIVERED.value: "good",
    Status.COLLECTED.value: "good",
    Status.CANCELLED.value: "plain",
    Status.RETURN_REQUESTED.value: "busy",
    Status.EXCHANGED.value: "good",
    Status.RESTORED.value: "plain",
}
# What can be done in which status; whether a thing is sent decides between the first two.
STEPS = {
    Status.PENDING.value: ("ship", "make_ready", "cancel"),
    Status.SHIPPED.value: ("deliver",),
    Status.READY.value: ("collect", "cancel"),
    Status.RETURN_REQUESTED.value: ("exchange", "restore", "decline"),
}


# Whose turn it is: ours to pack, to answer a return; or the post's and the member's.
QUEUES = {
    "waiting": (Status.PENDING, Status.RETURN_REQUESTED),
    "out": (Status.READY, Status.SHIPPED),
}


class QueueFilter(admin.SimpleListFilter):
    """What waits, whoever came first at the top."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [("waiting", _("to do, oldest first")), ("out", _("sent or ready, oldest first"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RewardOrder]
    ) -> QuerySet[RewardOrder]:
        asked = self.value() or ""
        return queryset.filter(status__in=QUEUES[asked]) if asked in QUEUES else queryset


class RewardOrderStepInline(StepInline):
    """The steps of an order."""

    model = RewardOrderStep


@admin.register(RewardOrder)
class RewardOrderAdmin(MemberFactAdmin):
    """Every order, the newest first; or a queue, where whoever came first is at the top."""

    empty_words = _("What members redeem comes here to be packed, sent or handed over.")
    search_help_text = _("Order number, or member: card, phone, e-mail, number or name")
    list_display = ("number", "shown_reward", "holder", "shown_status", "hand_over", "placed_at")
    list_filter = (QueueFilter, "status")
    list_select_related = ("member", "reward")
    actions_detail = (
        "ship",
        "make_ready",
        "deliver",
        "collect",
        "exchange",
        "restore",
        "decline",
        "cancel",
    )
    inlines = (RewardOrderStepInline,)
    fields = (
        ("number", "shown_reward"),
        ("holder", "shown_status"),
        ("costs", "costs_money"),
        ("placed_at", "changed_at"),
        ("hand_over", "edition"),
        ("deliver_to", "tracking_number"),
        ("of_coupon", "drew"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RewardOrder]:
        orders: QuerySet[RewardOrder] = super().get_queryset(request)
        is_list = (request.resolver_match.url_name or "").endswith("changelist")  # type: ignore[union-attr]
        return orders if is_list else orders.select_related("coupon", "draw__prize")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",) if request.GET.get(QueueFilter.parameter_name) in QUEUES else self.ordering

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        digits = text.strip().upper().removeprefix("R")
        if text.strip().upper().startswith("R") and digits.isdecimal():
            return queryset.filter(pk=int(digits[:18]))
        return super().find(queryset, text)

    def has_fulfil_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_rewardorder")

    def buttons_of(self, row: RewardOrder) -> Collection[str]:
        possible = set(STEPS.get(row.status, ()))
        possible.discard("make_ready" if row.deliver_to else "ship")
        if not row.reward.is_handed_over:
            possible.discard("cancel")
        return possible

    def _step(
        self,
        request: HttpRequest,
        object_id: str,
        service: Any,
        *,
        title: str | Promise,
        explanation: str | Promise,
        form_class: type[KeyedForm] = KeyedForm,
    ) -> HttpResponse:
        """A form page whose fields are the service's arguments."""

        def perform(order: RewardOrder, data: dict[str, Any]) -> None:
            asked = {name: value for name, value in data.items() if name != "key"}
            service(order=order, operator=cast(User, request.user), **asked)

        return self.form_page(
            request,
            object_id,
            title=title,
            explanation=explanation,
            perform=perform,
            success=_("Done. The member was told."),
            form_class=form_class,
        )

    @action(description=_("Send"), url_path="ship", permissions=["fulfil"], icon="local_shipping")
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A parcel goes out."""
        return self._step(
            request,
            object_id,
            services.ship_order,
            title=_("Send"),
            explanation=_("The member is told the tracking number, and cannot cancel any more."),
            form_class=ShipForm,
        )

    @action(
        description=_("Ready to collect"),
        url_path="ready",
        permissions=["fulfil"],
        icon="inventory_2",
    )
    def make_ready(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """It can be collected."""
        return self._step(
            request,
            object_id,
            services.make_order_ready,
            title=_("Ready to collect"),
            explanation=_("The member is told a pick-up code, and cannot cancel any more."),
        )

    @action(description=_("Arrived"), url_path="deliver", permissions=["fulfil"], icon="task_alt")
    def deliver(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The parcel is there."""
        return self._step(
            request,
            object_id,
            services.deliver_order,
            title=_("Arrived"),
            explanation=_("The days to return it begin now."),
        )

    @action(
        description=_("Hand over"), url_path="collect", permissions=["fulfil"], icon="handshake"
    )
    def collect(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whoever shows the code gets it."""
        return self._step(
            request,
            object_id,
            services.collect_order,
            title=_("Hand over"),
            explanation=_("Type the pick-up code that the member shows."),
            form_class=CollectForm,
        )

    @action(description=_("Exchange"), url_path="exchange", permissions=["fulfil"], icon="sync")
    def exchange(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another piece for the returned one."""
        return self._step(
            request,
            object_id,
            services.exchange_order,
            title=_("Exchange"),
            explanation=_("The member gets another piece out of the stock. This is final."),
            form_class=ReturnedForm,
        )

    @action(
        description=_("Give points back"), url_path="restore", permissions=["fulfil"], icon="undo"
    )
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The points for the returned piece."""
        return self._step(
            request,
            object_id,
            services.restore_order,
            title=_("Give points back"),
            explanation=_("All points of the order go back to where they came from."),
            form_class=ReturnedForm,
        )

    @action(
        description=_("Decline the return"),
        url_path="decline",
        permissions=["fulfil"],
        icon="do_not_disturb",
    )
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The member keeps it."""
        return self._step(
            request,
            object_id,
            services.decline_return,
            title=_("Decline the return"),
            explanation=_("The member keeps the reward, and reads your reason."),
            form_class=DeclineReturnForm,
        )

    @action(
        description=_("Cancel the order"), url_path="cancel", permissions=["fulfil"], icon="block"
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Points and piece go back."""
        return self._step(
            request,
            object_id,
            services.cancel_order,
            title=_("Cancel the order"),
            explanation=_(
                "All points of the order go back to the member, and the piece into the stock. This "
                "cannot be undone."
            ),
            form_class=CancelOrderForm,
        )

    @display(description=_("number"))
    def number(self, order: RewardOrder) -> str:
        return order.number

    @display(description=_("reward"))
    def shown_reward(self, order: RewardOrder) -> SafeString | None:
        return link_to(order.reward)

    @display(description=_("member"))
    def holder(self, order: RewardOrder) -> SafeString | None:
        return link_to(order.member)

    @display(description=_("status"))
    def shown_status(self, order: RewardOrder) -> SafeString:
        return state(order.get_status_display(), STATUS_LOOKS[order.status])

    @display(description=_("handing over"))
    def hand_over(self, order: RewardOrder) -> str | Promise:
        if not order.reward.is_handed_over and order.status == Status.DELIVERED:
            return _("at once")
        return _("by post") if order.deliver_to else _("pick-up")

    @display(description=_("points"))
    def costs(self, order: RewardOrder) -> str:
        return format_number(order.points)

    @display(description=_("and in money"))
    def costs_money(self, order: RewardOrder) -> str | None:
        return None if order.money is None else format_money(order.money)

    @display(description=_("coupon"))
    def of_coupon(self, order: RewardOrder) -> SafeString | None:
        return link_to(order.coupon)

    @display(description=_("drawn"))
    def drew(self, order: RewardOrder) -> str | None:
        draw = getattr(order, "draw", None)
        return f"{draw.prize.name} · {draw.ticket} · {draw.seed}" if draw else None
