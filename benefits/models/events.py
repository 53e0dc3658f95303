"""Exclusive events: what they are, whom they are for, and who may register earlier."""

from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from benefits.rules import events as rules
from common.models import Named, in_active_language
from loyalty.models import Tier
from members.models import Segment

from .windows import TierWindow

# A fortnight: what is to be answered or remembered lies no further ahead.
MOST_HOURS = 14 * 24
HOURS = [MaxValueValidator(MOST_HOURS)]
SOME_HOURS = [MinValueValidator(1), *HOURS]


class EventQuerySet(models.QuerySet["Event"]):
    def locked(self) -> Self:
        """The row as a lock on what operators do with it: evaluate at once."""
        return self.select_for_update(of=("self",), no_key=True)

    def whole(self) -> Self:
        """With what decides about members, in four more queries for any number of rows."""
        # The pages ask for pictures by addresses of their own.
        named = self.select_related("picture").defer("picture__content")
        windows = EventWindow.objects.select_related("tier").only("event", "opens_at", "tier__rank")
        return named.prefetch_related(
            models.Prefetch("windows", windows), "tiers", "segments", "sessions"
        )

    def public(self) -> Self:
        """What members may know of, cancelled events among them."""
        return self.exclude(status=Event.Status.DRAFT)

    def coming(self, at: datetime) -> Self:
        """Published events with a session that is not over, by whichever of these comes first."""
        still = Q(sessions__ends_at__gt=at, sessions__status="scheduled")
        first = models.Min("sessions__starts_at", filter=still)
        dated = self.filter(status=Event.Status.PUBLISHED).annotate(next_at=first)
        return dated.filter(next_at__isnull=False).order_by("next_at", "pk")


class Event(Named):
    """Something that members are invited to, in one or more sessions with so many seats each.

    draft → published → cancelled. For members of `tiers` and `segments`, where any are named.
    Registration opens for everyone at `opens_at`, earlier for tiers with a window, and ends
    `closes_hours` before a session. A registration keeps the price at which it was made.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("event", "draft")
        PUBLISHED = "published", pgettext_lazy("event", "published")
        CANCELLED = "cancelled", pgettext_lazy("event", "cancelled")

    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    theme_en = models.CharField(_("theme in English"), max_length=80, blank=True)
    theme_zh = models.CharField(_("theme in Chinese"), max_length=80, blank=True)
    description_en = models.TextField(_("description in English"), max_length=4000, blank=True)
    description_zh = models.TextField(_("description in Chinese"), max_length=4000, blank=True)
    place_en = models.CharField(_("place in English"), max_length=200, blank=True)
    place_zh = models.CharField(_("place in Chinese"), max_length=200, blank=True)
    link = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=_("Where it takes place on the net: only members with a seat see it."),
    )
    points = models.PositiveBigIntegerField(
        _("costs points"), default=0, help_text=_("0: free. Registrations keep their price.")
    )
    tiers = models.ManyToManyField(
        Tier,
        verbose_name=_("tiers"),
        blank=True,
        related_name="+",
        help_text=_("Without any, members of every tier may come."),
    )
    segments = models.ManyToManyField(
        Segment,
        verbose_name=_("segments"),
        blank=True,
        related_name="+",
        help_text=_("Members of one of them may come; without any, all may."),
    )
    opens_at = models.DateTimeField(
        _("registration opens"),
        null=True,
        blank=True,
        help_text=_("For everyone whom it is for; left empty, as soon as it is published."),
    )
    closes_hours = models.PositiveSmallIntegerField(
        _("registration ends, hours before"), default=0, validators=HOURS
    )
    cancel_hours = models.PositiveSmallIntegerField(
        _("members may cancel until, hours before"), default=24, validators=HOURS
    )
    has_waitlist = models.BooleanField(_("has a waitlist"), default=True)
    accept_hours = models.PositiveSmallIntegerField(
        _("hours to accept a seat"),
        default=24,
        validators=SOME_HOURS,
        help_text=_("So long a seat that came free is kept for whoever waited for it."),
    )
    reminder_hours = models.PositiveSmallIntegerField(
        _("reminder, hours before"),
        default=24,
        validators=HOURS,
        help_text=_("0: nobody is reminded."),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True, editable=False)

    objects = EventQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[tiers, segments])

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", published_at__isnull=True, cancelled_at__isnull=True)
                | Q(status="published", published_at__isnull=False, cancelled_at__isnull=True)
                | Q(status="cancelled", published_at__isnull=False, cancelled_at__isnull=False),
                name="event_status_has_its_instants",
            ),
            models.CheckConstraint(
                condition=~Q(place_en="") | ~Q(link=""), name="event_is_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(
                    closes_hours__lte=MOST_HOURS,
                    cancel_hours__lte=MOST_HOURS,
                    reminder_hours__lte=MOST_HOURS,
                    accept_hours__range=(1, MOST_HOURS),
                ),
                name="event_hours_in_a_fortnight",
            ),
        ]

    @property
    def theme(self) -> str:
        return in_active_language(self.theme_en, self.theme_zh)

    @property
    def description(self) -> str:
        """What it is about, in the active language."""
        return in_active_language(self.description_en, self.description_zh)

    @property
    def place(self) -> str:
        """Where it is, in the active language; empty for what is only on the net."""
        return in_active_language(self.place_en, self.place_zh)

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    def invitation(self) -> rules.Invitation:
        """What the rules need to know of it."""
        return rules.Invitation(
            is_published=self.status != self.Status.DRAFT,
            opens_at=self.opens_at,
            windows=[(window.tier.rank, window.opens_at) for window in self.windows.all()],
            tiers=frozenset(tier.pk for tier in self.tiers.all()),
            segments=frozenset(segment.pk for segment in self.segments.all()),
        )


class EventWindow(TierWindow):
    """From when on members of a tier, and of those above it, may register before everyone."""

    # A window means nothing without its event.
    event = models.ForeignKey(Event, models.CASCADE, related_name="windows")

    class Meta:
        verbose_name = _("earlier registration")
        verbose_name_plural = _("earlier registrations")
        constraints = [
            models.UniqueConstraint(fields=["event", "tier"], name="eventwindow_once_per_tier"),
        ]


class EventPicture(models.Model):
    """An event's picture, checked to be one; in the database, so that a backup holds it."""

    # A picture means nothing without its event.
    event = models.OneToOneField(Event, models.CASCADE, related_name="picture")
    media_type = models.CharField(_("media type"), max_length=20)
    content = models.BinaryField(_("picture"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("picture of an event")
        verbose_name_plural = _("pictures of events")
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=("image/png", "image/jpeg", "image/webp", "image/gif")),
                name="eventpicture_is_a_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} · {self.media_type}"
