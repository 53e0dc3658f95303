"""Apply a confirmed re-date run in this process: the way without workers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.numbers import format_number
from loyalty.models import RedateRun
from loyalty.services.redating.applying import apply_redating
from loyalty.services.redating.runs import resume_redating


class Command(BaseCommand):
    help = (
        "Apply every confirmed re-date run, or the one named, in this process. Workers may be at "
        "it too: the work is shared. A run that an error stopped is resumed when it is named. "
        "Exits 1 where a run is not done in the end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", type=int, help="the number of the run")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = list(RedateRun.objects.unfinished())
        if options["run"] is not None:
            runs = [self.named(options["run"])]
        if not runs:
            self.stdout.write(_("No re-date run waits to be applied."))
        for run in runs:
            self.report(apply_redating(run, watch=self.show))

    def named(self, number: int) -> RedateRun:
        """The run of that number, resumed if an error had stopped it."""
        run = RedateRun.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(_("There is no re-date run %(number)s.") % {"number": number})
        if run.status == RedateRun.Status.DONE:
            return run
        try:
            return resume_redating(run=run)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def show(self, run: RedateRun) -> None:
        self.stderr.write(f"{run} {run.ranges_done}/{run.ranges_total}", str)

    def report(self, run: RedateRun) -> None:
        if run.status != RedateRun.Status.DONE:
            told = {"run": run, "status": run.get_status_display()}
            raise CommandError(_("%(run)s is not done: %(status)s.") % told)
        told = {name: format_number(run.applied[name]) for name in ("lots", "members", "points")}
        text = _("%(lots)s lots of %(members)s members with %(points)s points were re-dated.")
        self.stdout.write(text % told)
