"""A stretch of members as a piece of work: what nights and operators' jobs have in common."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    """Where a run or a range stands. Only runs are held: their guard waits for an operator."""

    PENDING = "pending", _("pending")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    HELD = "held", _("held")


# A range that failed this often waits for an operator: *resume*, or a command.
MAX_ATTEMPTS = 3

Range = TypeVar("Range", bound="MemberRange")


class MemberRangeQuerySet(models.QuerySet[Range]):
    def claimable(
        self, *, stale_before: datetime, dead: Collection[str], is_asked: bool = False
    ) -> Self:
        """Ranges that someone may claim now; the WHERE of every claim.

        Waiting ones; failed ones with attempts left (any, when an operator asked); and those
        of an owner that is known dead or claimed them before `stale_before`.
        """
        failed = Q(status=JobStatus.FAILED)
        if not is_asked:
            failed &= Q(attempts__lt=MAX_ATTEMPTS)
        stale = Q(claimed_at__lte=stale_before) | Q(claimed_by__in=dead)
        return self.filter(
            Q(status=JobStatus.PENDING) | failed | (Q(status=JobStatus.RUNNING) & stale)
        )

    def unsent(self, *, sent_before: datetime) -> Self:
        """Ranges that no message names, or only one sent so long ago that it may be lost."""
        return self.filter(Q(sent_at__isnull=True) | Q(sent_at__lte=sent_before))

    def given_up(self) -> Self:
        """Ranges that have failed for good."""
        return self.filter(status=JobStatus.FAILED, attempts__gte=MAX_ATTEMPTS)

    def to_be_done(self) -> Self:
        """Ranges that are not done and that somebody has, or may still take."""
        return self.exclude(status=JobStatus.DONE).exclude(
            status=JobStatus.FAILED, attempts__gte=MAX_ATTEMPTS
        )

    def try_again(self) -> int:
        """Let those that failed be claimed once more, as if they had never been tried."""
        return self.filter(status=JobStatus.FAILED).update(
            status=JobStatus.PENDING, attempts=0, sent_at=None, finished_at=None
        )


class MemberRange(models.Model):
    """A stretch of member ids, both ends included, worked on in one transaction.

    `token` fences: only the owner of the last claim may mark the range done, so an owner that
    was given up for dead and comes back rolls its effects back.
    """

    number = models.PositiveIntegerField(_("number"))
    first_member_id = models.BigIntegerField(_("first member"))
    last_member_id = models.BigIntegerField(_("last member"))
    status = models.CharField(
        _("status"), max_length=8, choices=JobStatus, default=JobStatus.PENDING
    )
    token = models.UUIDField(_("token"), null=True, blank=True, editable=False)
    claimed_by = models.CharField(_("claimed by"), max_length=300, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    counts: Any = models.JSONField(_("counts"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.number}: {self.first_member_id}–{self.last_member_id}"


def running_has_owner(name: str) -> models.CheckConstraint:
    """Who works on a range is written down: the constraint under a table's own name."""
    return models.CheckConstraint(
        condition=~Q(status="running")
        | Q(token__isnull=False, claimed_at__isnull=False) & ~Q(claimed_by=""),
        name=name,
    )
