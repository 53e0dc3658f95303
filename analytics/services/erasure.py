"""What analytics forgets of a member: what they did in the portal, their figures, and notes."""

from datetime import datetime

from analytics.models import CareTask, MemberMetrics
from analytics.services.behaviour import forget_member
from common import clock
from members.models import Member

Status = CareTask.Status


def forget_figures(*, member: Member, at: datetime) -> None:
    """Erase behaviour and the member's figures; end care, and empty its notes. Safe to repeat.

    What stays: that a task was, and what came of it, which the report by action counts.
    """
    forget_member(member)
    MemberMetrics.objects.filter(member=member).delete()
    tasks = CareTask.objects.filter(member=member)
    today = clock.business_date(at)
    tasks.filter(status=Status.OPEN).update(status=Status.DISMISSED, ended_on=today)
    tasks.filter(status=Status.ACTED).update(status=Status.NOT_RETURNED, ended_on=today)
    tasks.exclude(note="").update(note="")
