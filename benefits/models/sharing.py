"""Coupons among friends: links that give a friend one, and groups that fill within a time."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from benefits.rules.codes import LENGTH, grouped
from members.models import Member

from .coupons import Coupon
from .templates import CouponTemplate


class CouponShareQuerySet(models.QuerySet["CouponShare"]):
    def take_place(self, *, most: int) -> bool:
        """Count one more friend, where there are fewer than that."""
        return self.filter(friends__lt=most).update(friends=F("friends") + 1) == 1


class CouponShare(models.Model):
    """The link by which the holder of a coupon gives friends one of the friends' offer."""

    # A link means nothing without its coupon.
    coupon = models.OneToOneField(Coupon, models.CASCADE, related_name="share")
    code = models.CharField(_("code"), max_length=LENGTH)
    friends = models.PositiveSmallIntegerField(_("friends"), default=0)
    created_at = models.DateTimeField(_("shared at"))

    objects = CouponShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared coupon")
        verbose_name_plural = _("shared coupons")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="couponshare_code_once"),
        ]

    def __str__(self) -> str:
        return grouped(self.code)


class CouponGroupQuerySet(models.QuerySet["CouponGroup"]):
    def unanswered(self) -> Self:
        """Neither full nor told that they did not fill."""
        return self.filter(completed_at__isnull=True, lapsed_at__isnull=True)

    def open(self, at: datetime) -> Self:
        return self.unanswered().filter(closes_at__gt=at)

    def due_to_lapse(self, until: datetime) -> Self:
        """Those whose time was up by an instant, the first of them first."""
        return self.unanswered().filter(closes_at__lte=until).order_by("closes_at", "pk")

    def joined_by(self, member: Member) -> Self:
        """Groups in which a member has a place, the first to close first."""
        joined = self.filter(places__member=member).select_related("template")
        return joined.order_by("closes_at", "pk")

    def take_place(self, at: datetime) -> bool:
        """Count one more member of an open group that is not full."""
        return self.open(at).filter(joined__lt=F("size")).update(joined=F("joined") + 1) == 1


class CouponGroup(models.Model):
    """Members who get a coupon each, once so many of them have joined within a time.

    `lapsed_at` is when its members were told that it did not fill.
    """

    template = models.ForeignKey(
        CouponTemplate, models.PROTECT, related_name="groups", verbose_name=_("coupon template")
    )
    code = models.CharField(_("code"), max_length=LENGTH)
    size = models.PositiveSmallIntegerField(_("members of a group"))
    joined = models.PositiveSmallIntegerField(_("joined"), default=0)
    key = models.CharField(_("key"), max_length=64)
    opened_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    opened_at = models.DateTimeField(_("opened at"))
    closes_at = models.DateTimeField(_("closes at"))
    completed_at = models.DateTimeField(_("full since"), null=True, blank=True)
    lapsed_at = models.DateTimeField(_("told that it did not fill"), null=True, blank=True)

    objects = CouponGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon group")
        verbose_name_plural = _("coupon groups")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="coupongroup_code_once"),
            models.UniqueConstraint(
                fields=["template", "opened_by", "key"], name="coupongroup_key_once"
            ),
            models.CheckConstraint(
                condition=Q(joined__lte=F("size")), name="coupongroup_within_its_size"
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(joined=F("size")),
                name="coupongroup_complete_when_full",
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at__isnull=True)
                | Q(completed_at__isnull=True, lapsed_at__gte=F("closes_at")),
                name="coupongroup_lapsed_when_over",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"],
                condition=Q(completed_at__isnull=True, lapsed_at__isnull=True),
                name="coupongroup_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.joined}/{self.size}"

    @property
    def missing(self) -> int:
        return self.size - self.joined

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    def is_open_at(self, at: datetime) -> bool:
        return not self.is_complete and at < self.closes_at


class CouponGroupPlace(models.Model):
    """That a member joined a group."""

    group = models.ForeignKey(CouponGroup, models.PROTECT, related_name="places")
    member = models.ForeignKey(Member, models.PROTECT, related_name="coupon_groups")
    at = models.DateTimeField(_("joined at"))

    class Meta:
        verbose_name = _("place in a coupon group")
        verbose_name_plural = _("places in coupon groups")
        constraints = [
            models.UniqueConstraint(fields=["group", "member"], name="coupongroupplace_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}/{self.member_id}"
