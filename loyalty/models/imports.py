"""Files of purchases: the whole file is staged here before anything is applied."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.money import MoneyField


class PurchaseImport(models.Model):
    """One file: what it was, how far it is, and what came of it."""

    class Status(models.TextChoices):
        STAGING = "staging", _("Being read")
        APPLYING = "applying", _("Being applied")
        DONE = "done", _("Done")

    source = models.CharField(_("source"), max_length=40)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.STAGING
    )
    owner = models.CharField(_("worked on by"), max_length=200, blank=True)
    # Whoever works on the file holds it: each write of theirs compares it, so that a process that
    # was taken for dead writes nothing more.
    token = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"), default=clock.now)
    touched_at = models.DateTimeField(_("last worked on"), default=clock.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    purchases = models.PositiveIntegerField(_("purchases"), default=0)
    refunds = models.PositiveIntegerField(_("refunds"), default=0)
    guests = models.PositiveIntegerField(_("of guests"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    members_created = models.PositiveIntegerField(_("members created"), default=0)
    points_earned = models.BigIntegerField(_("points earned"), default=0)
    points_clawed_back = models.BigIntegerField(_("points clawed back"), default=0)
    errors = models.PositiveIntegerField(_("refused"), default=0)

    UNFINISHED = (Status.STAGING, Status.APPLYING)
    COUNTERS = (
        "purchases",
        "refunds",
        "guests",
        "skipped",
        "members_created",
        "points_earned",
        "points_clawed_back",
        "errors",
    )

    class Meta:
        verbose_name = _("import of purchases")
        verbose_name_plural = _("imports of purchases")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "sha256"],
                condition=~Q(status="done"),
                name="import_one_unfinished_per_file",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def summary(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.COUNTERS}


class StagedInvoiceQuerySet(models.QuerySet["StagedInvoice"]):
    def of_import(self, run: PurchaseImport) -> Self:
        return self.filter(run=run)

    def waiting(self, run: PurchaseImport, limit: int | None = None) -> Self:
        """The next invoices to apply, in the order of what happened."""
        return self.filter(run=run, status=StagedInvoice.Status.WAITING).order_by("position")[
            :limit
        ]


class StagedInvoice(models.Model):
    """One invoice of a file: its rows taken together, and what became of it."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("Purchase")
        REFUND = "refund", _("Refund")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPLIED = "applied", _("Applied")
        KNOWN = "known", _("Known already")
        SKIPPED = "skipped", _("Skipped")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(PurchaseImport, models.CASCADE, related_name="invoices")
    number = models.CharField(_("invoice"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    customer = models.CharField(_("customer"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"), null=True, blank=True)
    amount = MoneyField(_("amount"), default=0)
    first_row = models.PositiveIntegerField(_("first row"))
    position = models.PositiveIntegerField(_("position"), default=0)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    reason_row = models.PositiveIntegerField(_("row"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = StagedInvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("staged invoice")
        verbose_name_plural = _("staged invoices")
        indexes = [
            models.Index(fields=["run", "status", "position"], name="invoice_waiting"),
            models.Index(fields=["run", "customer"], name="invoice_customer"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="invoice_once_per_import"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def happened_at(self) -> datetime:
        """The instant of an invoice that was not refused."""
        if self.at is None:
            raise ValueError(f"Invoice {self.number} has no instant.")
        return self.at


class StagedRow(models.Model):
    """One row of a file as it was read; `error` says why it cannot be used.

    `unit_price` is in ten-thousandths, `quantity` in thousandths, so that sums in SQL are exact.
    """

    run = models.ForeignKey(PurchaseImport, models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField(_("row"))
    invoice = models.CharField(_("invoice"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=StagedInvoice.Kind.choices)
    customer = models.CharField(_("customer"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"), null=True, blank=True)
    sku = models.CharField(_("article"), max_length=60, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.BigIntegerField(_("quantity"), default=0)
    unit_price = models.BigIntegerField(_("unit price"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("staged row")
        verbose_name_plural = _("staged rows")
        indexes = [models.Index(fields=["run", "invoice", "row"], name="row_of_invoice")]

    def __str__(self) -> str:
        return f"{self.row}"
