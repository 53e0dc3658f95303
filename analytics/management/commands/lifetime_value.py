"""`manage.py lifetime_value FILE --format NAME`: fit the lifetime models to a file of orders."""

import json
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from analytics.lifetime import UNIT, Trial, try_orders
from analytics.order_files import FORMATS, read_orders
from common.errors import DomainError


def a_day(text: str) -> date:
    """A date as the command line writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“%s” is no date: write 1997-09-30.") % text) from error


class Command(BaseCommand):
    help = (
        "Fit BG/NBD and Gamma-Gamma by maximum likelihood to a file of orders and compare what "
        "they expect with what happened, week by week. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, help=f"One of: {', '.join(FORMATS)}.")
        parser.add_argument(
            "--calibration-end",
            type=a_day,
            metavar="DATE",
            help="The last day that the models may see (default: the last day in the file).",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            customers = read_orders(options["file"], options["format"])
            trial = try_orders(list(customers.values()), options["calibration_end"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_json(trial) if options["json"] else as_table(trial))


def as_json(trial: Trial) -> str:
    """One object; the parameters by the letters of the papers, dates in ISO 8601."""
    lifetime = trial.lifetime
    answer = {
        **lifetime.parameters(),
        "log_likelihood": lifetime.returning.log_likelihood,
        "spend_log_likelihood": lifetime.spending.log_likelihood,
        "mean_spend": lifetime.spending.model.mean,
        "customers": lifetime.customers,
        "returned": lifetime.returned,
        "calibration_end": trial.calibration_end.isoformat(),
        "unit": UNIT,
        "weeks": [
            {
                "week": week.number,
                "ends_on": week.ends_on.isoformat(),
                "actual": week.actual,
                "expected": week.expected,
                "is_held_out": week.is_held_out,
            }
            for week in trial.weeks
        ],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def as_table(trial: Trial) -> str:
    """The parameters, then a line for each week."""
    lifetime = trial.lifetime
    named = [
        (_("customers"), f"{lifetime.customers:,}"),
        (_("of whom came back and paid"), f"{lifetime.returned:,}"),
        (_("calibration end"), f"{trial.calibration_end}"),
        (_("unit of time"), _("weeks")),
        *((name, f"{number:.4f}") for name, number in lifetime.parameters().items()),
        (_("log-likelihood of returning"), f"{lifetime.returning.log_likelihood:,.2f}"),
        (_("log-likelihood of spending"), f"{lifetime.spending.log_likelihood:,.2f}"),
        (_("mean spend expected of anyone"), f"{lifetime.spending.model.mean:,.2f}"),
    ]
    lines = [f"{text:>14}  {name}" for name, text in named]
    lines += ["", _("Repeat purchases by week: week, last day, actual, expected")]
    for week in trial.weeks:
        held_out = _("held out") if week.is_held_out else ""
        line = f"{week.number:>4}  {week.ends_on}  {week.actual:>7,}  {week.expected:>9,.1f}"
        lines.append(f"{line}  {held_out}".rstrip())
    return "\n".join(lines)
