"""Points: their kinds, the accounts that hold them and the append-only ledger."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common import clock
from common.models import AppendOnly, Named
from common.periods import PeriodField
from common.sql import fetch_sql, to_instant
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
    expiry = PeriodField(
        _("valid for"),
        default="never",
        help_text=_(
            "From the day of earning: 12M, 12M/month (to the end of the month), anniversary (of "
            "joining), @12-31 or @12-31>30D (at least 30 days), inactive 12M (from the last "
            "activity) or never. A change applies to points earned from then on."
        ),
    )
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

    @property
    def moves_tiers(self) -> bool:
        """Whether points of this kind are counted by tiers."""
        return self.code == self.GROWTH


# In the order of `lock_account….sql`.
KIND_COLUMNS = (
    "id",
    "name_en",
    "name_zh",
    "code",
    "is_spendable",
    "expiry",
    "holding",
    "clawback",
)
ACCOUNT_COLUMNS = (
    "id",
    "member_id",
    "point_type_id",
    "is_spendable",
    "balance",
    "debt",
    "entry_count",
    "last_entry_at",
    "active_on",
)


class PointsAccountQuerySet(models.QuerySet["PointsAccount"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(member=member).select_related("point_type").order_by("point_type_id")

    def in_range(self, first_member_id: int, last_member_id: int) -> Self:
        return self.filter(member_id__gte=first_member_id, member_id__lte=last_member_id)

    def locked(self) -> Self:
        """The rows as locks, in ascending id: evaluate at once."""
        return self.select_for_update(of=("self",)).order_by("id")

    def lock(self, members: Sequence[int], kinds: Sequence[int]) -> "list[PointsAccount]":
        """The accounts of these members and kinds, by id, as locks; in ascending id."""
        params = {"members": json.dumps(members), "point_types": json.dumps(kinds)}
        return [self._of_row(row) for row in fetch_sql("loyalty", "lock_accounts", params)]

    def lock_by_code(self, member: int, code: str) -> "PointsAccount | None":
        """A member's account of the kind with this code as a lock, its kind with it; None where
        there is none yet.
        """
        params = {"member": member, "code": code}
        for row in fetch_sql("loyalty", "lock_account_by_code", params):
            width = len(ACCOUNT_COLUMNS)
            account = self._of_row(row[:width])
            account.point_type = PointType.from_db(self.db, KIND_COLUMNS, row[width:])
            return account
        return None

    def _of_row(self, row: Sequence[Any]) -> "PointsAccount":
        *values, last_entry_at, active_on = row
        values += [to_instant(last_entry_at), active_on]
        return PointsAccount.from_db(self.db, ACCOUNT_COLUMNS, values)


class PointsAccount(models.Model):
    """One member's points of one kind: the cached sums, and the lock for them.

    `balance` is what remains in lots (for kinds that are not spendable: the sum of the
    entries), `debt` what could not be clawed back. `active_on` is the business date of the last
    activity, kept from the first lot on that ends by inactivity; accounts without have none.
    """

    # No index of its own: account_once_per_member_and_type begins with it.
    member = models.ForeignKey(Member, models.PROTECT, related_name="accounts", db_index=False)
    point_type = models.ForeignKey(PointType, models.PROTECT, related_name="accounts")
    is_spendable = models.BooleanField(_("can be spent"), editable=False)
    balance = models.BigIntegerField(_("balance"), default=0)
    debt = models.BigIntegerField(_("debt"), default=0)
    entry_count = models.BigIntegerField(_("entries"), default=0)
    last_entry_at = models.DateTimeField(_("last entry"), null=True, blank=True)
    active_on = models.DateField(_("last activity"), null=True, blank=True)

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

    def at_a_glance(self) -> Self:
        """With what one line tells of each, and nothing else."""
        related = self.select_related(None).select_related(
            "purchase__store", "refund", "activity", "note"
        )
        return related.only(
            "kind",
            "points",
            "business_date",
            "purchase__external_id",
            "purchase__store__name_en",
            "purchase__store__name_zh",
            "refund__external_id",
            "activity__kind",
            "note__text",
        )

    def activities(self) -> Self:
        """What shows that a member is active: earning by a deed, and spending."""
        by_a_deed = Q(purchase__isnull=False) | Q(activity__isnull=False)
        return self.filter(Q(kind="earn") & by_a_deed | Q(kind="redeem"))

    def of_type(self, code: str) -> Self:
        return self.filter(account__point_type__code=code)

    def of_kinds(self, kinds: Iterable[str]) -> Self:
        return self.filter(kind__in=kinds)

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
        FORFEIT = "forfeit", _("Forfeited")
        MERGE = "merge", _("Memberships merged")

    # No index of its own: entry_number_once begins with it.
    account = models.ForeignKey(
        PointsAccount, models.PROTECT, related_name="entries", db_index=False
    )
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
                | Q(kind="adjust", points__lt=0, debt_change=0)
                # An erasure: what is held goes, what is owed is written off.
                | Q(kind="forfeit", points__gt=0, debt_change__lte=0)
                | Q(kind="forfeit", points__lt=0, debt_change=0)
                # What one member held or owed becomes another's.
                | Q(kind="merge", points__gt=0, debt_change__lte=0)
                | Q(kind="merge", points__lt=0, debt_change__gte=0),
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

    @property
    def is_activity(self) -> bool:
        """The same as `activities()` says of rows."""
        if self.kind == self.Kind.EARN:
            return self.purchase_id is not None or self.activity_id is not None
        return self.kind == self.Kind.REDEEM


class EntryNote(models.Model):
    """The free text of an entry, apart from it so that it can be erased."""

    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="note")
    text = models.CharField(_("text"), max_length=500)

    class Meta:
        verbose_name = _("note on an entry")
        verbose_name_plural = _("notes on entries")

    def __str__(self) -> str:
        return self.text
