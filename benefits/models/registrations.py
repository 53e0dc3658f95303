"""Members' places at events: waited for, offered, confirmed, attended; and how they came to it."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.rules.codes import LENGTH, grouped, new_code
from loyalty.models import PointsEntry
from members.models import Member

from .event_sessions import EventSession
from .events import Event
from .steps import Step

# A place that its member counts on; one that holds a seat; one that holds a seat which was paid.
ACTIVE = ("waitlisted", "offered", "confirmed")
HOLDING = ("offered", "confirmed", "attended", "no_show")
SEATED = ("confirmed", "attended", "no_show")


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def for_member(self, member: Member) -> Self:
        """The member's places, the newest first."""
        return self.filter(member=member).select_related("session", "event").order_by("-pk")

    def locked(self) -> Self:
        """The row as a lock: evaluate at once."""
        return self.select_for_update(of=("self",), no_key=True)

    def whole(self) -> Self:
        """With what its changes need to know."""
        return self.select_related("session", "event", "member", "entry__account__point_type")

    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def made_by(self, member: Member, key: str) -> "Registration | None":
        """The registration that this key already made."""
        return self.filter(member=member, key=key).select_related("session", "event").first()

    def waiting_for(self, session: EventSession) -> Self:
        """The waitlist: the higher tier first, then whoever came first."""
        waiting = self.filter(session=session, status=Registration.Status.WAITLISTED)
        return waiting.order_by("-rank", "registered_at", "pk")

    def with_place_in_line(self) -> Self:
        """With `line`, how many of the waitlist come before it and itself."""
        ahead = Q(rank__gt=OuterRef("rank")) | Q(
            Q(registered_at__lt=OuterRef("registered_at"))
            | Q(registered_at=OuterRef("registered_at"), pk__lte=OuterRef("pk")),
            rank=OuterRef("rank"),
        )
        waiting = Registration.objects.filter(
            ahead, session=OuterRef("session"), status=Registration.Status.WAITLISTED
        )
        count = waiting.order_by().values("session").annotate(count=Count("pk")).values("count")
        number = Subquery(count, output_field=models.IntegerField())
        return self.annotate(line=Coalesce(number, 0))

    def offers_due(self, until: datetime) -> Self:
        """Seats that are kept for nobody any more at an instant."""
        return self.filter(status=Registration.Status.OFFERED, offered_until__lte=until)

    def of_cancelled_sessions(self) -> Self:
        """Places that sessions which do not take place still have to give back."""
        gone = EventSession.Status.CANCELLED
        return self.active().filter(session__status=gone).order_by("session", "pk")

    def unreminded(self, session: EventSession) -> Self:
        confirmed = Registration.Status.CONFIRMED
        return self.filter(session=session, status=confirmed, reminded_at__isnull=True)

    def ending_with(self, session: EventSession, statuses: Collection[str]) -> Self:
        """What a session that is over leaves to be answered, in order."""
        return self.filter(session=session, status__in=statuses).order_by("pk")

    def upcoming(self, member: Member, at: datetime) -> Self:
        """The member's places in sessions that are not over, the next one first."""
        active = self.active().filter(member=member, session__ends_at__gt=at)
        return active.select_related("session", "event").order_by("session__starts_at", "pk")


class Registration(models.Model):
    """A member's place in one session of an event, at the price of then.

    waitlisted → offered until `offered_until` → confirmed → attended or no show; cancelled, or
    lapsed where nobody answered an offer or no seat came free. `rank` is the tier's of then: the
    waitlist goes by it. `code` is the ticket's, which nobody can guess. `entry` took the points
    and `restored_by` gave them back.
    """

    class Status(models.TextChoices):
        WAITLISTED = "waitlisted", pgettext_lazy("place", "on the waitlist")
        OFFERED = "offered", pgettext_lazy("place", "seat offered")
        CONFIRMED = "confirmed", pgettext_lazy("place", "confirmed")
        ATTENDED = "attended", pgettext_lazy("place", "attended")
        NO_SHOW = "no_show", pgettext_lazy("place", "did not come")
        CANCELLED = "cancelled", pgettext_lazy("place", "cancelled")
        LAPSED = "lapsed", pgettext_lazy("place", "lapsed")

    event = models.ForeignKey(
        Event, models.PROTECT, related_name="registrations", verbose_name=_("event")
    )
    session = models.ForeignKey(
        EventSession, models.PROTECT, related_name="registrations", verbose_name=_("session")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="registrations", verbose_name=_("member")
    )
    key = models.CharField(_("key"), max_length=300)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    rank = models.PositiveSmallIntegerField(_("Tier’s rank"), default=0)
    points = models.PositiveBigIntegerField(_("points"), default=0)
    code = models.CharField(pgettext_lazy("event", "ticket"), max_length=LENGTH, default=new_code)
    offered_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    entry = models.OneToOneField(
        PointsEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="registration",
        verbose_name=_("redeemed by"),
    )
    restored_by = models.OneToOneField(
        PointsEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("restored by"),
    )
    registered_at = models.DateTimeField(_("registered at"))
    changed_at = models.DateTimeField(_("changed at"))
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="registration_key_once"),
            models.UniqueConstraint(fields=["code"], name="registration_code_once"),
            models.UniqueConstraint(
                fields=["event", "member"],
                condition=Q(status__in=ACTIVE),
                name="registration_one_place_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(*ACTIVE, "attended", "no_show", "cancelled", "lapsed")),
                name="registration_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="offered", offered_until__isnull=False)
                | (~Q(status="offered") & Q(offered_until__isnull=True)),
                name="registration_offered_until",
            ),
            models.CheckConstraint(
                condition=Q(points=0, entry__isnull=True)
                | Q(points__gt=0, entry__isnull=False, status__in=(*SEATED, "cancelled"))
                | Q(
                    points__gt=0,
                    entry__isnull=True,
                    status__in=("waitlisted", "offered", "cancelled", "lapsed"),
                ),
                name="registration_paid_when_seated",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", entry__isnull=False, restored_by__isnull=False)
                | (Q(restored_by__isnull=True) & (~Q(status="cancelled") | Q(entry__isnull=True))),
                name="registration_cancelled_gives_back",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "status", "id"], name="registration_of_session"),
            models.Index(
                fields=["offered_until"],
                condition=Q(status="offered"),
                name="registration_offers",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How members and operators name it."""
        return f"E{self.pk:08d}"

    @property
    def shown_code(self) -> str:
        return grouped(self.code)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def holds_seat(self) -> bool:
        return self.status in HOLDING

    def cancel_until(self) -> datetime:
        """Before when its member may cancel: any time while nothing is confirmed, and after the
        session was moved; with its session and event.
        """
        session = self.session
        is_moved = session.moved_at is not None and self.changed_at < session.moved_at
        is_confirmed = self.status == self.Status.CONFIRMED
        return session.cancel_until if is_confirmed and not is_moved else session.starts_at

    def is_cancellable(self, at: datetime) -> bool:
        """Whether its member may cancel it at an instant."""
        return self.is_active and at < self.cancel_until()


class RegistrationStep(Step):
    """That a place came into a status: when, by which operator (none: the member or time)."""

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="steps")
    status = models.CharField(_("status"), max_length=10, choices=Registration.Status.choices)

    class Meta:
        verbose_name = _("step of a registration")
        verbose_name_plural = _("steps of a registration")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.registration_id} · {self.status}"
