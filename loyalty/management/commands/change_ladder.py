"""Preview or apply drafts of the ladder in this process: the way without workers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.numbers import format_number
from loyalty.models import LadderDraft
from loyalty.services.ladder_changes.applying import work_on_draft
from loyalty.services.ladder_changes.drafts import resume_draft
from loyalty.services.ladder_changes.figures import effect_of

ENDED = (LadderDraft.Status.PREVIEWED, LadderDraft.Status.DONE)


class Command(BaseCommand):
    help = (
        "Do the work of every draft that is being previewed or applied, or of the one named, in "
        "this process. Workers may be at it too: the work is shared. A draft that an error stopped "
        "is resumed when it is named. Exits 1 where one is not done in the end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("draft", nargs="?", type=int, help="the number of the draft")

    def handle(self, *args: Any, **options: Any) -> None:
        drafts = list(LadderDraft.objects.at_work())
        if options["draft"] is not None:
            drafts = [self.named(options["draft"])]
        if not drafts:
            self.stdout.write(_("No draft of the ladder waits for work."))
        for draft in drafts:
            self.report(work_on_draft(draft, watch=self.show))

    def named(self, number: int) -> LadderDraft:
        """The draft of that number, resumed if an error had stopped it."""
        draft = LadderDraft.objects.filter(pk=number).first()
        if draft is None:
            raise CommandError(_("There is no draft %(number)s.") % {"number": number})
        if draft.status in ENDED:
            return draft
        try:
            return resume_draft(draft=draft)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def show(self, draft: LadderDraft) -> None:
        self.stderr.write(f"{draft} {draft.ranges_done}/{draft.ranges_total}", str)

    def report(self, draft: LadderDraft) -> None:
        if draft.status not in ENDED:
            told = {"run": draft, "status": draft.get_status_display()}
            raise CommandError(_("%(run)s is not done: %(status)s.") % told)
        effect = effect_of(draft, draft.applied or draft.preview)
        told = {name: format_number(getattr(effect, name)) for name in ("members", "up", "down")}
        text = _("%(members)s members looked at: %(up)s go up, %(down)s go down.")
        self.stdout.write(text % told)
