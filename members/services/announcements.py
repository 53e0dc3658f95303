"""An announcement's way: written, then sent or withdrawn; what stopped may be tried again."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from common import clock
from common.jobs.steps import ranges_of
from common.sql import fetch_sql
from members.errors import (
    AnnouncementEmpty,
    AnnouncementKeyReused,
    AnnouncementNotStopped,
    AnnouncementNotWaiting,
    AnnouncementWordsMissing,
)
from members.models import Announcement, AnnouncementRange, Consent, Segment, User

Status = Announcement.Status


@transaction.atomic
def write_announcement(
    *, segment: Segment, words: Mapping[str, str], operator: User, key: str
) -> Announcement:
    """Write what a segment is to be told; nobody is told yet.

    `words` has `title_en`, `title_zh`, `body_en` and `body_zh`. The same key gives the first one
    back. Refused: words that are missing in a language, and a key that wrote something else.
    """
    written = Announcement(
        key=key,
        segment=segment,
        title_en=words["title_en"].strip(),
        title_zh=words["title_zh"].strip(),
        body_en=words["body_en"].strip(),
        body_zh=words["body_zh"].strip(),
        operator=operator,
    )
    if known := Announcement.objects.filter(key=key).first():
        if (known.segment_id, known.words) != (segment.pk, written.words):
            raise AnnouncementKeyReused()
        return known
    if not all(written.words.values()):
        raise AnnouncementWordsMissing()
    written.save(force_insert=True)
    return written


@transaction.atomic
def send_announcement(
    *, announcement: Announcement, operator: User, now: datetime | None = None
) -> Announcement:
    """Have an announcement sent to who is in its segment on this business date.

    Its ranges are there for workers from now on. Sending again changes nothing. Refused: one that
    was withdrawn, and a segment that nobody is in today.
    """
    at = now or clock.now()
    found = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if found.is_confirmed:
        return found
    if found.status != Status.WRITTEN:
        raise AnnouncementNotWaiting(status=found.get_status_display())
    day = clock.business_date(at)
    if not reached_by(found, on=day)[Consent.Channel.IN_APP]:
        raise AnnouncementEmpty()
    ranges = list(ranges_of(is_ranged=True))
    found.status, found.confirmed_at, found.business_date = Status.SENDING, at, day
    found.sender, found.ranges_total = operator, len(ranges)
    names = ["status", "confirmed_at", "business_date", "sender", "ranges_total"]
    found.save(update_fields=names)
    AnnouncementRange.objects.bulk_create(
        (
            AnnouncementRange(
                announcement=found, number=number, first_member_id=first, last_member_id=last
            )
            for number, (first, last) in enumerate(ranges, start=1)
        ),
        batch_size=500,
    )
    return found


@transaction.atomic
def withdraw_announcement(*, announcement: Announcement) -> Announcement:
    """Let go of what was written; again changes nothing. Refused: one that was sent."""
    found = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if found.status == Status.WITHDRAWN:
        return found
    if found.status != Status.WRITTEN:
        raise AnnouncementNotWaiting(status=found.get_status_display())
    found.status = Status.WITHDRAWN
    found.save(update_fields=["status"])
    return found


@transaction.atomic
def resume_announcement(*, announcement: Announcement) -> Announcement:
    """Have the failed ranges of a stopped one tried again. Refused: one that has not stopped."""
    found = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if found.status == Status.SENDING:
        return found
    if found.status != Status.FAILED:
        raise AnnouncementNotStopped(status=found.get_status_display())
    AnnouncementRange.objects.filter(announcement=found).try_again()
    found.status = Status.SENDING
    found.save(update_fields=["status"])
    return found


def reached_by(announcement: Announcement, *, on: date) -> dict[str, int]:
    """How many active members of the segment it reaches, by channel, as of a business date.

    In the portal it reaches all of them; by another channel those who agreed to it and have an
    address there. Channels that nothing carries here are left out.
    """
    params = {"segment": announcement.segment_id, "day": on}
    counted: dict[str, int] = dict(fetch_sql("members", "count_reached", params))
    channels = [name for name, path in settings.NOTICE_CHANNELS.items() if path]
    return {name: counted.get(name, 0) for name in (Consent.Channel.IN_APP.value, *channels)}
