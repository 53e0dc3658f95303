"""Sessions of events: when, how many seats, and how many of them are taken."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from benefits.rules import events as rules
from common import clock
from members.models import User

from .events import MOST_HOURS, Event


class EventSessionQuerySet(models.QuerySet["EventSession"]):
    def locked(self) -> Self:
        """The row as a lock on its seats and its waitlist, before the registrations' own."""
        return self.select_for_update(of=("self",), no_key=True).select_related("event")

    def scheduled(self) -> Self:
        return self.filter(status=EventSession.Status.SCHEDULED)

    def to_come(self, at: datetime) -> Self:
        """What has not begun, the next one first."""
        return self.scheduled().filter(starts_at__gt=at).order_by("starts_at", "pk")

    def with_guests_to_remind(self, at: datetime) -> Self:
        """What begins within the longest time for that, and has guests who were not reminded."""
        soon = at + timedelta(hours=MOST_HOURS)
        unreminded = Q(registrations__status="confirmed", registrations__reminded_at__isnull=True)
        near = self.to_come(at).filter(unreminded, starts_at__lte=soon, event__reminder_hours__gt=0)
        return near.select_related("event").distinct()

    def with_something_due(self, until: datetime) -> Self:
        """Where a seat was kept until this instant, or is free though members wait for it."""
        offers = Q(registrations__status="offered", registrations__offered_until__lte=until)
        waited_for = Q(registrations__status="waitlisted", taken__lt=F("capacity"))
        due = self.scheduled().filter(ends_at__gt=until).filter(offers | waited_for)
        return due.order_by("pk").distinct()

    def with_guests_left(self, until: datetime) -> Self:
        """What was over by an instant with places of which nobody said what became of them."""
        left = Q(registrations__status__in=("waitlisted", "offered", "confirmed"))
        return self.scheduled().filter(left, ends_at__lte=until).order_by("pk").distinct()

    def take_seats(self, count: int) -> bool:
        """Move so many seats out of those that are free, all of them or none."""
        free = self.scheduled().filter(taken__lte=F("capacity") - count)
        return free.update(taken=F("taken") + count) == 1

    def give_seat(self) -> bool:
        """Make a seat free again."""
        return self.filter(taken__gt=0).update(taken=F("taken") - 1) == 1


class EventSession(models.Model):
    """One date of an event. `taken` counts the seats that registrations hold: confirmed, kept for
    an answer, attended or not come; it moves by conditional update only, under this row's lock.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", pgettext_lazy("session", "takes place")
        CANCELLED = "cancelled", pgettext_lazy("session", "cancelled")

    event = models.ForeignKey(
        Event, models.PROTECT, related_name="sessions", verbose_name=_("event")
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.SCHEDULED, editable=False
    )
    # How often and when its time was changed after members could know it.
    moves = models.PositiveSmallIntegerField(_("times moved"), default=0, editable=False)
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True, editable=False)
    cancelled_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancel_reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    objects = EventSessionQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["taken"])

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="eventsession_begins_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(capacity__gt=0), name="eventsession_capacity_positive"
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="eventsession_within_capacity"
            ),
            models.CheckConstraint(
                condition=Q(status="scheduled", cancelled_at__isnull=True, cancel_reason="")
                | (Q(status="cancelled", cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="eventsession_cancelled_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="eventsession_by_start")]

    def __str__(self) -> str:
        return f"{self.event} · {self.starts_at.astimezone(clock.zone()):%Y-%m-%d %H:%M}"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Write what is said of the session; the counter of seats is never overwritten."""
        if update_fields is None and not self._state.adding:
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name != "taken"
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def is_scheduled(self) -> bool:
        return self.status == self.Status.SCHEDULED

    @property
    def free(self) -> int:
        """How many seats nobody holds."""
        return max(0, self.capacity - self.taken)

    @property
    def closes_at(self) -> datetime:
        """Before when members register and answer."""
        return self.starts_at - timedelta(hours=self.event.closes_hours)

    @property
    def cancel_until(self) -> datetime:
        """Before when members may give up a confirmed seat."""
        return self.starts_at - timedelta(hours=self.event.cancel_hours)

    @property
    def remind_at(self) -> datetime | None:
        """From when on who has a seat is reminded; None for never."""
        hours = self.event.reminder_hours
        return self.starts_at - timedelta(hours=hours) if hours else None

    def offer_until(self, at: datetime) -> datetime | None:
        """Until before when a seat is kept that comes free now; None where it is too late."""
        return rules.offer_until(at, hours=self.event.accept_hours, closes_at=self.closes_at)

    def sitting(self) -> rules.Sitting:
        """What the rules need to know of it; with its event."""
        return rules.Sitting(
            is_cancelled=not self.is_scheduled,
            closes_at=self.closes_at,
            ends_at=self.ends_at,
            free=self.free,
            has_waitlist=self.event.has_waitlist,
        )
