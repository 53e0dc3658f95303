"""A draft's way: written, previewed, then applied or discarded; what stopped may be resumed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from common import clock
from common.integrity import broken_constraint
from common.jobs.steps import ranges_of
from loyalty import rules
from loyalty.errors import (
    DraftChangesNothing,
    DraftCodeTwice,
    DraftNotOpen,
    DraftNotPreviewed,
    DraftNotStopped,
    DraftOutdated,
    DraftReasonMissing,
    DraftRemovesLowest,
    DraftUnderWay,
)
from loyalty.models import Ladder, LadderDraft, LadderDraftRange, Tier
from loyalty.models.tiers import TAKEN_OUT
from loyalty.services.ladder import (
    change_ladder,
    digest_of,
    ladder_version,
    snapshot,
)
from loyalty.services.ledger import check_reason
from members.models import User

from .rungs import Rungs

Status = LadderDraft.Status
# Where a draft may still be written.
OPEN = (Status.DRAFT, Status.PREVIEWED)
# Ranks are unique: while new ones are given out, the old ones stand aside up here.
ASIDE = 20_000


@transaction.atomic
def begin_draft(*, operator: User, reason: str, now: datetime | None = None) -> LadderDraft:
    """Begin a draft with the ladder as it is, in order or not. Refused: no reason."""
    if not reason.strip():
        raise DraftReasonMissing()
    check_reason(reason)
    present = present_content()
    return LadderDraft.objects.create(
        reason=reason,
        operator=operator,
        base=present,
        content=present,
        created_at=now or clock.now(),
    )


@transaction.atomic
def write_draft(*, draft: LadderDraft, content: Mapping[str, Any], downward: str) -> LadderDraft:
    """Have the draft say something else; a preview that it had is forgotten.

    `downward` says what becomes of those whom the new bounds would not keep. Refused: a draft that
    is at work or over, what is no ladder, two rungs of one code, and another lowest tier.
    """
    draft = LadderDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.status not in OPEN:
        raise DraftNotOpen(status=draft.get_status_display())
    _check(Rungs(draft.base).tiers, Rungs(content).tiers)
    _forget_preview(draft)
    draft.content, draft.downward = content, LadderDraft.Downward(downward)
    draft.status, draft.preview, draft.as_of = Status.DRAFT, {}, None
    draft.save(update_fields=["content", "downward", "status", "preview", "as_of"])
    return draft


@transaction.atomic
def preview_draft(*, draft: LadderDraft, now: datetime | None = None) -> LadderDraft:
    """Have the draft run over all members, judged at this instant; nothing changes for them.

    Its ranges are there for workers from now on. Previewed again, the figures are new ones; while
    it is being previewed, nothing happens. Refused: a draft that is applied or over, one that
    changes nothing, and one that was begun from another ladder than the present one.
    """
    draft = LadderDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.status == Status.PREVIEWING:
        return draft
    if draft.status not in OPEN:
        raise DraftNotOpen(status=draft.get_status_display())
    _check_base(draft)
    if digest_of(draft.content) == digest_of(draft.base):
        raise DraftChangesNothing()
    _forget_preview(draft)
    draft.as_of, draft.preview, draft.status = now or clock.now(), {}, Status.PREVIEWING
    _begin(draft)
    return draft


@transaction.atomic
def apply_draft(*, draft: LadderDraft, now: datetime | None = None) -> LadderDraft:
    """Put the previewed ladder in force, and have everyone whom it moves moved.

    From now on purchases and nights judge by it; its ranges are there for workers. Applying again
    changes nothing. Refused: a draft that was not previewed, a ladder that was changed meanwhile,
    and while another draft is being applied or has stopped halfway.
    """
    at = now or clock.now()
    draft = LadderDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.is_confirmed:
        return draft
    change_ladder(by=draft)
    if draft.status != Status.PREVIEWED:
        raise DraftNotPreviewed(status=draft.get_status_display())
    _check_base(draft)
    draft.status, draft.confirmed_at = Status.APPLYING, at
    _begin(draft)
    _put_in_force(Rungs(draft.content))
    return draft


@transaction.atomic
def discard_draft(*, draft: LadderDraft) -> LadderDraft:
    """Let go of a draft; again changes nothing. Refused: one that was applied."""
    draft = LadderDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.status == Status.DISCARDED:
        return draft
    if draft.is_confirmed:
        raise DraftNotOpen(status=draft.get_status_display())
    draft.status = Status.DISCARDED
    draft.save(update_fields=["status"])
    return draft


@transaction.atomic
def resume_draft(*, draft: LadderDraft) -> LadderDraft:
    """Have the failed ranges of a stopped draft tried again. Refused: one that has not stopped."""
    draft = LadderDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.status in LadderDraft.AT_WORK:
        return draft
    if draft.status != Status.FAILED:
        raise DraftNotStopped(status=draft.get_status_display())
    draft.status = Status.APPLYING if draft.is_confirmed else Status.PREVIEWING
    LadderDraftRange.objects.filter(draft=draft, phase=draft.status).try_again()
    draft.save(update_fields=["status"])
    return draft


def present_content() -> dict[str, Any]:
    """The ladder in force, in the form of a version."""
    return snapshot(Ladder.objects.solo(), Tier.objects.by_rank())


def _check(before: Sequence[Tier], after: Sequence[Tier]) -> None:
    codes = [tier.code for tier in after]
    for tier in after:
        if codes.count(tier.code) > 1:
            raise DraftCodeTwice(tier=tier.code)
    rules.check_ladder(after)
    if before and before[0].code != codes[0]:
        raise DraftRemovesLowest(tier=before[0].name)


def _check_base(draft: LadderDraft) -> None:
    if digest_of(present_content()) != digest_of(draft.base):
        raise DraftOutdated()


def _forget_preview(draft: LadderDraft) -> None:
    draft.moves.all().delete()
    draft.ranges.all().delete()


def _begin(draft: LadderDraft) -> None:
    """Save the draft as at work, with its ranges; only one may be applied at a time."""
    ranges = list(ranges_of(is_ranged=True))
    draft.ranges_total, draft.ranges_done = len(ranges), 0
    names = ["status", "as_of", "preview", "confirmed_at", "ranges_total", "ranges_done"]
    try:
        with transaction.atomic():
            draft.save(update_fields=names)
    except IntegrityError as error:
        if broken_constraint(error, LadderDraft) != "ladderdraft_one_at_a_time":
            raise
        raise DraftUnderWay() from error
    LadderDraftRange.objects.bulk_create(
        (
            LadderDraftRange(
                draft=draft,
                phase=draft.status,
                number=number,
                first_member_id=first,
                last_member_id=last,
            )
            for number, (first, last) in enumerate(ranges, start=1)
        ),
        batch_size=500,
    )


def _put_in_force(rungs: Rungs) -> None:
    """Write the ladder and its tiers as the draft has them, and the version that says so."""
    _write(Ladder.objects.first(), rungs.ladder)
    present = {tier.code: tier for tier in Tier.objects.all()}
    before = list(Tier.objects.by_rank())
    Tier.objects.by_rank().filter(rank__gt=0).update(rank=F("rank") + ASIDE)
    for tier in rungs.tiers:
        _write(present.get(tier.code), tier)
    _take_out([tier for tier in before if tier.code not in rungs.by_code])
    ladder_version(Ladder.objects.solo(), list(Tier.objects.by_rank()))


def _take_out(gone: Sequence[Tier]) -> None:
    """Take rungs out of the ladder: facts name them for ever, so their rows stay beyond it.

    What would lift a member to one of them lifts to nothing any more.
    """
    beyond = Tier.objects.filter(rank__range=(TAKEN_OUT, ASIDE - 1)).order_by("-rank").first()
    for number, tier in enumerate(gone, start=beyond.rank + 1 if beyond else TAKEN_OUT):
        tier.rank = number
        tier.save(update_fields=["rank"])


def _write(present: Ladder | Tier | None, drafted: Ladder | Tier) -> None:
    if present is None:
        drafted.save(force_insert=True)
        return
    names = [field.attname for field in drafted._meta.concrete_fields if not field.primary_key]
    for name in names:
        setattr(present, name, getattr(drafted, name))
    present.save(update_fields=names)
