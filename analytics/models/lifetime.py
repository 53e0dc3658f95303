"""The lifetime models fitted to the programme's own purchases, and why there was none."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.errors import refusal_text
from common import clock
from common.models import AppendOnly

# Nothing that the models estimate is 0 or less.
_PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma")


class LifetimeFitQuerySet(models.QuerySet["LifetimeFit"]):
    def until(self, night: date) -> Self:
        """Fits of nights up to this one, the latest first."""
        return self.filter(business_date__lte=night).order_by("-business_date", "-pk")


class LifetimeFit(AppendOnly):
    """One fit of BG/NBD (r, alpha, a, b) and Gamma-Gamma (p, q, gamma); its number is its version.

    Time is in weeks, amounts are in units of the currency. `business_date` is the night as of
    which it was fitted: purchases of `window_from` to `calibration_end` counted. `customers` is
    how many members' histories it saw, of `buyers` that there were. `weeks` holds a second
    fit, to all but the last weeks, against what happened: rows of number, last day, actual and
    expected purchases and whether the fit had not seen them; `trial_end` is the last day that this
    one saw, none where the history is too short.
    """

    business_date = models.DateField(_("business date"))
    window_from = models.DateField(_("first purchase"))
    calibration_end = models.DateField(_("calibration end"))
    customers = models.PositiveIntegerField(_("members fitted to"))
    returned = models.PositiveIntegerField(_("of whom came back"))
    buyers = models.PositiveIntegerField(_("members who bought"))
    r = models.FloatField("r")
    alpha = models.FloatField("alpha")
    a = models.FloatField("a")
    b = models.FloatField("b")
    log_likelihood = models.FloatField(_("log-likelihood of returning"))
    p = models.FloatField("p")
    q = models.FloatField("q")
    gamma = models.FloatField("gamma")
    spend_log_likelihood = models.FloatField(_("log-likelihood of spending"))
    trial_end = models.DateField(_("trial's calibration end"), null=True, blank=True)
    weeks = models.JSONField(_("weeks"), default=list, blank=True)
    fitted_at = models.DateTimeField(_("fitted at"), default=clock.now, editable=False)

    objects = LifetimeFitQuerySet.as_manager()

    class Meta:
        verbose_name = _("lifetime fit")
        verbose_name_plural = _("lifetime fits")
        indexes = [models.Index(fields=["-business_date", "-id"], name="lifetime_fit_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}__gt": 0 for name in _PARAMETERS}),
                name="lifetime_fit_parameters_positive",
            ),
            models.CheckConstraint(condition=Q(q__gt=1), name="lifetime_fit_spend_has_mean"),
            models.CheckConstraint(
                condition=Q(returned__lte=F("customers"), customers__lte=F("buyers")),
                name="lifetime_fit_counts_of_each_other",
            ),
            models.CheckConstraint(
                condition=Q(window_from__lte=F("calibration_end"))
                & Q(calibration_end__lt=F("business_date")),
                name="lifetime_fit_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)s") % {"number": self.pk})


class LifetimeRefusalQuerySet(models.QuerySet["LifetimeRefusal"]):
    def until(self, night: date) -> Self:
        """Refusals of nights up to this one, the latest first."""
        return self.filter(business_date__lte=night).order_by("-business_date", "-pk")


class LifetimeRefusal(AppendOnly):
    """Why a night that should have fitted the models did not: its code and details."""

    business_date = models.DateField(_("business date"))
    code = models.CharField(_("code"), max_length=40)
    details = models.JSONField(_("details"), default=dict, blank=True)
    refused_at = models.DateTimeField(_("refused at"), default=clock.now, editable=False)

    objects = LifetimeRefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused lifetime fit")
        verbose_name_plural = _("refused lifetime fits")
        indexes = [models.Index(fields=["-business_date", "-id"], name="lifetime_refusal_latest")]

    def __str__(self) -> str:
        return refusal_text(self.code, self.details)
