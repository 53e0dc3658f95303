"""Drafts of the ladder for tests, made as an operator makes them."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from loyalty.models import LadderDraft
from loyalty.services.ladder_changes.applying import work_on_draft
from loyalty.services.ladder_changes.drafts import (
    apply_draft,
    begin_draft,
    preview_draft,
    write_draft,
)
from loyalty.services.ladder_changes.figures import effect_of
from members.models import User
from tests.factories import OperatorFactory

Change = dict[str, Any]


def drafted(
    changes: dict[str, Change],
    *,
    ladder: Change | None = None,
    insert: tuple[int, Change] | None = None,
    remove: str = "",
    downward: str = "keep",
    now: datetime | None = None,
) -> LadderDraft:
    """A draft with some columns of some tiers changed, by code, a rung put in or out."""
    operator = User.objects.first() or OperatorFactory()
    draft = begin_draft(operator=operator, reason="A fairer ladder", now=now)
    content = deepcopy(draft.content)
    content["ladder"] |= ladder or {}
    for rung in content["tiers"]:
        rung |= changes.get(rung["code"], {})
    if insert:
        rank, columns = insert
        content["tiers"].insert(rank, {"name_en": "New", **columns})
    content["tiers"] = [rung for rung in content["tiers"] if rung["code"] != remove]
    for number, rung in enumerate(content["tiers"]):
        rung["rank"] = str(number)
    return write_draft(draft=draft, content=content, downward=downward)


def previewed(changes: dict[str, Change], **details: Any) -> LadderDraft:
    """A draft that was run over all members in this process."""
    now = details.get("now")
    return work_on_draft(preview_draft(draft=drafted(changes, **details), now=now))


def applied(changes: dict[str, Change], **details: Any) -> LadderDraft:
    """A draft that was previewed, confirmed and applied in this process."""
    draft = previewed(changes, **details)
    return work_on_draft(apply_draft(draft=draft, now=details.get("now")))


def matrix(draft: LadderDraft, figures: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Tier before, tier after and members, each line."""
    effect = effect_of(draft, figures)
    return [(line.before, line.after, line.members) for line in effect.lines]
