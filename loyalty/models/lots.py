"""Lots of points, what was taken from them, and every change of their dates."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly
from common.periods import INACTIVE
from members.models import Member

from .points import PointsAccount, PointsEntry


class PointsLotQuerySet(models.QuerySet["PointsLot"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(account__member=member)

    def soonest_expiring(self) -> Self:
        """The order in which redemptions take: soonest expiry, never last, then oldest."""
        return self.order_by(F("expires_at").asc(nulls_last=True), "id")

    def spendable(self, at: datetime) -> Self:
        """Live lots: available_at <= at < expires_at."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), remaining__gt=0, available_at__lte=at
        )

    def unexpired(self, at: datetime) -> Self:
        """Live and pending lots alike."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), remaining__gt=0)

    def pending(self, at: datetime) -> Self:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), remaining__gt=0, available_at__gt=at
        )

    def ending_by_inactivity(self, at: datetime) -> Self:
        """Lots whose end has not come and moves with each activity."""
        by_policy = Q(redated_to__startswith=INACTIVE) | Q(
            redated_to="", expiry__startswith=INACTIVE
        )
        return self.filter(by_policy, expires_at__gt=at)

    def expiring_between(self, after: datetime, until: datetime) -> Self:
        """Lots with points left whose last valid instant lies in (after, until]."""
        return self.filter(remaining__gt=0, expires_at__gt=after, expires_at__lte=until)

    def sums_by_expiry(self) -> list[tuple[datetime | None, int, int]]:
        """Points and lots by the instant at which they expire: as many rows as days."""
        sums = self.values_list("expires_at").annotate(left=Sum("remaining"), lots=Count("id"))
        return [(expires_at, int(left), lots) for expires_at, left, lots in sums.order_by()]

    def points_left(self) -> int:
        return int(self.aggregate(total=Coalesce(Sum("remaining"), 0))["total"])


class PointsLot(models.Model):
    """Points earned together that expire together; it remembers the policy it was born with.

    Valid while `available_at <= now < expires_at`; no `expires_at` is never. Either date changes
    only together with a `LotChange`. `activated_on` is the night that booked it as spendable, or
    the day on which an operator did; `redated_to` is the policy that a re-date run gave it.
    """

    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="lots")
    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="lot")
    points = models.BigIntegerField(_("points"))
    remaining = models.BigIntegerField(_("remaining"))
    available_at = models.DateTimeField(_("spendable from"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    expiry = models.CharField(_("policy at birth"), max_length=40)
    activated_on = models.DateField(_("activated on"), null=True, blank=True)
    redated_to = models.CharField(
        _("re-dated to"), max_length=24, blank=True, default="", db_default=""
    )

    objects = PointsLotQuerySet.as_manager()

    class Meta:
        verbose_name = _("points lot")
        verbose_name_plural = _("points lots")
        indexes = [
            models.Index(
                fields=["account", "expires_at"],
                condition=Q(remaining__gt=0),
                name="lot_account_open",
            ),
            models.Index(fields=["expires_at"], condition=Q(remaining__gt=0), name="lot_expiring"),
            models.Index(
                fields=["available_at"], condition=Q(activated_on__isnull=True), name="lot_pending"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="lot_points_positive"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("points")),
                name="lot_remaining_within_points",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.points}"

    @property
    def policy(self) -> str:
        """The policy that its end follows now."""
        return self.redated_to or self.expiry

    def last_valid_day(self) -> date | None:
        return clock.last_valid_day(self.expires_at) if self.expires_at else None


class LotAllocationQuerySet(models.QuerySet["LotAllocation"]):
    def of_entry(self, entry: PointsEntry) -> Self:
        return self.filter(entry=entry).select_related("lot").order_by("id")

    def still_open(self, redemption: PointsEntry) -> list[tuple["LotAllocation", int]]:
        """What a redemption took from each lot, with the points not given back yet."""
        restored = dict(
            self.filter(reverses__entry=redemption)
            .values_list("reverses_id")
            .annotate(points=Sum("points"))
        )
        return [
            (taken, -taken.points - restored.get(taken.pk, 0))
            for taken in self.of_entry(redemption)
        ]


class LotAllocation(AppendOnly):
    """What an entry took from a lot (−) or put back into it (+).

    A positive one reverses the allocation of a redemption and names it. Where what is put back
    pays debt, or moves on to a lot with a longer life, a negative one of the same entry takes it
    out again, so that every restored point can be traced to the lot it came from.
    """

    entry = models.ForeignKey(PointsEntry, models.PROTECT, related_name="allocations")
    lot = models.ForeignKey(PointsLot, models.PROTECT, related_name="allocations")
    points = models.BigIntegerField(_("points"))
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    objects = LotAllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="allocation_not_zero"),
            models.CheckConstraint(
                condition=Q(points__lt=0, reverses__isnull=True)
                | Q(points__gt=0, reverses__isnull=False),
                name="allocation_puts_back_what_was_taken",
            ),
            models.UniqueConstraint(
                fields=["entry", "lot"], condition=Q(points__lt=0), name="allocation_takes_once"
            ),
            models.UniqueConstraint(
                fields=["entry", "reverses"],
                condition=Q(reverses__isnull=False),
                name="allocation_reverses_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points:+d}"


class LotChangeQuerySet(models.QuerySet["LotChange"]):
    def after_instant(self, member: Member, at: datetime) -> Self:
        """What was changed of a member's lots after an instant, the latest first."""
        return self.filter(lot__account__member=member, at__gt=at).order_by("-id")

    def of_lot(self, lot: PointsLot) -> Self:
        return self.filter(lot=lot).select_related("operator", "note", "run").order_by("id")


class LotChange(AppendOnly):
    """One date of a lot that became another, and why.

    `at` is the ledger's instant, `after_entry` the number of the account's last entry by then: the
    date in force at an entry is `before` of the first change that followed it, else the lot's own.
    `points` is what remained in the lot.
    """

    class Field(models.TextChoices):
        AVAILABLE_AT = "available_at", _("spendable from")
        EXPIRES_AT = "expires_at", _("expires at")

    class Cause(models.TextChoices):
        ACTIVATED = "activated", _("activated early")
        ACTIVITY = "activity", _("the member was active")
        REDATED = "redated", _("re-dated")

    # No index of its own: change_of_lot begins with it.
    lot = models.ForeignKey(PointsLot, models.PROTECT, related_name="changes", db_index=False)
    field = models.CharField(_("date"), max_length=12, choices=Field.choices)
    before = models.DateTimeField(_("before"), null=True, blank=True)
    after = models.DateTimeField(_("after"), null=True, blank=True)
    points = models.BigIntegerField(_("points then"))
    at = models.DateTimeField(_("at"))
    after_entry = models.BigIntegerField(_("after entry"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    run = models.ForeignKey(
        "loyalty.RedateRun", models.PROTECT, null=True, blank=True, related_name="changes"
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = LotChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a lot")
        verbose_name_plural = _("changes of lots")
        indexes = [
            models.Index(fields=["lot", "field", "after_entry"], name="change_of_lot"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lot"], condition=Q(cause="activated"), name="change_activates_once"
            ),
            models.UniqueConstraint(
                fields=["run", "lot"],
                condition=Q(run__isnull=False),
                name="change_redates_once_per_run",
            ),
            models.CheckConstraint(
                condition=Q(cause="activated", field="available_at", operator__isnull=False)
                | Q(cause="activity", field="expires_at", operator__isnull=True)
                | Q(cause="redated", field="expires_at", operator__isnull=False),
                name="change_fits_cause",
            ),
            models.CheckConstraint(
                condition=Q(cause="redated", run__isnull=False)
                | (~Q(cause="redated") & Q(run__isnull=True)),
                name="change_redated_by_run",
            ),
            models.CheckConstraint(
                condition=Q(cause="activated", after__lt=F("before"))
                | Q(cause="activity", after__gt=F("before"))
                | Q(cause="redated"),
                name="change_direction_fits_cause",
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="change_points_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()}: {self.get_cause_display()}"

    def last_day_before(self) -> date | None:
        return clock.last_valid_day(self.before) if self.before else None

    def last_day_after(self) -> date | None:
        return clock.last_valid_day(self.after) if self.after else None


class LotChangeNote(models.Model):
    """Why an operator changed a lot: apart from the change, so that it can be erased."""

    change = models.OneToOneField(LotChange, models.PROTECT, related_name="note")
    text = models.CharField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("note on a change of a lot")
        verbose_name_plural = _("notes on changes of lots")

    def __str__(self) -> str:
        return self.text
