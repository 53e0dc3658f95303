"""What the nightly proof of the books found."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock

from .base import AppendOnly


class LedgerProof(AppendOnly):
    """One proof of every statement: how many rows broke them, and the first of each.

    `findings` holds an object for each broken statement: its id, how many rows, the first of them.
    """

    business_date = models.DateField(_("business date"))
    checks = models.PositiveIntegerField(_("statements"))
    violations = models.PositiveIntegerField(_("rows that break them"))
    findings = models.JSONField(_("findings"), default=list, blank=True, encoder=DjangoJSONEncoder)
    recorded_at = models.DateTimeField(_("recorded at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("proof of the ledger")
        verbose_name_plural = _("proofs of the ledger")
        indexes = [models.Index(fields=["business_date"], name="common_ledgerproof_by_date")]

    def __str__(self) -> str:
        return f"{self.business_date:%Y-%m-%d}"

    @property
    def is_clean(self) -> bool:
        return self.violations == 0

    @property
    def broken(self) -> str:
        """The ids of the broken statements, for a sentence."""
        return ", ".join(finding["id"] for finding in self.findings)
