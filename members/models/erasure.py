"""That members asked to be forgotten, and what became of it."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from common import clock

from .people import Member


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def locked(self) -> Self:
        """The rows as locks, in the order of their ids: evaluate at once."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def open(self) -> Self:
        """Neither taken back nor carried out yet."""
        return self.filter(cancelled_at__isnull=True, erased_at__isnull=True)

    def of(self, member: Member) -> "ErasureRequest | None":
        """The member's open request."""
        return self.open().filter(member=member).first()

    def due(self, cutoff: datetime) -> Self:
        """Open ones whose time to think again is over."""
        return self.open().filter(due_at__lte=cutoff)

    def to_sweep(self, cutoff: datetime) -> Self:
        """Those carried out before the cutoff that were not looked at again since."""
        return self.filter(erased_at__lt=cutoff, swept_at__isnull=True)

    def in_range(self, first_member_id: int, last_member_id: int) -> Self:
        return self.filter(member__gte=first_member_id, member__lte=last_member_id)

    def due_of_login(self) -> Subquery:
        """When a login's member will be erased, as a column of a query over logins."""
        asked = self.open().filter(member__user=OuterRef("pk"))
        return Subquery(asked.values("due_at")[:1])

    def erased(self) -> Exists:
        """Whether a member was erased, as a condition of a query over rows with a member."""
        return Exists(self.filter(member=OuterRef("member"), erased_at__isnull=False))


class ErasureRequest(models.Model):
    """One request to erase a member: open until it is taken back or carried out.

    By the member, or by an operator with a reason, which goes with the person. `due_at` is the
    instant from which a night carries it out; `swept_at` when a later night looked once more for
    what had been written meanwhile.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="erasure_requests", verbose_name=_("member")
    )
    key = models.CharField(_("key"), max_length=64)
    asked_at = models.DateTimeField(_("asked at"))
    due_at = models.DateTimeField(_("due at"))
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    cancelled_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    swept_at = models.DateTimeField(_("looked at again at"), null=True, blank=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to be erased")
        verbose_name_plural = _("requests to be erased")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="erasure_once_per_key"),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(cancelled_at__isnull=True),
                name="erasure_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(erased_at__isnull=True),
                name="erasure_taken_back_or_done",
            ),
            models.CheckConstraint(
                # An operator says why; the words go with the person.
                condition=Q(operator__isnull=False) | Q(reason=""),
                name="erasure_reason_is_an_operators",
            ),
            models.CheckConstraint(
                condition=Q(swept_at__isnull=True) | Q(erased_at__isnull=False),
                name="erasure_swept_after_it",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(cancelled_at__isnull=True, swept_at__isnull=True),
                name="erasure_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.asked_at:%Y-%m-%d}"

    @property
    def last_day(self) -> date:
        """The last day on which it can be taken back, whatever the hour."""
        return clock.last_valid_day(self.due_at)

    @property
    def is_open(self) -> bool:
        return self.cancelled_at is None and self.erased_at is None
