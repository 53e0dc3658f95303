"""Drafts of the ladder: written on one page, previewed, applied or discarded, and watched."""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from common.admin import ColourInput, action, display, dress
from common.admin.shared_work import SharedWorkAdmin, resume_text
from common.csv_files import csv_response
from common.errors import DomainError
from common.forms import add_domain_error
from common.numbers import format_number
from loyalty.forms import BeginDraftForm, DraftForms
from loyalty.models import LadderDraft, LadderMove
from loyalty.services.ladder_changes.drafts import (
    apply_draft,
    begin_draft,
    discard_draft,
    preview_draft,
    resume_draft,
    write_draft,
)
from loyalty.services.ladder_changes.figures import Effect, effect_of
from loyalty.services.ladder_changes.rungs import Rungs
from members.models import User

Status = LadderDraft.Status
STATUS_LOOKS = {
    Status.DRAFT.value: "note",
    Status.PREVIEWING.value: "busy",
    Status.PREVIEWED.value: "note",
    Status.APPLYING.value: "busy",
    Status.DONE.value: "good",
    Status.FAILED.value: "bad",
    Status.DISCARDED.value: "plain",
}
# The buttons that a draft's page has, by where it stands.
BUTTONS = {
    Status.DRAFT.value: ("write", "preview", "discard"),
    Status.PREVIEWING.value: ("discard",),
    Status.PREVIEWED.value: ("apply", "write", "preview", "moves", "discard"),
    Status.APPLYING.value: ("moves",),
    Status.FAILED.value: ("resume", "moves"),
    Status.DONE.value: ("moves",),
}
# The page shows so many who move; the file has all.
MOST_MOVES = 50
BATCH = 2000


@admin.register(LadderDraft)
class LadderDraftAdmin(SharedWorkAdmin):
    """Every draft, newest first."""

    empty_words = _(
        "“Draft a change” changes the ladder: first you see who would move, then you apply "
        "it or let it go."
    )
    list_display = ("created_at", "reason", "moving", "shown_status", "operator")
    list_select_related = ("operator",)
    actions_list = ("new",)
    actions_detail = ("apply", "write", "preview", "moves", "resume", "discard")
    fields = (
        "reason",
        "downward",
        ("operator", "created_at", "as_of"),
        ("confirmed_at", "finished_at"),
        "failure",
    )

    folder = "admin/loyalty/ladderdraft"
    looks = STATUS_LOOKS
    buttons = BUTTONS
    at_work = LadderDraft.AT_WORK

    def buttons_of(self, row: LadderDraft) -> Collection[str]:
        """A preview that failed may be let go of; an application can only be finished."""
        names = super().buttons_of(row)
        is_loose = row.status == Status.FAILED and not row.is_confirmed
        return [*names, "discard"] if is_loose else names

    def has_draft_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.change_ladder")

    def has_read_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_ladderdraft")

    @action(
        description=_("Draft a change"), url_path="new", permissions=["draft"], icon="edit_note"
    )
    def new(self, request: HttpRequest) -> HttpResponse:
        """Say why the ladder is to change; leads to the page on which the draft is written."""
        form = BeginDraftForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                draft = begin_draft(operator=cast(User, request.user), **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return HttpResponseRedirect(page_of(draft, "write"))
        return self.page(
            request,
            "admin/action_form.html",
            title=_("Draft a change"),
            form=form,
            explanation=_(
                "A copy of the ladder that you can change at leisure. Nothing happens to members "
                "before you have seen who would move, and applied it."
            ),
            back=reverse("admin:loyalty_ladderdraft_changelist"),
        )

    @action(description=_("Write"), url_path="write", permissions=["draft"], icon="edit")
    def write(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The whole ladder on one page."""
        draft: LadderDraft = self.object_or_404(request, object_id)
        forms = DraftForms(draft, request.POST or None)
        if request.method == "POST" and forms.is_valid():
            downward = forms.ladder.cleaned_data["downward"]
            try:
                write_draft(draft=draft, content=forms.content, downward=downward)
            except DomainError as error:
                add_domain_error(forms.ladder, error)
            else:
                messages.success(request, gettext("The draft is kept. Preview it next."))
                return HttpResponseRedirect(page_of(draft, "change"))
        for form in forms.rungs:
            form.fields["colour"].widget = ColourInput()
            dress(form)
        return self.page(
            request,
            "admin/loyalty/ladderdraft/write.html",
            title=_("Write the draft"),
            form=forms.ladder,
            rungs=forms.rungs,
            original=draft,
            back=page_of(draft, "change"),
        )

    @action(description=_("Preview"), url_path="preview", permissions=["draft"], icon="visibility")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the draft run over all members."""
        return self.step(
            request, object_id, _("Preview"), preview_text, lambda draft: preview_draft(draft=draft)
        )

    @action(description=_("Apply"), url_path="apply", permissions=["draft"], icon="check")
    def apply(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put the previewed ladder in force."""
        return self.step(
            request, object_id, _("Apply"), apply_text, lambda draft: apply_draft(draft=draft)
        )

    @action(description=_("Discard"), url_path="discard", permissions=["draft"], icon="delete")
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let go of the draft."""
        return self.step(
            request, object_id, _("Discard"), discard_text, lambda draft: discard_draft(draft=draft)
        )

    @action(description=_("Resume"), url_path="resume", permissions=["draft"], icon="replay")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try again what an error stopped."""
        return self.step(
            request, object_id, _("Resume"), resume_text, lambda draft: resume_draft(draft=draft)
        )

    @action(description=_("Moves as CSV"), url_path="moves", permissions=["read"], icon="download")
    def moves(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Every member whom the preview found to move, in a file."""
        draft: LadderDraft = self.object_or_404(request, object_id)
        return csv_response(f"ladder-{draft.pk}", chain([csv_header()], csv_rows(draft)))

    def overview_of(self, run: LadderDraft) -> dict[str, Any]:
        base, rungs = Rungs(run.base), Rungs(run.content)
        foreseen = effect_of(run, run.preview)
        done = effect_of(run, run.applied) if run.applied else None
        shown = done or foreseen
        moves = run.moves.select_related("member", "from_tier").order_by("pk")[:MOST_MOVES]
        return {
            "draft": run,
            "foreseen": foreseen,
            "done": done,
            "columns": rungs.tiers,
            "matrix": [(tier, _fields(shown, tier.code, rungs)) for tier in base.tiers],
            "effect": shown,
            "moving": [(move, rungs.by_code[move.to_code]) for move in moves],
        }

    def stands_text(self, run: LadderDraft) -> str:
        return gettext("The draft's status: %(status)s.") % {"status": run.get_status_display()}

    @display(description=_("members moved"))
    def moving(self, draft: LadderDraft) -> str | None:
        figures = draft.applied or draft.preview
        if not figures:
            return None
        effect = effect_of(draft, figures)
        return f"↑ {format_number(effect.up)} · ↓ {format_number(effect.down)}"


def page_of(draft: LadderDraft, name: str) -> str:
    return reverse(f"admin:loyalty_ladderdraft_{name}", args=[draft.pk])


def _fields(effect: Effect, before: str, rungs: Rungs) -> list[tuple[int, bool]]:
    """A row of the matrix: how many members, and whether they stay."""
    return [(effect.members_of(before, tier.code), before == tier.code) for tier in rungs.tiers]


def preview_text(draft: LadderDraft) -> str:
    return gettext(
        "Every member is looked at as if the draft were in force. Nothing changes for anybody."
    )


def apply_text(draft: LadderDraft) -> str:
    """What applying does, before somebody does it."""
    effect = effect_of(draft, draft.preview)
    text = gettext(
        "%(up)s members go up and %(down)s go down. The new ladder is in force at once; it "
        "cannot be undone, only changed again."
    )
    return text % {"up": format_number(effect.up), "down": format_number(effect.down)}


def discard_text(draft: LadderDraft) -> str:
    return gettext("The draft stays in the list. Nothing changes for members.")


def csv_header() -> Sequence[str]:
    return [
        gettext("member"),
        pgettext("of a person", "name"),
        gettext("tier before"),
        gettext("tier after"),
    ]


def csv_rows(draft: LadderDraft) -> Iterator[Sequence[object]]:
    """Who moves, in their order, read in batches."""
    names = {tier.code: tier.name for tier in Rungs(draft.content).tiers}
    moves = LadderMove.objects.filter(draft=draft).select_related("member", "from_tier")
    for move in moves.order_by("pk").iterator(chunk_size=BATCH):
        member = move.member
        yield [member.card_number, member.display_name, move.from_tier.name, names[move.to_code]]
