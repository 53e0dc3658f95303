"""`manage.py lifetime_value [FILE]`: fit the lifetime models to a file, or to the programme."""

import json
from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from analytics.lifetime import UNIT, Trial, try_orders
from analytics.models import LifetimeFit
from analytics.order_files import FORMATS, read_orders
from analytics.rules.spending import Spending
from analytics.services.lifetime import fit_programme
from common import clock
from common.errors import DomainError

PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma")


def a_day(text: str) -> date:
    """A date as the command line writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“%s” is no date: write 1997-09-30.") % text) from error


class Command(BaseCommand):
    help = (
        "Fit BG/NBD and Gamma-Gamma by maximum likelihood and compare what they expect with what "
        "happened, week by week. With a file of orders, to that file, changing nothing. Without "
        "one, to the programme's own purchases: the fit is kept, and the next night predicts by it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--format", help=f"The file's, one of: {', '.join(FORMATS)}.")
        parser.add_argument(
            "--calibration-end",
            type=a_day,
            metavar="DATE",
            help="The last day that the models may see (default: the last in the file; yesterday).",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        path, form, end = options["file"], options["format"], options["calibration_end"]
        if (path is None) != (form is None):
            raise CommandError(_("A file and its --format go together."))
        try:
            told = of_programme(end) if path is None else of_file(path, form, end)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_json(told) if options["json"] else as_table(told))


def of_file(path: Path, form: str, end: date | None) -> dict[str, Any]:
    """What a file's orders give."""
    customers = read_orders(path, form)
    return _of_trial(try_orders(list(customers.values()), end))


def of_programme(end: date | None) -> dict[str, Any]:
    """What the programme's purchases give; kept as the latest fit."""
    today = clock.today()
    night = end + timedelta(days=1) if end else today
    if night > today:
        raise CommandError(_("That day is not over yet: the last that is was yesterday."))
    return _of_fit(fit_programme(night=night))


def _of_trial(trial: Trial) -> dict[str, Any]:
    lifetime = trial.lifetime
    return {
        **lifetime.parameters(),
        "log_likelihood": lifetime.returning.log_likelihood,
        "spend_log_likelihood": lifetime.spending.log_likelihood,
        "mean_spend": lifetime.spending.model.mean,
        "customers": lifetime.customers,
        "returned": lifetime.returned,
        "calibration_end": trial.calibration_end.isoformat(),
        "unit": UNIT,
        "weeks": [{**vars(week), "ends_on": week.ends_on.isoformat()} for week in trial.weeks],
    }


def _of_fit(fit: LifetimeFit) -> dict[str, Any]:
    return {
        **{name: getattr(fit, name) for name in PARAMETERS},
        "log_likelihood": fit.log_likelihood,
        "spend_log_likelihood": fit.spend_log_likelihood,
        "mean_spend": Spending(p=fit.p, q=fit.q, gamma=fit.gamma).mean,
        "customers": fit.customers,
        "returned": fit.returned,
        "calibration_end": fit.calibration_end.isoformat(),
        "unit": UNIT,
        "version": fit.pk,
        "weeks": fit.weeks,
    }


def as_json(told: Mapping[str, Any]) -> str:
    """One object; the parameters by the letters of the papers, dates in ISO 8601."""
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_table(told: Mapping[str, Any]) -> str:
    """The parameters, then a line for each week."""
    named = [
        (_("customers"), f"{told['customers']:,}"),
        (_("of whom came back and paid"), f"{told['returned']:,}"),
        (_("calibration end"), told["calibration_end"]),
        (_("unit of time"), _("weeks")),
        *((name, f"{told[name]:.4f}") for name in PARAMETERS),
        (_("log-likelihood of returning"), f"{told['log_likelihood']:,.2f}"),
        (_("log-likelihood of spending"), f"{told['spend_log_likelihood']:,.2f}"),
        (_("mean spend expected of anyone"), f"{told['mean_spend']:,.2f}"),
    ]
    lines = [f"{text:>14}  {name}" for name, text in named]
    if told["weeks"]:
        lines += ["", _("Repeat purchases by week: week, last day, actual, expected")]
    for week in told["weeks"]:
        held_out = _("held out") if week["is_held_out"] else ""
        numbers = f"{week['actual']:>7,}  {week['expected']:>9,.1f}"
        lines.append(f"{week['number']:>4}  {week['ends_on']}  {numbers}  {held_out}".rstrip())
    return "\n".join(lines)
