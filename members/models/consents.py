"""What members agreed to: how they may be written to, the terms, and the texts word for word."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import AppendOnly, in_active_language

from .people import Member


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def current(self) -> dict[str, "ConsentText"]:
        """The text that holds now of each subject."""
        return {text.subject: text for text in self.order_by("version")}

    def of(self, subject: str) -> Self:
        return self.filter(subject=subject)

    def unread_by_login(self) -> Subquery:
        """The terms that hold now where a login's member has not agreed to them, as a column of a
        query over logins; none where they have, or where nobody was ever asked.
        """
        terms = self.of(ConsentText.Subject.TERMS)
        newer = terms.filter(version__gt=OuterRef("version"))
        agreed = Agreement.objects.filter(
            text=OuterRef("pk"), member__user=OuterRef(OuterRef("pk"))
        )
        return Subquery(terms.filter(~Exists(newer), ~Exists(agreed)).values("pk")[:1])


class ConsentText(AppendOnly):
    """One wording of what members are asked to agree to; a new wording is a new version."""

    class Subject(models.TextChoices):
        TERMS = "terms", _("terms of the programme")
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("text message")
        WECHAT = "wechat", _("WeChat")
        PHONE = "phone", _("phone call")

    subject = models.CharField(_("subject"), max_length=6, choices=Subject)
    version = models.PositiveIntegerField(_("version"))
    text_en = models.TextField(_("text in English"))
    text_zh = models.TextField(_("text in Chinese"))
    published_at = models.DateTimeField(_("published at"), default=clock.now)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text to agree to")
        verbose_name_plural = _("texts to agree to")
        ordering = ["subject", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "version"], name="consenttext_version_once"),
            models.CheckConstraint(
                condition=Q(subject__in=("terms", "email", "sms", "wechat", "phone")),
                name="consenttext_subject_known",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="consenttext_version_from_one"
            ),
            models.CheckConstraint(
                condition=~Q(text_en="") & ~Q(text_zh=""), name="consenttext_in_both_languages"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.version}"

    @property
    def text(self) -> str:
        """The wording in the active language."""
        return in_active_language(self.text_en, self.text_zh)


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def of(self, member: Member) -> Self:
        """What a member agreed to, the latest first, with the wordings."""
        return self.filter(member=member).select_related("text").order_by("-at", "-pk")


class Agreement(AppendOnly):
    """That a member agreed to the terms: which wording, in which language, when and where."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="agreements", verbose_name=_("member")
    )
    text = models.ForeignKey(
        ConsentText, models.PROTECT, related_name="agreements", verbose_name=_("text")
    )
    language = models.CharField(_("language"), max_length=7)
    at = models.DateTimeField(_("said at"))
    source = models.CharField(_("said where"), max_length=40)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement to the terms")
        verbose_name_plural = _("agreements to the terms")
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=("en", "zh-hans")), name="agreement_language_known"
            ),
        ]
        indexes = [models.Index(fields=["member", "at"], name="agreement_of_member")]

    def __str__(self) -> str:
        return str(self.text)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def current(self, member: Member) -> dict[str, bool]:
        """What the member last said, by channel; a channel never spoken of is missing."""
        said = self.filter(member=member).order_by("at", "pk")
        return dict(said.values_list("channel", "is_granted"))

    def granted(self, member_ids: Collection[int]) -> set[tuple[int, str]]:
        """Of these members, who last said yes to which channel."""
        said = self.filter(member__in=member_ids).order_by("at", "pk")
        latest = {
            (member_id, channel): is_granted
            for member_id, channel, is_granted in said.values_list(
                "member_id", "channel", "is_granted"
            )
        }
        return {of for of, is_granted in latest.items() if is_granted}

    def of_login(self, channel: str) -> Coalesce:
        """Whether a login's member last agreed to a channel, as a column of a query over logins."""
        said = self.filter(member__user=OuterRef("pk"), channel=channel).order_by("-at", "-pk")
        latest = Subquery(said.values("is_granted")[:1], output_field=models.BooleanField())
        return Coalesce(latest, Value(value=False))


class Consent(AppendOnly):
    """What a member said about being written to: kept as it was said, the last one counts."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("in the portal")
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("text message")
        WECHAT = "wechat", _("WeChat")
        PHONE = "phone", _("phone call")
        # Not a way to write to somebody: whether the portal may count what they look at.
        VISITS = "visits", _("visit statistics")

    member = models.ForeignKey(
        Member, verbose_name=_("member"), on_delete=models.PROTECT, related_name="consents"
    )
    channel = models.CharField(_("channel"), max_length=6, choices=Channel.choices)
    is_granted = models.BooleanField(_("granted"))
    at = models.DateTimeField(_("said at"))
    source = models.CharField(_("said where"), max_length=40)
    # The words that were shown, where they were; and in which language.
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="consents"
    )
    language = models.CharField(_("language"), max_length=7, blank=True, default="")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=("in_app", "email", "sms", "wechat", "phone", "visits")),
                name="consent_channel_known",
            ),
            models.CheckConstraint(
                # Whoever was shown a text read it in a language.
                condition=Q(text__isnull=True, language="")
                | Q(text__isnull=False, language__in=("en", "zh-hans")),
                name="consent_text_in_a_language",
            ),
        ]
        indexes = [models.Index("member", "channel", F("at").desc(), name="consent_latest")]

    def __str__(self) -> str:
        answer = _("yes") if self.is_granted else _("no")
        return f"{self.get_channel_display()}: {answer}"
