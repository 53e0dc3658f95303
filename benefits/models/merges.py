"""Coupons that went to the kept member when two members were merged."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import AppendOnly
from members.models import MemberMerge

from .coupons import Coupon


class MergedCoupon(AppendOnly):
    """That a coupon went to the kept member by a merge: what undoing it looks for."""

    merge = models.ForeignKey(
        MemberMerge, models.PROTECT, related_name="coupons", verbose_name=_("merge of members")
    )
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="merges", verbose_name=_("coupon")
    )

    class Meta:
        verbose_name = _("coupon moved by a merge")
        verbose_name_plural = _("coupons moved by merges")
        constraints = [
            models.UniqueConstraint(fields=["merge", "coupon"], name="mergedcoupon_once"),
        ]

    def __str__(self) -> str:
        return str(self.coupon)
