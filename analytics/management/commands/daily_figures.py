"""Write the figures of past days anew, in this process: the way without a night."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from analytics.services.figures import earliest_date, record_days, record_joined, whole_span
from common import clock


class Command(BaseCommand):
    help = (
        "Write the daily figures of these days anew, a year at a time, each in its own "
        "transaction. Nights do it by themselves for whatever days have new facts; this is for "
        "after a repair of past facts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", metavar="DATE", help="the programme's first")
        parser.add_argument("--to", dest="last", metavar="DATE", help="yesterday, if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        night = clock.today()
        earliest = earliest_date(night)
        if earliest is None:
            self.stdout.write(_("Nothing has happened yet."))
            return
        first = self.day(options["first"], earliest)
        last = self.day(options["last"], night - timedelta(days=1))
        if first > last or last >= night:
            raise CommandError(_("Give days that are over, the earlier one first."))
        done = 0
        spans = whole_span(first, last)
        for start, end in spans:
            done += record_days(first=start, last=end, night=night)
            self.stderr.write(f"{start} – {end}: {done}/{(last - first).days + 1}", str)
        record_joined()
        self.stdout.write(_("Figures of %(days)s days were written.") % {"days": done})

    def day(self, text: str | None, default: date) -> date:
        """A date as it was given, or the default."""
        if text is None:
            return default
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(_("“%(text)s” is no date.") % {"text": text}) from error
