"""`manage.py load_preset NAME`: a ready programme."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DomainError
from loyalty.presets import PRESETS
from loyalty.services.presets import load_preset


class Command(BaseCommand):
    help = "Load a ready programme: kinds of points, earning rules, tiers. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"One of: {', '.join(PRESETS)}.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preset = load_preset(name=options["name"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        tiers = " < ".join(tier.name_en for tier in preset.tiers)
        self.stdout.write(f"The programme “{options['name']}” is loaded. Tiers: {tiers}.")
