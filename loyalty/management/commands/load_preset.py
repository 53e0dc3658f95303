"""`manage.py load_preset NAME`: a ready programme."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common.errors import DomainError
from loyalty.presets import PRESETS
from loyalty.programme_words import programme_words
from loyalty.services.presets import load_preset


class Command(BaseCommand):
    help = (
        "Load a ready programme: kinds of points, earning rules, tiers, worth of points. Rules "
        "that it does not have are taken out of force; points, members and their tiers stay. Then "
        "says what holds. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"One of: {', '.join(PRESETS)}.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_preset(name=options["name"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("The programme “%(name)s” is loaded.") % {"name": options["name"]})
        for chapter in programme_words():
            self.stdout.write("")
            self.stdout.write(chapter.title)
            for line in chapter.lines:
                self.stdout.write(f"  {line}")
        if loaded.retired:
            codes = ", ".join(loaded.retired)
            self.stdout.write("")
            self.stdout.write(_("Taken out of force: %(codes)s.") % {"codes": codes})
