"""Each member's place on the ladder, the fact that it moved, and what lifts it for a while."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly
from common.money import MoneyField
from members.models import Member, Notice

from .tiers import LadderVersion, Tier


class StandingQuerySet(models.QuerySet["Standing"]):
    def for_member(self, member: Member) -> "Standing | None":
        return self.filter(member=member).select_related("tier").first()

    def locked_for(self, member: Member) -> "Standing | None":
        """The member's standing as a lock, until the transaction ends.

        Without its tier: PostgreSQL, having waited for a lock, drops a row whose join has moved.
        """
        return self.select_for_update().filter(member=member).first()


class Standing(models.Model):
    """A member's place: the tier, since when, and the end of its validity (half-open).

    `counts_from` is where figures begin under the window “since the current tier began”; None is
    `since`. `window_from` and `version` say by what the last review looked at it. It may not come
    down before `no_step_before`.
    """

    member = models.OneToOneField(Member, models.PROTECT, related_name="standing")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="standings")
    since = models.DateTimeField(_("since"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"))
    has_late_fact = models.BooleanField(_("has a late fact"), default=False)
    counts_from = models.DateTimeField(_("figures count from"), null=True, blank=True)
    no_step_before = models.DateTimeField(_("no step down before"), null=True, blank=True)
    window_from = models.DateTimeField(_("figures since"), null=True, blank=True)
    # No index: nobody looks for places by it, and a new wording of the ladder writes it on all.
    version = models.ForeignKey(
        LadderVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(valid_until__isnull=False),
                name="standing_valid_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.tier}"

    def valid_through(self) -> date | None:
        """The last day of its validity; None where it has no end."""
        return clock.last_valid_day(self.valid_until) if self.valid_until else None


class TierChangeQuerySet(models.QuerySet["TierChange"]):
    def for_member(self, member: Member) -> Self:
        """A member's changes, newest first, with what it takes to tell them."""
        changes = self.filter(member=member).order_by("-at", "-id")
        return changes.select_related("from_tier", "to_tier", "version")

    def last_at(self, member: Member, at: datetime) -> "TierChange | None":
        """The change by which a member stood at an instant."""
        changes = self.filter(member=member, at__lte=at).order_by("-at", "-id")
        return changes.first()


class TierChange(AppendOnly):
    """The fact that a member's tier moved or was kept, with the figures that caused it.

    Active days are counted only where the ladder asks for them.
    """

    class Cause(models.TextChoices):
        ENTRY = "entry", _("First review")
        UPGRADE = "upgrade", _("Upgraded")
        RETAINED = "retained", _("Kept")
        DOWNGRADE = "downgrade", _("Came down")
        REFUNDED = "refunded", _("Came down after a refund")
        PROGRAMME = "programme_changed", _("Programme changed")

    # No index of its own: tierchange_member_at begins with it.
    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_changes", db_index=False)
    # No index of tiers and wordings: few of them name very many rows, and all workers would write
    # the same pages of it.
    from_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    to_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    window_from = models.DateTimeField(_("figures since"), null=True, blank=True)
    spend = MoneyField(_("spend"))
    orders = models.BigIntegerField(_("orders"))
    growth = models.BigIntegerField(_("growth"))
    active_days = models.BigIntegerField(_("active days"), null=True, blank=True)
    version = models.ForeignKey(
        LadderVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = TierChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier change")
        verbose_name_plural = _("tier changes")
        indexes = [models.Index(fields=["member", "at"], name="tierchange_member_at")]

    def __str__(self) -> str:
        return f"{self.from_tier or '–'} → {self.to_tier}"


class TierOverrideQuerySet(models.QuerySet["TierOverride"]):
    def live(self, at: datetime) -> Self:
        """Those in force at an instant, now or long ago; the earliest first."""
        not_revoked = Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
        return self.filter(not_revoked, starts_at__lte=at, ends_at__gt=at).order_by("pk")

    def for_member(self, member: Member) -> Self:
        return self.filter(member=member).order_by("-pk")


class TierOverride(models.Model):
    """A tier for a while, with a reason: a tier by name, or so many steps above the earned one.

    In force while `starts_at <= now < ends_at` and not revoked. It lifts and never lowers: what
    holds is the better of it and the earned tier.
    """

    class Kind(models.TextChoices):
        OPERATOR = "operator", _("By an operator")
        BIRTHDAY = "birthday", _("Birthday")
        EVENT = "event", _("Event")
        TRIAL = "trial", _("Trial")

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_overrides")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    steps = models.PositiveSmallIntegerField(_("steps up"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=500)
    key = models.CharField(_("key"), max_length=300)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted at"), default=clock.now)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoke_reason = models.CharField(_("reason for revoking"), max_length=500, blank=True)

    objects = TierOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier override")
        verbose_name_plural = _("tier overrides")
        indexes = [models.Index(fields=["member", "ends_at"], name="override_member_ends")]
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="override_once_per_key"),
            models.CheckConstraint(
                condition=Q(tier__isnull=False, steps__isnull=True)
                | Q(tier__isnull=True, steps__isnull=False, steps__gt=0),
                name="override_tier_or_steps",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="override_starts_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("operator", "birthday", "event", "trial")),
                name="override_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False) | Q(revoked_by__isnull=True),
                name="override_revoked_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.aim} · {self.get_kind_display()}"

    @property
    def aim(self) -> str:
        """Which tier it lifts to, by name or by steps."""
        return self.tier.name if self.tier else f"+{self.steps}"

    def is_live(self, at: datetime) -> bool:
        """The same as `live`, for a row at hand."""
        is_revoked = self.revoked_at is not None and self.revoked_at <= at
        return self.starts_at <= at < self.ends_at and not is_revoked

    def last_day(self) -> date:
        """The last day on which it holds."""
        return clock.last_valid_day(self.ends_at)


class DowngradeEvidenceQuerySet(models.QuerySet["DowngradeEvidence"]):
    def held_standings(self, due: datetime) -> StandingQuerySet:
        """Standings whose validity and grace were over by then and that nobody was told of."""
        evidence = self.filter(
            member=OuterRef("member"), tier=OuterRef("tier"), valid_until=OuterRef("valid_until")
        )
        may_step = Q(no_step_before__isnull=True) | Q(no_step_before__lte=clock.now())
        over = Standing.objects.filter(may_step, valid_until__lte=due, tier__rank__gt=0).exclude(
            member__status=Member.Status.CLOSED
        )
        return over.exclude(Exists(evidence))


class DowngradeEvidence(AppendOnly):
    """Why a member may come down from a tier valid until then: told of it, or a waiver.

    A notice counts from the night after its own. A tier that is kept for another term needs
    evidence for the end of that one.
    """

    class Waiver(models.TextChoices):
        NONE = "", _("told")
        FIRST_NIGHT = "first_night", _("due on the first night that tells")
        SHORT = "short", _("held too shortly to be told")
        REFUND = "refund", _("undone by a refund")
        OPERATOR = "operator", _("waived by an operator")

    member = models.ForeignKey(Member, models.PROTECT, related_name="downgrade_evidence")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    business_date = models.DateField(_("business date"))
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, blank=True, related_name="downgrade_evidence"
    )
    waiver = models.CharField(
        _("notice"), max_length=12, choices=Waiver.choices, blank=True, default=Waiver.NONE
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = DowngradeEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence for a way down")
        verbose_name_plural = _("evidence for ways down")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "tier", "valid_until", "business_date"],
                name="downgrade_evidence_once_a_night",
            ),
            models.CheckConstraint(
                condition=Q(waiver="", notice__isnull=False)
                | Q(waiver__in=("first_night", "short", "refund", "operator"), notice__isnull=True),
                name="downgrade_evidence_notice_or_waiver",
            ),
            models.CheckConstraint(
                condition=Q(waiver="operator", operator__isnull=False)
                | (~Q(waiver="operator") & Q(operator__isnull=True)),
                name="downgrade_evidence_operator_waives",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=False) | Q(waiver="refund"),
                name="downgrade_evidence_of_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_waiver_display()} {self.business_date}"
