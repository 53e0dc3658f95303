"""That two memberships were one person's: which is kept, which was merged into it, and undone."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .people import Member


class MemberMergeQuerySet(models.QuerySet["MemberMerge"]):
    def locked(self) -> Self:
        """The rows as locks, in the order of their ids: evaluate at once."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def live(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at__isnull=True)

    def of(self, member: Member) -> Self:
        """Merges that a member was kept by or merged in, the newest first."""
        return self.filter(Q(kept=member) | Q(merged=member)).order_by("-pk")

    def kept_in(self, first_member_id: int, last_member_id: int) -> Self:
        """Live ones by the member that is kept, in the order in which nights lock members."""
        kept = self.live().filter(kept__gte=first_member_id, kept__lte=last_member_id)
        return kept.order_by("kept", "pk")

    def joined(self, one: int | None, other: int | None) -> bool:
        """Whether two members, by id, are or were merged with one another."""
        pair = Q(kept=one, merged=other) | Q(kept=other, merged=one)
        return self.filter(pair).exists()


class MemberMerge(models.Model):
    """One membership merged into another of the same person, until it is undone.

    Both stay, with all that they hold and ever did; the merged one is closed and stands for the
    kept one wherever its card or contacts are shown. `taken_over` says, by column, what the kept
    member lacked and has from the merged one; `status_before` what the merged one returns to.
    """

    kept = models.ForeignKey(
        Member, models.PROTECT, related_name="merges", verbose_name=_("member kept")
    )
    merged = models.ForeignKey(
        Member, models.PROTECT, related_name="merged_by", verbose_name=_("member merged into it")
    )
    key = models.CharField(_("key"), max_length=64)
    merged_at = models.DateTimeField(_("merged at"))
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    status_before = models.CharField(
        _("status before"), max_length=6, choices=Member.Status.choices
    )
    taken_over = models.JSONField(_("taken over"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undo_reason = models.CharField(_("reason for undoing"), max_length=500, blank=True)

    objects = MemberMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of members")
        verbose_name_plural = _("merges of members")
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
                name="membermerge_one_at_a_time",
            ),
            models.UniqueConstraint(fields=["merged", "key"], name="membermerge_once_per_key"),
            models.CheckConstraint(
                condition=~Q(kept=F("merged")), name="membermerge_of_two_members"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="membermerge_undone_by_an_operator",
            ),
            models.CheckConstraint(
                condition=Q(status_before__in=("active", "paused")),
                name="membermerge_of_an_open_membership",
            ),
        ]
        indexes = [
            # What reads figures of the kept member asks for the few that are live.
            models.Index(
                fields=["kept"], condition=Q(undone_at__isnull=True), name="membermerge_live"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"

    @property
    def is_live(self) -> bool:
        return self.undone_at is None
