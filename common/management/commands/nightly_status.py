"""Say how the nights are, for people and for monitoring."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.jobs.status import NightlyStatus, nightly_status
from common.models import JobRun


class Command(BaseCommand):
    help = (
        "Print the last complete night, the dates owed, and what is running, failed or held. "
        "Exits 1 when a night is overdue (NIGHTLY_GRACE_MINUTES after its hour), a step has "
        "failed, or a guard waits for an operator; 0 otherwise. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        status = nightly_status()
        self.stdout.write(as_json(status) if options["json"] else as_text(status))
        if status.needs_somebody:
            raise CommandError(_("The nights need somebody: %(what)s.") % {"what": wrong(status)})


def wrong(status: NightlyStatus) -> str:
    """What makes the command exit 1, in a few words."""
    troubles = {
        _("overdue"): status.is_overdue,
        _("failed"): status.failed,
        _("held by a guard"): status.held,
        _("the date has jumped"): status.jump,
    }
    return ", ".join(name for name, is_so in troubles.items() if is_so)


def as_text(status: NightlyStatus) -> str:
    """A line for each figure; what is empty is a dash."""
    owed = ""
    if status.owed:
        owed = f"{len(status.owed)} ({status.owed[0]} … {status.owed[-1]})"
    proof = status.broken_proof
    lines = [
        (_("last complete"), str(status.last_complete or "")),
        (_("owed"), owed),
        (_("overdue"), _("yes") if status.is_overdue else _("no")),
        (_("running"), named(status.running)),
        (_("failed"), named(status.failed)),
        (_("held"), named(status.held)),
        (_("jump of the date"), _("waits for an operator") if status.jump else ""),
        (_("ledger broken"), f"{proof} {proof.broken}" if proof else ""),
    ]
    return "\n".join(f"{name}: {value or '–'}" for name, value in lines)


def as_json(status: NightlyStatus) -> str:
    """One object with the same figures; dates are ISO."""
    proof = status.broken_proof
    return json.dumps(
        {
            "last_complete": status.last_complete.isoformat() if status.last_complete else None,
            "owed": [day.isoformat() for day in status.owed],
            "is_overdue": status.is_overdue,
            "running": [_run(run) for run in status.running],
            "failed": [_run(run) for run in status.failed],
            "held": [_run(run) for run in status.held],
            "is_jump_waiting": status.jump is not None,
            "broken_invariants": [finding["id"] for finding in proof.findings] if proof else [],
            "needs_somebody": status.needs_somebody,
        },
        indent=2,
    )


def named(runs: Iterable[JobRun]) -> str:
    return ", ".join(
        f"{run.step} {run.business_date} {run.ranges_done}/{run.ranges_total}" for run in runs
    )


def _run(run: JobRun) -> dict[str, object]:
    return {
        "step": run.step,
        "business_date": run.business_date.isoformat(),
        "ranges_done": run.ranges_done,
        "ranges_total": run.ranges_total,
    }
