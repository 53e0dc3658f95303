"""What members who agreed to it did in the portal."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member


class BehaviourEvent(models.Model):
    """One thing that a member did in the portal, told by the page's own beacon.

    `page` is a path without its query, `target` the name of what was clicked; nothing that was
    typed is kept. `at` is when the server heard of it. Not append-only: rows end after
    BEHAVIOUR_KEEP_DAYS, and when the member withdraws the consent.
    """

    class Name(models.TextChoices):
        PAGE = "page", pgettext_lazy("behaviour", "page opened")
        CLICK = "click", pgettext_lazy("behaviour", "click")
        SHARE = "share", pgettext_lazy("behaviour", "share")
        SEARCH = "search", pgettext_lazy("behaviour", "search")
        COUPON_VIEW = "coupon_view", pgettext_lazy("behaviour", "coupon looked at")
        PUSH_OPENED = "push_opened", pgettext_lazy("behaviour", "message opened")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="behaviour", verbose_name=_("member"), db_index=False
    )
    name = models.CharField(_("event"), max_length=12, choices=Name.choices)
    page = models.CharField(_("page"), max_length=200)
    target = models.CharField(_("target"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))

    class Meta:
        verbose_name = _("portal event")
        verbose_name_plural = _("portal events")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    name__in=("page", "click", "share", "search", "coupon_view", "push_opened")
                ),
                name="behaviourevent_name_known",
            ),
            models.CheckConstraint(
                condition=Q(page__startswith="/"), name="behaviourevent_page_is_a_path"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "business_date"], name="behaviour_member_day"),
            models.Index(fields=["business_date"], name="behaviour_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} {self.page}"


class BehaviourDayQuerySet(models.QuerySet["BehaviourDay"]):
    def open_for(self, member: Member, day: date) -> Self:
        """The member's count of a day, there from now on."""
        self.bulk_create(
            [BehaviourDay(member=member, business_date=day, events=0)], ignore_conflicts=True
        )
        return self.filter(member=member, business_date=day)

    def take(self, events: int) -> bool:
        """Count so many more, where the day's limit leaves room for them."""
        most = settings.BEHAVIOUR_EVENTS_A_DAY
        room = self.filter(events__lte=most - events)
        return bool(room.update(events=F("events") + events))


class BehaviourDay(models.Model):
    """How many events a member had on a business date: what is measured, and what throttles."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="behaviour_days", verbose_name=_("member")
    )
    business_date = models.DateField(_("business date"))
    events = models.PositiveIntegerField(_("events"))

    objects = BehaviourDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day's portal events")
        verbose_name_plural = _("days' portal events")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "business_date"], name="behaviour_day_once_per_member"
            ),
        ]
        indexes = [models.Index(fields=["business_date"], name="behaviour_count_day")]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d}: {self.events}"
