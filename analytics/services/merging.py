"""A merged member has no figures of their own, and nobody need care for them any more."""

from datetime import datetime

from analytics.models import CareTask, MemberMetrics
from common import clock
from members.merging import MergeFigure, MergePart
from members.models import Member, MemberMerge

Status = CareTask.Status


def refuse(kept: Member, merged: Member, at: datetime) -> None:
    """Nothing here stands against it."""


def leave_out(merge: MemberMerge, at: datetime) -> None:
    """Forget figures that nights make anew, and end open tasks: the kept member has their own."""
    MemberMetrics.objects.filter(member=merge.merged).delete()
    open_tasks = CareTask.objects.filter(member=merge.merged, status=Status.OPEN)
    open_tasks.update(status=Status.DISMISSED, ended_on=clock.business_date(at))


def undo(merge: MemberMerge, at: datetime) -> None:
    """The next night measures both by what they did themselves."""


def tell(kept: Member, merged: Member, at: datetime) -> list[MergeFigure]:
    """Figures follow by the next night: there is nothing to promise."""
    return []


def tell_undo(merge: MemberMerge, at: datetime) -> list[str]:
    """Likewise."""
    return []


PART = MergePart(refuse=refuse, tell=tell, merge=leave_out, undo=undo, tell_undo=tell_undo)
