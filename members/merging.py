"""What each app does when two members are merged: by `MEMBER_MERGE`, in that order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from members.models import Member, MemberMerge


@dataclass(frozen=True)
class MergeFigure:
    """One line of a preview: what the one holds, what the other holds, what is afterwards."""

    name: str
    kept: str
    merged: str
    after: str


@dataclass(frozen=True)
class MergePart:
    """One app's part: `refuse` raises where it cannot be, `tell` says what will be, in figures.

    `merge` and `undo` run under the locks of both members, in one transaction for all apps.
    `tell_undo` says in sentences what undoing gives back and what not.
    """

    refuse: Callable[[Member, Member, datetime], None]
    tell: Callable[[Member, Member, datetime], list[MergeFigure]]
    merge: Callable[[MemberMerge, datetime], None]
    undo: Callable[[MemberMerge, datetime], None]
    tell_undo: Callable[[MemberMerge, datetime], list[str]]


def merge_parts() -> list[MergePart]:
    """The parts of every app, the lowest floor's first."""
    return [import_string(path) for path in settings.MEMBER_MERGE]


def figures_of_merge(kept: Member, merged: Member, at: datetime) -> list[MergeFigure]:
    """What a merge would come to, from every app; as many queries for any two members."""
    return [figure for part in merge_parts() for figure in part.tell(kept, merged, at)]


def words_of_undo(merge: MemberMerge, at: datetime) -> list[str]:
    """What undoing a merge gives back and what not, from every app."""
    return [text for part in merge_parts() for text in part.tell_undo(merge, at)]
