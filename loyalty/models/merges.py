"""What moved from one member's account to another's when two members were merged."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly
from members.models import MemberMerge

from .points import PointsEntry


class MergeMoveQuerySet(models.QuerySet["MergeMove"]):
    def forth(self, merge: MemberMerge) -> list["MergeMove"]:
        """What came to the kept member, in order, with the lots that it opened."""
        moves = self.filter(merge=merge, is_return=False).select_related(
            "taken__account", "given__account", "given__lot"
        )
        return list(moves.order_by("pk"))


class MergeMove(AppendOnly):
    """A pair of entries that cancel one another: out of one member's account, into the other's.

    `taken` is the entry in the account it came from, `given` the one it went to: the lots that
    `taken` took from are the source of the lot that `given` opened. Debt moves with the signs
    turned round. `is_return` is the way back, from the kept member to the merged one.
    """

    merge = models.ForeignKey(
        MemberMerge, models.PROTECT, related_name="moves", verbose_name=_("merge of members")
    )
    taken = models.OneToOneField(PointsEntry, models.PROTECT, related_name="moved_by")
    given = models.OneToOneField(PointsEntry, models.PROTECT, related_name="moved_from")
    is_return = models.BooleanField(_("way back"), default=False)

    objects = MergeMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("points moved by a merge")
        verbose_name_plural = _("points moved by merges")

    def __str__(self) -> str:
        return f"{self.taken.points:+d} / {self.given.points:+d}"
