"""Sending an announcement, range by range."""

import json
from datetime import datetime

from django.db.models import QuerySet

from common import clock
from common.jobs.shared import SharedWork
from common.jobs.steps import Counts
from common.models import MemberRangeQuerySet
from common.sql import execute_sql
from members.models import Announcement, AnnouncementRange
from members.notice_kinds import ANNOUNCEMENT

Status = Announcement.Status


def announce(announcement: Announcement, first_member_id: int, last_member_id: int) -> Counts:
    """Tell the members of a range who are in the segment on the announcement's day.

    Safe twice: its key is once for each member.
    """
    params = {
        "kind": ANNOUNCEMENT,
        "key": f"{ANNOUNCEMENT}:{announcement.pk}",
        "params": json.dumps(announcement.words, ensure_ascii=False),
        "business_date": announcement.business_date,
        "segment": announcement.segment_id,
        "now": clock.now(),
        "first": first_member_id,
        "last": last_member_id,
    }
    (told,) = execute_sql("members", "announce", params)
    return {"members": told}


class Announcing(SharedWork[Announcement, AnnouncementRange]):
    """The ranges of announcements that were confirmed."""

    def ranges(self) -> MemberRangeQuerySet[AnnouncementRange]:
        return AnnouncementRange.objects.select_related("announcement")

    def runs_at_work(self) -> QuerySet[Announcement]:
        return Announcement.objects.unfinished()

    def ranges_of(self, run: Announcement) -> MemberRangeQuerySet[AnnouncementRange]:
        return AnnouncementRange.objects.filter(announcement=run)

    def runs_of(self, row: AnnouncementRange) -> QuerySet[Announcement]:
        return Announcement.objects.filter(pk=row.announcement_id)

    def work(self, row: AnnouncementRange) -> Counts:
        return announce(row.announcement, row.first_member_id, row.last_member_id)

    def close(self, run: Announcement, now: datetime) -> None:
        run.status, run.finished_at, run.told = Status.DONE, now, told_so_far(run)
        run.save(update_fields=["status", "finished_at", "told"])

    def stop(self, row: AnnouncementRange) -> None:
        Announcement.objects.stuck().filter(pk=row.announcement_id).update(status=Status.FAILED)


ANNOUNCING = Announcing()


def told_so_far(announcement: Announcement) -> int:
    """How many members the finished ranges have told."""
    counted = announcement.ranges.values_list("counts", flat=True)
    return sum(counts.get("members", 0) for counts in counted)
