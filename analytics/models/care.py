"""When members are missed, and what operators did about each."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from common.models import Named
from common.models.base import in_active_language
from common.money import MoneyField
from members.models import Member

# Figures look back so far for what members did besides buying.
MOST_DAYS = 365


class WarningLevelQuerySet(models.QuerySet["WarningLevel"]):
    def in_use(self) -> Self:
        """The levels that count, the mildest first."""
        return self.filter(is_active=True).order_by("rank")


class WarningLevel(Named):
    """What is missed of a member, and from how much on.

    `threshold` is days without interaction or purchase, or points that the health score fell. It
    holds from the threshold itself. Of one kind only the severest level that holds opens a task,
    and only up to `until_days` days, where there are: who has been gone for years is not news.
    """

    class Kind(models.TextChoices):
        NO_INTERACTION = "no_interaction", _("no interaction for days")
        NO_PURCHASE = "no_purchase", _("no purchase for days")
        FALLING_SCORE = "falling_score", _("health score fell by points")

    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    threshold = models.PositiveSmallIntegerField(
        _("threshold"), help_text=_("Days without, or points fallen.")
    )
    until_days = models.PositiveSmallIntegerField(
        _("tasks up to"),
        null=True,
        blank=True,
        help_text=_("No task for who has been gone for more days; empty for no end."),
    )
    rank = models.PositiveSmallIntegerField(
        _("severity"), unique=True, help_text=_("The greater, the more severe.")
    )
    action_en = models.CharField(_("suggested action in English"), max_length=300)
    action_zh = models.CharField(_("suggested action in Chinese"), max_length=300, blank=True)
    due_days = models.PositiveSmallIntegerField(_("days to act"), default=3)
    quiet_days = models.PositiveSmallIntegerField(
        _("quiet days"),
        default=90,
        help_text=_("After a task ended, no other of this level for so many days."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner of new tasks"),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = WarningLevelQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("warning level")
        verbose_name_plural = _("warning levels")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("no_interaction", "no_purchase", "falling_score")),
                name="warninglevel_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="falling_score", threshold__range=(1, 100), until_days=None)
                | Q(kind="no_interaction", threshold__range=(1, MOST_DAYS))
                | Q(kind="no_purchase", threshold__gte=1),
                name="warninglevel_threshold_fits_its_kind",
                violation_error_message=_(
                    "Points fallen are from 1 to 100 and have no days up to which; days without "
                    "interaction are from 1 to 365, days without a purchase at least 1."
                ),
            ),
            models.CheckConstraint(
                condition=Q(until_days=None) | Q(until_days__gte=F("threshold")),
                name="warninglevel_until_after_threshold",
                violation_error_message=_("Tasks cannot end before the threshold."),
            ),
            models.UniqueConstraint(
                fields=["kind", "threshold"],
                condition=Q(is_active=True),
                name="warninglevel_threshold_once",
                violation_error_message=_("A level in use has this kind and threshold already."),
            ),
        ]


class CareTaskQuerySet(models.QuerySet["CareTask"]):
    def waiting(self) -> Self:
        """Tasks that nobody has acted upon, the soonest due first."""
        return self.filter(status=CareTask.Status.OPEN).order_by("due_on", "pk")

    def overdue(self, day: date) -> Self:
        return self.filter(status=CareTask.Status.OPEN, due_on__lt=day)


class CareTask(models.Model):
    """One member to care for, for one reason, and what came of it.

    The figures are those by which the night of `opened_on` opened it. Acted upon, it is measured
    by later nights for CARE_MEASURED_DAYS: did the member come back on or after `acted_on`?
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("care task", "open")
        ACTED = "acted", pgettext_lazy("care task", "acted upon")
        RETURNED = "returned", pgettext_lazy("care task", "came back")
        NOT_RETURNED = "not_returned", pgettext_lazy("care task", "did not come back")
        DISMISSED = "dismissed", pgettext_lazy("care task", "dismissed")
        REPLACED = "replaced", pgettext_lazy("care task", "became more severe")

    class Action(models.TextChoices):
        NONE = "", pgettext_lazy("care action", "none")
        CALL = "call", pgettext_lazy("care action", "phone call")
        MESSAGE = "message", pgettext_lazy("care action", "personal message")
        COUPON = "coupon", pgettext_lazy("care action", "coupon")
        POINTS = "points", pgettext_lazy("care action", "points")
        GIFT = "gift", pgettext_lazy("care action", "gift")
        INVITATION = "invitation", pgettext_lazy("care action", "invitation")
        OTHER = "other", pgettext_lazy("care action", "something else")

    LIVE = (Status.OPEN, Status.ACTED)

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="care_tasks", verbose_name=_("member")
    )
    level = models.ForeignKey(
        WarningLevel, models.PROTECT, related_name="tasks", verbose_name=_("warning level")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.OPEN
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("due on"))
    suggested_en = models.CharField(_("suggested action in English"), max_length=300)
    suggested_zh = models.CharField(_("suggested action in Chinese"), max_length=300, blank=True)
    threshold = models.PositiveSmallIntegerField(_("threshold"))
    last_interaction_on = models.DateField(_("last interaction"), null=True, blank=True)
    last_purchase_on = models.DateField(_("last purchase"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(_("health score"), null=True, blank=True)
    past_score = models.PositiveSmallIntegerField(_("health score before"), null=True, blank=True)
    money_365 = MoneyField(_("net spend of 365 days"))
    action = models.CharField(
        _("action"), max_length=10, choices=Action.choices, blank=True, default=Action.NONE
    )
    acted_on = models.DateField(_("acted on"), null=True, blank=True)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acted by"),
    )
    note = models.TextField(_("note"), max_length=1000, blank=True)
    came_back_on = models.DateField(_("came back on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = CareTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("care task")
        verbose_name_plural = _("care tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "level"],
                condition=Q(status__in=("open", "acted")),
                name="caretask_one_live_per_level",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("open", "acted"), ended_on__isnull=True)
                | Q(
                    status__in=("returned", "not_returned", "dismissed", "replaced"),
                    ended_on__isnull=False,
                ),
                name="caretask_ended_or_not",
            ),
            models.CheckConstraint(
                condition=Q(action="", acted_on__isnull=True)
                | (~Q(action="") & Q(acted_on__isnull=False, acted_by__isnull=False)),
                name="caretask_action_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="acted") & ~Q(action="")
                | Q(status="not_returned") & ~Q(action="")
                | Q(status__in=("open", "dismissed", "replaced"), action="")
                | Q(status="returned"),
                name="caretask_status_fits_its_action",
            ),
            models.CheckConstraint(
                condition=Q(status="returned", came_back_on__isnull=False)
                | (~Q(status="returned") & Q(came_back_on__isnull=True)),
                name="caretask_returned_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opened_on")), name="caretask_due_after_opening"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"], condition=Q(status="open"), name="caretask_queue"
            ),
            models.Index(fields=["level", "member", "ended_on"], name="caretask_quiet"),
        ]

    def __str__(self) -> str:
        return f"{self.level} · {self.member}"

    @property
    def suggested_action(self) -> str:
        """What was suggested when the task was opened, in the active language."""
        return in_active_language(self.suggested_en, self.suggested_zh)
