"""Run the nights that are owed, in order, up to a business date."""

import getpass
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils.translation import gettext as _

from common import clock
from common.errors import DomainError
from common.jobs.guards import confirm_guard, waiting_check
from common.jobs.nights import NightReport, run_nights
from common.jobs.steps import Counts, Figures
from common.models import JobRun


class Command(BaseCommand):
    help = (
        "Run every night that is owed, in order, up to a business date: however many there are. "
        "The first night ever is the date given. Other processes may be at it too: the work is "
        "shared. Exits 1 with the error when a step fails; run again to resume where it stopped. "
        "Exits 1 with the figures when a guard holds a step; --confirm lets that one go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date", help="the business date, as YYYY-MM-DD (default: today in the programme)"
        )

        parser.add_argument(
            "--confirm",
            action="store_true",
            help="first confirm the guard that holds the nights now, whose figures an earlier run"
            " printed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = options["date"]
        until = clock.today() if text is None else parse_date(text)
        progress = Progress(self.stderr)
        if options["confirm"]:
            self.stdout.write(confirm_waiting())
        try:
            report = run_nights(until, watch=progress.show)
        except DomainError as error:
            raise CommandError(str(error)) from error
        finally:
            progress.end()
        self.stdout.write(conclusion(report))
        if report.failed is not None:
            raise CommandError(
                _("%(run)s failed for members %(first)s to %(last)s:")
                % {
                    "run": report.failed.run,
                    "first": report.failed.first_member_id,
                    "last": report.failed.last_member_id,
                }
                + f"\n{report.failed.error.rstrip()}"
            )
        if report.guard is not None:
            raise CommandError(
                _(
                    "%(run)s is held: %(guard)s (%(figures)s). Nothing after it runs. When the"
                    " figures are right, run again with --confirm or confirm on the night's page."
                )
                % {
                    "run": report.guard.run,
                    "guard": guard_name(report.guard.name),
                    "figures": in_figures(report.guard.figures),
                }
            )
        if report.is_held:
            raise CommandError(_("Another process holds the work without finishing it."))


def confirm_waiting() -> str:
    """Confirm what holds the nights now, in the name of the system's user; say what it was."""
    check = waiting_check()
    if check is None:
        return _("No guard waits for a confirmation.")
    word = confirm_guard(check=check, operator=None, by=f"run_nightly ({getpass.getuser()})")
    return _("Confirmed for %(date)s: %(guard)s (%(figures)s).") % {
        "date": check.business_date,
        "guard": guard_name(check.name),
        "figures": in_figures(word.figures),
    }


class Progress:
    """One updating line on a terminal, a line per finished step elsewhere."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.is_terminal = out.isatty()
        self.width = 0

    def show(self, run: JobRun) -> None:
        line = f"{run.business_date:%Y-%m-%d} {run.step} {run.ranges_done}/{run.ranges_total}"
        line += f" {in_words(run.counts)}" if run.counts else ""
        if self.is_terminal:
            self.out.write(f"\r{line:<{self.width}}", str, ending="")
            self.out.flush()
            self.width = len(line)
        elif run.is_done:
            self.out.write(line, str)

    def end(self) -> None:
        """Leave the updating line, so that what follows begins on its own."""
        if self.width:
            self.out.write("")


def parse_date(text: str) -> date:
    """A date as YYYY-MM-DD; anything else is refused."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            _("“%(text)s” is not a date; write it as YYYY-MM-DD.") % {"text": text}
        ) from error


def conclusion(report: NightReport) -> str:
    """What was done, in a line for the nights and one for each step with counts."""
    if not report.dates:
        if not report.is_complete:
            return _("No night was finished.")
        return _("The night of %(until)s has run already; there is nothing to do.") % {
            "until": report.until
        }
    lines = [
        _("Nights: %(count)s, from %(first)s to %(last)s.")
        % {"count": len(report.dates), "first": report.dates[0], "last": report.dates[-1]}
    ]
    lines += [f"{step}: {in_words(counts)}" for step, counts in report.totals().items() if counts]
    return "\n".join(lines)


def guard_name(name: str) -> str:
    """What operators call a guard."""
    return str(settings.NIGHTLY_GUARD_NAMES.get(name, name))


def in_figures(figures: Figures) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure is not None)


def in_words(counts: Counts) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
