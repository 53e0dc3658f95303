"""Many coupons at once: codes without a holder, or a list of members, issued in ranges."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from members.models import Member, Segment

from .templates import CouponTemplate


class CouponBatchQuerySet(models.QuerySet["CouponBatch"]):
    def unfinished(self) -> Self:
        return self.filter(done__lt=F("size")).order_by("pk")

    def locked(self) -> Self:
        """The row as a lock on the batch's next range, after that of its template."""
        return self.select_for_update(of=("self",), no_key=True)


class CouponBatch(models.Model):
    """Coupons that were promised together: the stock is taken at once, the rows come in ranges.

    `done` is how many there are; a range is written in one transaction with it, so that whoever
    goes on after an interruption goes on exactly there.
    """

    class Kind(models.TextChoices):
        CODES = "codes", _("codes without a holder")
        MEMBERS = "members", _("for members")

    template = models.ForeignKey(
        CouponTemplate, models.PROTECT, related_name="batches", verbose_name=_("coupon template")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment"),
    )
    size = models.PositiveIntegerField(_("coupons"))
    # Members of the segment who had as many as they may.
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    done = models.PositiveIntegerField(_("issued"), default=0)
    key = models.CharField(_("key"), max_length=64)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    created_at = models.DateTimeField(_("asked at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = CouponBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon batch")
        verbose_name_plural = _("coupon batches")
        permissions = [("download_couponbatch", "Can download codes")]
        constraints = [
            models.UniqueConstraint(fields=["template", "key"], name="couponbatch_key_once"),
            models.CheckConstraint(
                condition=Q(size__gt=0, done__lte=F("size")), name="couponbatch_within_its_size"
            ),
            models.CheckConstraint(
                condition=Q(done=F("size"), finished_at__isnull=False)
                | Q(done__lt=F("size"), finished_at__isnull=True),
                name="couponbatch_finished_when_done",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("codes", "members")), name="couponbatch_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(segment__isnull=True, left_out=0) | Q(kind="members"),
                name="couponbatch_segment_has_members",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(finished_at__isnull=True), name="couponbatch_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.size}"

    @property
    def is_done(self) -> bool:
        return self.done == self.size

    @property
    def has_codes(self) -> bool:
        return self.kind == self.Kind.CODES


class CouponRecipient(models.Model):
    """A member on the list of a batch, by place."""

    # A place means nothing without its list.
    batch = models.ForeignKey(CouponBatch, models.CASCADE, related_name="recipients")
    number = models.PositiveIntegerField(_("number"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("recipient of a batch")
        verbose_name_plural = _("recipients of a batch")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="couponrecipient_place_once"),
            models.UniqueConstraint(fields=["batch", "member"], name="couponrecipient_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
