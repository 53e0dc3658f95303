"""Members with something in common: dated segments, and tags set by hand."""

from collections.abc import Collection
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import Named

from .people import Member, User


class Segment(Named):
    """A list of members that rules and offers may be limited to."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")


class SegmentMembershipQuerySet(models.QuerySet["SegmentMembership"]):
    def on(self, day: date) -> Self:
        """The memberships that hold on a business date."""
        return self.filter(from_on__lte=day).filter(Q(until_on=None) | Q(until_on__gt=day))

    def open(self) -> Self:
        """The memberships that nobody has ended."""
        return self.filter(until_on=None)

    def segment_ids(self, member_id: int, day: date) -> frozenset[int]:
        """The segments that a member was in on a business date."""
        return frozenset(self.on(day).filter(member=member_id).values_list("segment_id", flat=True))


class SegmentMembership(models.Model):
    """A member's stay in a segment: from a day, until the day on which it holds no more.

    Stays are kept when they end, so that the past can be asked again. A stay that ends on the day
    on which it began never held.
    """

    segment = models.ForeignKey(
        Segment, models.PROTECT, verbose_name=_("segment"), related_name="memberships"
    )
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name=_("member"), related_name="segment_memberships"
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = SegmentMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment membership")
        verbose_name_plural = _("segment memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "member"],
                condition=Q(until_on__isnull=True),
                name="segment_one_open_stay",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="segment_stay_begins_before_it_ends",
            ),
        ]
        indexes = [models.Index(fields=["member", "from_on"], name="segment_stay_by_member")]

    def __str__(self) -> str:
        return f"{self.segment} · {self.member}"


class Tag(Named):
    """A word that operators put on members."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class MemberTagQuerySet(models.QuerySet["MemberTag"]):
    def of(self, tag: Tag, member_ids: Collection[int]) -> Self:
        return self.filter(tag=tag, member__in=member_ids)


class MemberTag(models.Model):
    """A tag on a member, by whom and when."""

    tag = models.ForeignKey(Tag, models.PROTECT, verbose_name=_("tag"), related_name="members")
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name=_("member"), related_name="tags"
    )
    operator = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("operator"), null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("at"), default=clock.now, editable=False)

    objects = MemberTagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag of a member")
        verbose_name_plural = _("tags of members")
        constraints = [
            models.UniqueConstraint(fields=["tag", "member"], name="tag_once_per_member"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} · {self.member}"
