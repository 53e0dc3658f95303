"""What a run had come to each time an operator had it go on or run again."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock

from .base import AppendOnly
from .jobs import JobRun
from .ranges import JobStatus


class JobAttempt(AppendOnly):
    """A run as it stood before an operator started it anew: the runs of a step are not lost.

    `errors` holds one object for each failed range: its members, how often it was tried and the
    traceback.
    """

    class Ended(models.TextChoices):
        RESUMED = "resumed", _("resumed")
        REPEATED = "repeated", _("run again")

    run = models.ForeignKey(
        JobRun, models.PROTECT, related_name="attempts_before", verbose_name=_("run")
    )
    number = models.PositiveIntegerField(_("number"))
    ended = models.CharField(_("followed by"), max_length=8, choices=Ended)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    status = models.CharField(_("status"), max_length=8, choices=JobStatus)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    ranges_total = models.PositiveIntegerField(_("ranges"))
    ranges_done = models.PositiveIntegerField(_("ranges done"))
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    errors = models.JSONField(_("errors"), default=list, blank=True, encoder=DjangoJSONEncoder)
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("earlier attempt")
        verbose_name_plural = _("earlier attempts")
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="common_jobattempt_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.number}"
