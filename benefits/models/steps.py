"""What became of a thing, step by step: orders, places at events."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import User


class Step(models.Model):
    """When something came into a status, by which operator (none: the member or time), and why.

    Each table says whose steps they are, and which statuses there are.
    """

    at = models.DateTimeField(_("at"))
    operator = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        abstract = True
