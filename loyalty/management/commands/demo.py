"""`manage.py demo`: a shop to look at, with two logins that everyone knows."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from common import clock
from common.jobs.nights import run_nights
from loyalty.demo import logins
from loyalty.demo.loading import is_loaded, load_demo
from members.models import Member, User

SEED = 20_240_517
MEMBERS = 400
FEWEST_MEMBERS = 2


class Command(BaseCommand):
    help = (
        "Load the demo into an empty database: a programme, members and a year of purchases from a"
        " seeded generator. Then run the nights that are due and print how to sign in. Loaded"
        " before, it keeps the data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=MEMBERS, help="how many, from 2")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another shop")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("The demo is loaded already; its data is kept.")
        else:
            _check_place(options["members"])
            self.stdout.write("Loading the demo: a year of purchases takes half a minute …")
            done = load_demo(seed=options["seed"], members=options["members"])
            self.stdout.write(", ".join(f"{count:,} {name}" for name, count in done.items()))
        for path in settings.DEMO_OFFERS:
            import_string(path)()
        self._run_nights()
        self.stdout.write(f"Operator: {logins.OPERATOR}  ·  password: {logins.PASSWORD}")
        self.stdout.write(
            f"Member: {logins.MEMBER_PHONE} or {logins.MEMBER_EMAIL}"
            f"  ·  password: {logins.PASSWORD}"
        )

    def _run_nights(self) -> None:
        report = run_nights(clock.today())
        if not report.is_complete:
            error = report.failed.error if report.failed else "Others hold its ranges."
            raise CommandError(f"The night did not finish. {error}")
        if report.dates:
            self.stdout.write(f"Nights run: {len(report.dates)}, up to {report.dates[-1]}.")


def _check_place(members: int) -> None:
    """Refuse where the demo does no good: its passwords are published."""
    if not settings.DEBUG:
        raise CommandError("The demo's passwords are known to everyone: only with DEBUG=true.")
    if members < FEWEST_MEMBERS:
        raise CommandError(f"The demo needs {FEWEST_MEMBERS} members at least.")
    if Member.objects.exists() or User.objects.filter(username=logins.OPERATOR).exists():
        raise CommandError("This database has members or operators of its own; nothing was loaded.")
