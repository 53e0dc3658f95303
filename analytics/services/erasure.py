"""What analytics forgets of a member who is erased: what they looked at, and notes about them."""

from datetime import datetime

from django.db import transaction

from analytics.models import CareTask
from analytics.services.behaviour import forget_member
from common import clock
from members.models import Member

Status = CareTask.Status


@transaction.atomic
def forget_analytics(*, member: Member, at: datetime) -> None:
    """Erase portal events, remove notes of care, and end tasks that nobody can do any more.

    What stays are figures, and outcomes by action: they name nobody but an opaque number. Safe to
    repeat.
    """
    forget_member(member)
    tasks = CareTask.objects.filter(member=member)
    day = clock.business_date(at)
    tasks.filter(status=Status.OPEN).update(status=Status.DISMISSED, ended_on=day)
    tasks.exclude(note="").update(note="")
