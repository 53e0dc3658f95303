"""Points: their kinds, the accounts that hold them and the append-only ledger."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common import clock
from common.models import AppendOnly, Named
from common.periods import PeriodField
from loyalty.errors import ProgrammeMissing
from members.models import Member


class PointTypeQuerySet(models.QuerySet["PointType"]):
    def base(self) -> "PointType":
        """The spendable points of every programme; refused where none is loaded yet."""
        kind = self.filter(code=PointType.BASE).first()
        if kind is None:
            raise ProgrammeMissing()
        return kind


class PointType(Named):
    """A kind of points; a policy changed here applies to points earned from then on."""

    BASE = "base"
    GROWTH = "growth"
    HONOUR = "honour"

    class Clawback(models.TextChoices):
        DEBT = "debt", _("What is missing becomes debt")
        FORGIVE = "forgive", _("What is missing is forgiven")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    is_spendable = models.BooleanField(_("can be spent"), default=False)
    expiry = PeriodField(_("valid for"), default="never")
    holding = PeriodField(_("held for"), default="0D", plain_only=True)
    clawback = models.CharField(
        _("refund of points already spent"),
        max_length=10,
        choices=Clawback.choices,
        default=Clawback.DEBT,
    )

    objects = PointTypeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        verbose_name = _("kind of points")
        verbose_name_plural = _("kinds of points")


class PointsAccountQuerySet(models.QuerySet["PointsAccount"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(member=member).select_related("point_type").order_by("point_type_id")

    def in_range(self, first_member_id: int, last_member_id: int) -> Self:
        return self.filter(member_id__gte=first_member_id, member_id__lte=last_member_id)

    def locked(self) -> Self:
        """The rows as locks, in ascending id: evaluate at once."""
        return self.select_for_update(of=("self",)).order_by("id")


class PointsAccount(models.Model):
    """One member's points of one kind: the cached sums, and the lock for them.

    `balance` is what remains in lots (for kinds that are not spendable: the sum of the
    entries), `debt` what could not be clawed back.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="accounts")
    point_type = models.ForeignKey(PointType, models.PROTECT, related_name="accounts")
    is_spendable = models.BooleanField(_("can be spent"), editable=False)
    balance = models.BigIntegerField(_("balance"), default=0)
    debt = models.BigIntegerField(_("debt"), default=0)
    entry_count = models.BigIntegerField(_("entries"), default=0)
    last_entry_at = models.DateTimeField(_("last entry"), null=True, blank=True)

    objects = PointsAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "point_type"], name="account_once_per_member_and_type"
            ),
            models.CheckConstraint(
                condition=Q(is_spendable=False) | Q(balance__gte=0),
                name="account_balance_not_negative",
            ),
            models.CheckConstraint(condition=Q(debt__gte=0), name="account_debt_not_negative"),
            models.CheckConstraint(
                condition=Q(is_spendable=True) | Q(debt=0), name="account_debt_only_if_spendable"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.point_type}"


class PointsEntryQuerySet(models.QuerySet["PointsEntry"]):
    def for_member(self, member: Member) -> Self:
        """Newest first, with what a history page shows of each."""
        return (
            self.filter(account__member=member)
            .select_related(
                "account__point_type", "purchase__store", "refund", "activity", "lot", "note"
            )
            .order_by("-at", "-id")
        )

    def of_type(self, code: str) -> Self:
        return self.filter(account__point_type__code=code)

    def by_operators(self) -> Self:
        """What people did by hand, newest first, with what a list shows of each."""
        # A range rather than IS NOT NULL: SQLite looks that one up in no index.
        return (
            self.filter(operator__gt=0)
            .select_related("account__member", "account__point_type", "operator", "note")
            .order_by("-id")
        )

    def total(self) -> int:
        return int(self.aggregate(total=Coalesce(Sum("points"), 0))["total"])

    def total_debt_change(self) -> int:
        return int(self.aggregate(total=Coalesce(Sum("debt_change"), 0))["total"])


class PointsEntry(AppendOnly):
    """One line of the ledger: signed points, and what it did to the debt.

    Σ points of an account = balance − debt. Numbered 1…n per account; `at` never goes back
    within an account.
    """

    class Kind(models.TextChoices):
        EARN = "earn", _("Earned")
        REDEEM = "redeem", _("Redeemed")
        EXPIRE = "expire", _("Expired")
        ADJUST = "adjust", _("Adjusted")
        CLAWBACK = "clawback", _("Taken back")
        RESTORE = "restore", _("Given back")

    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="entries")
    number = models.BigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    points = models.BigIntegerField(_("points"))
    debt_change = models.BigIntegerField(_("change of debt"), default=0)
    balance_after = models.BigIntegerField(_("balance after"))
    debt_after = models.BigIntegerField(_("debt after"))
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    key = models.CharField(_("key"), max_length=300)
    purchase = models.ForeignKey(
        "loyalty.Purchase", models.PROTECT, null=True, blank=True, related_name="entries"
    )
    refund = models.ForeignKey(
        "loyalty.Refund", models.PROTECT, null=True, blank=True, related_name="entries"
    )
    activity = models.ForeignKey(
        "loyalty.Activity", models.PROTECT, null=True, blank=True, related_name="entries"
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="restores"
    )
    breakdown = models.JSONField(_("breakdown"), default=dict, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = PointsEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["account", "at"], name="entry_account_at"),
            models.Index(fields=["business_date"], name="entry_business_date"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="entry_number_once"),
            models.UniqueConstraint(fields=["account", "key"], name="entry_key_once"),
            models.UniqueConstraint(
                fields=["account", "purchase"],
                condition=Q(kind="earn"),
                name="entry_purchase_earns_once",
            ),
            models.UniqueConstraint(
                fields=["account", "activity"],
                condition=Q(kind="earn", activity__isnull=False),
                name="entry_activity_earns_once",
            ),
            models.UniqueConstraint(
                fields=["account", "refund"],
                condition=Q(kind="clawback"),
                name="entry_refund_claws_back_once",
            ),
            models.UniqueConstraint(
                # In this order: SQLite tells a broken index by its columns alone.
                fields=["refund", "account"],
                condition=Q(kind="restore", refund__isnull=False),
                name="entry_refund_restores_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["earn", "restore"], points__gt=0, debt_change__lte=0)
                | Q(kind__in=["redeem", "expire"], points__lt=0, debt_change=0)
                | Q(kind="clawback", points__lt=0, debt_change__gte=0)
                | Q(kind="adjust", points__gt=0, debt_change__lte=0)
                | Q(kind="adjust", points__lt=0, debt_change=0),
                name="entry_signs_fit_kind",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=-F("debt_change"), points__gt=0)
                | Q(points__lte=-F("debt_change"), points__lt=0),
                name="entry_debt_change_within_points",
            ),
            models.CheckConstraint(condition=Q(debt_after__gte=0), name="entry_debt_not_negative"),
            models.CheckConstraint(condition=Q(number__gte=1), name="entry_number_from_one"),
            models.CheckConstraint(
                condition=Q(kind="restore", reverses__isnull=False)
                | (~Q(kind="restore") & Q(reverses__isnull=True)),
                name="entry_restore_names_redemption",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.get_kind_display()} {self.points:+d}"

    @property
    def is_credit(self) -> bool:
        return self.points > 0


class EntryNote(models.Model):
    """The free text of an entry, apart from it so that it can be erased."""

    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="note")
    text = models.CharField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("note on an entry")
        verbose_name_plural = _("notes on entries")

    def __str__(self) -> str:
        return self.text


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

    def expiring_between(self, after: datetime, until: datetime) -> Self:
        """Lots with points left whose last valid instant lies in (after, until]."""
        return self.filter(remaining__gt=0, expires_at__gt=after, expires_at__lte=until)

    def sums_by_expiry(self) -> list[tuple[datetime | None, int, int]]:
        """Points and lots by the instant at which they expire: as many rows as days."""
        sums = self.values_list("expires_at").annotate(left=Sum("remaining"), lots=Count("id"))
        return [(expires_at, int(left), lots) for expires_at, left, lots in sums.order_by()]

    def points_left(self) -> int:
        return int(self.aggregate(total=Coalesce(Sum("remaining"), 0))["total"])

    def points_left_by_account(self) -> dict[int, int]:
        """The sum of what remains, by account id."""
        return dict(self.values_list("account_id").annotate(total=Sum("remaining")))


class PointsLot(models.Model):
    """Points earned together that expire together; it remembers the policy it was born with.

    Valid while `available_at <= now < expires_at`; no `expires_at` is never.
    `activated_on` is the night that booked it as spendable.
    """

    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="lots")
    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="lot")
    points = models.BigIntegerField(_("points"))
    remaining = models.BigIntegerField(_("remaining"))
    available_at = models.DateTimeField(_("spendable from"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    expiry = models.CharField(_("policy at birth"), max_length=40)
    activated_on = models.DateField(_("activated on"), null=True, blank=True)

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
