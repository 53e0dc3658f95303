"""Redemptions of rewards, and every step on their way to the member and back."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.rules.codes import LENGTH, grouped
from common.money import MoneyField
from loyalty.models import PointsEntry
from members.models import Member

from .coupons import Coupon
from .rewards import Reward
from .steps import Step

GIVEN_BACK = ("cancelled", "restored")


class RewardOrderQuerySet(models.QuerySet["RewardOrder"]):
    def for_member(self, member: Member) -> Self:
        """The member's orders, the newest first."""
        return self.filter(member=member).select_related("reward").order_by("-pk")

    def locked(self) -> Self:
        """The row as a lock: evaluate at once."""
        return self.select_for_update(of=("self",), no_key=True)

    def made_by(self, member: Member, key: str) -> "RewardOrder | None":
        """The order that this key already placed."""
        return self.filter(member=member, key=key).select_related("reward").first()

    def editions(self, reward: Reward) -> set[int]:
        """The numbers of a limited edition that orders hold."""
        held = self.filter(reward=reward, edition__isnull=False, pieces__gt=0)
        return {number for number in held.values_list("edition", flat=True) if number}


class RewardOrder(models.Model):
    """One reward redeemed by one member, at the price of then.

    pending → shipped with a tracking number, or ready with a pick-up code → delivered or
    collected; cancelled, or return requested → exchanged or restored. Coupons and draws are
    delivered at once. `pieces` is what it holds of the stock; `entry` took the points and
    `restored_by` gave them back.
    """

    class Status(models.TextChoices):
        PENDING = "pending", pgettext_lazy("order", "being prepared")
        SHIPPED = "shipped", pgettext_lazy("order", "sent")
        READY = "ready", pgettext_lazy("order", "ready to collect")
        DELIVERED = "delivered", pgettext_lazy("order", "delivered")
        COLLECTED = "collected", pgettext_lazy("order", "collected")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")
        RETURN_REQUESTED = "return_requested", pgettext_lazy("order", "return requested")
        EXCHANGED = "exchanged", pgettext_lazy("order", "exchanged")
        RESTORED = "restored", pgettext_lazy("order", "points given back")

    reward = models.ForeignKey(
        Reward, models.PROTECT, related_name="orders", verbose_name=_("reward")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="reward_orders", verbose_name=_("member")
    )
    key = models.CharField(_("key"), max_length=300)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.PENDING
    )
    points = models.PositiveBigIntegerField(_("points"))
    money = MoneyField(_("and in money"), null=True, blank=True)
    pieces = models.PositiveSmallIntegerField(_("pieces"), default=1)
    edition = models.PositiveIntegerField(_("number of the edition"), null=True, blank=True)
    deliver_to = models.CharField(_("send to"), max_length=500, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    pickup_code = models.CharField(_("pick-up code"), max_length=LENGTH, blank=True)
    entry = models.OneToOneField(
        PointsEntry, models.PROTECT, related_name="reward_order", verbose_name=_("redeemed by")
    )
    restored_by = models.OneToOneField(
        PointsEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restored by"),
    )
    coupon = models.OneToOneField(
        Coupon,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reward_order",
        verbose_name=_("coupon"),
    )
    placed_at = models.DateTimeField(_("placed at"))
    changed_at = models.DateTimeField(_("changed at"))

    objects = RewardOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward order")
        verbose_name_plural = _("reward orders")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="rewardorder_key_once"),
            models.UniqueConstraint(
                fields=["reward", "edition"],
                condition=Q(edition__isnull=False, pieces__gt=0),
                name="rewardorder_edition_once",
            ),
            models.UniqueConstraint(
                fields=["pickup_code"],
                condition=~Q(pickup_code=""),
                name="rewardorder_pickup_code_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=(
                        "pending",
                        "shipped",
                        "ready",
                        "delivered",
                        "collected",
                        "cancelled",
                        "return_requested",
                        "exchanged",
                        "restored",
                    )
                ),
                name="rewardorder_status_known",
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="rewardorder_points_positive"),
            models.CheckConstraint(
                condition=~Q(status="shipped") | ~Q(tracking_number=""),
                name="rewardorder_shipped_with_number",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("ready", "collected")) | ~Q(pickup_code=""),
                name="rewardorder_collected_by_code",
            ),
            models.CheckConstraint(
                condition=Q(status__in=GIVEN_BACK, restored_by__isnull=False)
                | (~Q(status__in=GIVEN_BACK) & Q(restored_by__isnull=True)),
                name="rewardorder_given_back_by_entry",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", pieces=0)
                | Q(status="restored", pieces__lte=1)
                | Q(status="exchanged", pieces__gte=1, pieces__lte=2)
                | (~Q(status__in=("cancelled", "restored", "exchanged")) & Q(pieces=1)),
                name="rewardorder_holds_its_pieces",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="rewardorder_queue"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How members and operators name it."""
        return f"R{self.pk:08d}"

    @property
    def shown_pickup_code(self) -> str:
        return grouped(self.pickup_code)

    @property
    def is_cancellable(self) -> bool:
        """Whether its member may still cancel it: nobody has begun to hand it over."""
        return self.status == self.Status.PENDING and self.reward.is_handed_over


class RewardOrderStep(Step):
    """That an order came into a status: when, by which operator (none: the member) and why."""

    order = models.ForeignKey(RewardOrder, models.PROTECT, related_name="steps")
    status = models.CharField(_("status"), max_length=16, choices=RewardOrder.Status.choices)

    class Meta:
        verbose_name = _("step of an order")
        verbose_name_plural = _("steps of an order")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id} · {self.status}"
