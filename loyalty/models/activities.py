"""What members do besides buying."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from members.models import Member

from .earning import Trigger


class ActivityQuerySet(models.QuerySet["Activity"]):
    def check_ins(self, member: Member) -> Self:
        """The member's check-ins, newest first."""
        return self.filter(member=member, kind=Trigger.CHECK_IN).order_by("-business_date")

    def check_ins_between(self, member: Member, first: date, last: date) -> Self:
        """The member's check-ins of these business dates, the first and the last included."""
        return self.check_ins(member).filter(business_date__range=(first, last))

    def check_in_on(self, member: Member, day: date) -> "Activity | None":
        return self.check_ins(member).filter(business_date=day).first()


class Activity(models.Model):
    """One thing that a member did, once per member, kind and key.

    A check-in's key is its business date; `streak` counts the business dates in a row up to it.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="activities")
    kind = models.CharField(_("kind"), max_length=20, choices=Trigger.choices)
    key = models.CharField(_("key"), max_length=200)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    streak = models.PositiveIntegerField(_("days in a row"), default=0)
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["member", "business_date"], name="activity_member_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "key"], name="activity_once_per_member"
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(kind="profile_completed"),
                name="activity_profile_completed_once",
            ),
            models.CheckConstraint(condition=~Q(kind="purchase"), name="activity_is_no_purchase"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.business_date:%Y-%m-%d}"
