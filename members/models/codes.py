"""Six-digit codes on their way to a phone number or an e-mail address, and what limits them."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import TryCounter, TryCounterQuerySet
from members import rules
from members.rules import Contact


class ContactCodeQuerySet(models.QuerySet["ContactCode"]):
    def open(self, *, at: datetime) -> Self:
        """Codes that may still be typed in."""
        return self.filter(verified_at__isnull=True, expires_at__gt=at)

    def count_try(self, *, at: datetime) -> bool:
        """Count one more typed code where some are left: one statement, whoever else types."""
        left = self.open(at=at).filter(tries__lt=rules.CODE_TRIES)
        return left.update(tries=F("tries") + 1) == 1

    def verify(self, *, at: datetime) -> bool:
        """Mark a code as typed right; once."""
        return self.open(at=at).update(verified_at=at) == 1

    def use(self, *, at: datetime) -> bool:
        """Take what a right code proved; once, and only for a while."""
        fresh = self.filter(verified_at__gt=at - rules.PROOF_LASTS, used_at__isnull=True)
        return fresh.update(used_at=at) == 1


class ContactCode(models.Model):
    """A code that was sent, to prove that somebody is reached there.

    Its digits are kept as a keyed digest. `verified_at` is when they were typed in, `used_at` when
    what they proved was used: to sign in, to join, to set a password or to change a contact.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("signing in")
        JOIN = "join", _("joining")
        RESET = "reset", _("a new password")
        CHANGE = "change", _("another contact")
        CONFIRM = "confirm", _("confirming who it is")

    purpose = models.CharField(_("for"), max_length=7, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=5, choices=rules.CODE_CHANNELS)
    address = models.CharField(_("sent to"), max_length=254)
    # Who asked, where somebody signed in did.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("login"),
    )
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("sent at"), default=clock.now)
    expires_at = models.DateTimeField(_("expires at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    verified_at = models.DateTimeField(_("typed in at"), null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects = ContactCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=("sign_in", "join", "reset", "change", "confirm")),
                name="contactcode_purpose_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=("sms", "email")), name="contactcode_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(tries__lte=rules.CODE_TRIES), name="contactcode_tries_bounded"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(verified_at__isnull=False),
                name="contactcode_used_after_typed",
            ),
            models.CheckConstraint(
                # Who is signed in asks for these, nobody else.
                condition=Q(user__isnull=False, purpose__in=("change", "confirm"))
                | Q(user__isnull=True, purpose__in=("sign_in", "join", "reset")),
                name="contactcode_asked_by",
            ),
        ]
        indexes = [
            models.Index(fields=["address", "created_at"], name="contactcode_sent"),
            models.Index(fields=["created_at"], name="contactcode_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.contact.masked}"

    @property
    def contact(self) -> Contact:
        return Contact(channel=self.channel, address=self.address)


class AccessCounterQuerySet(TryCounterQuerySet):
    pass


class AccessCounter(TryCounter):
    """Codes asked for and passwords tried, by person and by address, in windows of time.

    `guesser` names neither: it is a kind and a keyed digest.
    """

    opened_at = models.DateTimeField(_("since"), default=clock.now)

    objects = AccessCounterQuerySet.as_manager()

    class Meta(TryCounter.Meta):
        verbose_name = _("tries to sign in")
        verbose_name_plural = _("tries to sign in")
