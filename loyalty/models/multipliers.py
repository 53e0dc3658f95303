"""Multipliers of one member's own, for a while."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import Named
from members.models import Member

LARGEST_FACTOR = Decimal(10)


class MemberMultiplierQuerySet(models.QuerySet["MemberMultiplier"]):
    def live(self, at: datetime) -> Self:
        """Those in force at an instant, now or long ago; the earliest first."""
        return self.filter(starts_at__lte=at, ends_at__gt=at).order_by("pk")


class MemberMultiplier(Named):
    """Multiplies what one member's purchases earn of spendable kinds while `[starts_at, ends_at)`.

    The name is what the breakdown of an entry calls it by.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="multipliers", verbose_name=_("member")
    )
    factor = models.DecimalField(_("factor"), max_digits=4, decimal_places=2)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    key = models.CharField(_("key"), max_length=300)
    given_at = models.DateTimeField(_("given at"), default=clock.now, editable=False)

    objects = MemberMultiplierQuerySet.as_manager()

    class Meta:
        verbose_name = _("multiplier of a member")
        verbose_name_plural = _("multipliers of members")
        indexes = [models.Index(fields=["member", "ends_at"], name="membermultiplier_ends")]
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="membermultiplier_once_per_key"),
            models.CheckConstraint(
                condition=Q(factor__gt=1, factor__lte=LARGEST_FACTOR),
                name="membermultiplier_multiplies",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="membermultiplier_starts_before_it_ends",
            ),
        ]
