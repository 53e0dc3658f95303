"""Adjustments with maker and checker: what an operator asked for, who decided, what was posted."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly
from members.models import Member

from .points import PointsAccount, PointsEntry


class AdjustmentRequestQuerySet(models.QuerySet["AdjustmentRequest"]):
    def waiting(self) -> Self:
        return self.filter(status=AdjustmentRequest.Status.WAITING)

    def for_member(self, member: Member) -> Self:
        """Newest first, with what a page about the member shows of each."""
        return (
            self.filter(account__member=member)
            .select_related("account__point_type", "maker")
            .order_by("-id")
        )

    def locked(self) -> Self:
        """The rows as locks, taken before those of accounts: evaluate at once."""
        return self.select_for_update(of=("self",)).select_related(
            "account__member", "account__point_type"
        )


class AdjustmentRequest(models.Model):
    """What an operator, the maker, wants to correct; above the limit it waits for checkers.

    The limits in force when it was made are kept, so that a later setting changes no history.
    Every adjustment of the ledger has one, posted at once where it is within the limit.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        POSTED = "posted", _("posted")

    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="adjustments")
    points = models.BigIntegerField(_("points"))
    reason = models.CharField(_("reason"), max_length=500)
    key = models.CharField(_("key"), max_length=300)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    limit_in_force = models.BigIntegerField(_("limit then"))
    two_approvers_above = models.BigIntegerField(_("two approvers above, then"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    created_at = models.DateTimeField(_("asked at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    entry = models.OneToOneField(
        PointsEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustment",
        verbose_name=_("ledger entry"),
    )

    objects = AdjustmentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        permissions = [("approve_adjustmentrequest", "Can approve or reject adjustments")]
        indexes = [
            models.Index(fields=["-id"], condition=Q(status="waiting"), name="adjustment_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="adjustment_key_once"),
            models.CheckConstraint(condition=~Q(points=0), name="adjustment_not_of_nothing"),
            models.CheckConstraint(
                condition=Q(limit_in_force__gte=0, two_approvers_above__gte=F("limit_in_force")),
                name="adjustment_limits_rise",
            ),
            models.CheckConstraint(
                condition=Q(status="posted", entry__isnull=False)
                | (~Q(status="posted") & Q(entry__isnull=True)),
                name="adjustment_posted_names_entry",
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", closed_at__isnull=True)
                | (~Q(status="waiting") & Q(closed_at__isnull=False)),
                name="adjustment_open_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="posted", points__range=(-F("limit_in_force"), F("limit_in_force"))
                )
                | Q(maker__isnull=False, points__gt=F("limit_in_force"))
                | Q(maker__isnull=False, points__lt=-F("limit_in_force")),
                name="adjustment_above_limit_has_maker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d} · {self.account.member}"

    @property
    def approvals_needed(self) -> int:
        """How many operators other than the maker must approve, by the limits in force then."""
        if abs(self.points) <= self.limit_in_force:
            return 0
        return 2 if abs(self.points) > self.two_approvers_above else 1

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING


class AdjustmentApproval(AppendOnly):
    """One checker's word on a request. The maker is copied so that the database can tell apart."""

    class Decision(models.TextChoices):
        APPROVE = "approve", _("approved")
        REJECT = "reject", _("rejected")

    request = models.ForeignKey(AdjustmentRequest, models.PROTECT, related_name="approvals")
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("decision on an adjustment")
        verbose_name_plural = _("decisions on adjustments")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "checker"], name="adjustment_decided_once_by_checker"
            ),
            models.CheckConstraint(
                condition=~Q(checker=F("maker")), name="adjustment_checker_is_not_maker"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} · {self.checker}"


class ApprovalNote(models.Model):
    """The free text of a decision, apart from it so that it can be erased."""

    approval = models.OneToOneField(AdjustmentApproval, models.PROTECT, related_name="note")
    text = models.CharField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("note on a decision")
        verbose_name_plural = _("notes on decisions")

    def __str__(self) -> str:
        return self.text
