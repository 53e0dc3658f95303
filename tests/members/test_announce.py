"""An operator tells a segment something: each active member of the day once, by consent besides."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import translation

from common.jobs.ranges import Outcome
from members.errors import (
    AnnouncementEmpty,
    AnnouncementKeyReused,
    AnnouncementNotStopped,
    AnnouncementNotWaiting,
    AnnouncementWordsMissing,
)
from members.jobs import send_notices
from members.models import Announcement, Member, Notice, Segment
from members.notices import told
from members.services import add_to_segment, record_consent
from members.services.announcements import (
    reached_by,
    resume_announcement,
    send_announcement,
    withdraw_announcement,
    write_announcement,
)
from members.services.announcing import ANNOUNCING, announce
from members.tasks import announce_range, send_announcements
from tests.factories import MemberFactory, OperatorFactory

pytestmark = pytest.mark.django_db

NOW = "2025-06-01T04:00:00+00:00"
TODAY = date(2025, 6, 1)
WORDS = {
    "title_en": "Tea evening",
    "title_zh": "品茶之夜",
    "body_en": "Come on Friday.\n\nBring a friend.",
    "body_zh": "周五见。",
}


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def segment() -> Segment:
    return Segment.objects.create(code="tea", name_en="Tea", name_zh="茶")


def put(segment: Segment, *members: Member) -> None:
    add_to_segment(segment=segment, cards=[member.card_number for member in members])


def written(segment: Segment, **details: Any) -> Announcement:
    details = {"words": WORDS, "key": "k"} | details
    return write_announcement(segment=segment, operator=OperatorFactory(), **details)


def sent(announcement: Announcement) -> Announcement:
    confirmed = send_announcement(announcement=announcement, operator=OperatorFactory())
    return ANNOUNCING.work_on(confirmed)


def told_members() -> list[int]:
    return list(Notice.objects.order_by("member").values_list("member", flat=True))


# Whom it reaches


def test_tells_the_active_members_of_the_segment_once(segment: Segment) -> None:
    ann, bob, gone, paused, other = MemberFactory.create_batch(5)
    put(segment, ann, bob, gone, paused)
    Member.objects.filter(pk=gone.pk).update(status="closed")
    Member.objects.filter(pk=paused.pk).update(status="paused")
    done = sent(written(segment))
    assert told_members() == [ann.pk, bob.pk]
    assert (done.status, done.told, done.business_date) == ("done", 2, TODAY)
    assert other.pk not in told_members()


def test_tells_who_is_in_the_segment_on_the_day_of_sending(
    segment: Segment, traveller: time_machine.Traveller
) -> None:
    early, late = MemberFactory.create_batch(2)
    put(segment, early)
    waiting = written(segment)
    traveller.shift(timedelta(days=1))
    put(segment, late)
    confirmed = send_announcement(announcement=waiting, operator=OperatorFactory())
    traveller.shift(timedelta(days=1))
    put(segment, MemberFactory.create())
    assert ANNOUNCING.work_on(confirmed).told == 2
    assert told_members() == [early.pk, late.pk]


def test_a_stay_that_ended_today_holds_no_more(segment: Segment) -> None:
    ended, staying = MemberFactory.create_batch(2)
    segment.memberships.create(member=ended, from_on=date(2025, 5, 1), until_on=TODAY)
    segment.memberships.create(member=staying, from_on=TODAY, until_on=TODAY + timedelta(days=1))
    sent(written(segment))
    assert told_members() == [staying.pk]


def test_reads_in_the_language_of_its_reader(segment: Segment) -> None:
    put(segment, MemberFactory.create())
    sent(written(segment))
    notice = Notice.objects.get()
    assert told(notice).text.title == "Tea evening"
    with translation.override("zh-hans"):
        assert (told(notice).text.title, told(notice).text.body) == ("品茶之夜", "周五见。")


def test_goes_by_the_channels_that_a_member_agreed_to(segment: Segment, settings: Any) -> None:
    settings.NOTICE_CHANNELS = {"email": "members.channels.EmailChannel", "sms": "", "wechat": ""}
    yes, no, back = MemberFactory.create_batch(3, language="zh-hans")
    record_consent(member=yes, channel="email", is_granted=True, source="portal")
    for answer in (True, False):
        record_consent(member=back, channel="email", is_granted=answer, source="portal")
    put(segment, yes, no, back)
    waiting = written(segment)
    assert reached_by(waiting, on=TODAY) == {"in_app": 3, "email": 1}
    sent(waiting)
    assert send_notices() == {"sent": 1}
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([yes.email], "品茶之夜")
    assert len(told_members()) == 3


def test_counts_only_who_has_an_address_there(segment: Segment, settings: Any) -> None:
    settings.NOTICE_CHANNELS = {
        "email": "members.channels.EmailChannel",
        "sms": "members.channels.ConsoleSms",
        "wechat": "",
    }
    members = [MemberFactory.create(email=None), MemberFactory.create(phone=None)]
    for member in members:
        for channel in ("email", "sms", "phone", "visits"):
            record_consent(member=member, channel=channel, is_granted=True, source="portal")
    put(segment, *members)
    assert reached_by(written(segment), on=TODAY) == {"in_app": 2, "email": 1, "sms": 1}


# Once, by workers


def test_a_range_done_twice_tells_nobody_again(segment: Segment) -> None:
    member = MemberFactory.create()
    put(segment, member)
    done = sent(written(segment))
    assert announce(done, member.pk, member.pk) == {"members": 0}
    assert Notice.objects.count() == 1


def test_two_announcements_are_two_messages(segment: Segment) -> None:
    member = MemberFactory.create()
    put(segment, member)
    for key in "ab":
        sent(written(segment, key=key))
    assert told_members() == [member.pk] * 2


def test_workers_are_sent_each_range_and_finish(segment: Segment, settings: Any) -> None:
    settings.NIGHTLY_RANGE_SIZE = 2
    settings.CELERY_TASK_ALWAYS_EAGER = True
    members = MemberFactory.create_batch(5)
    put(segment, *members)
    send_announcement(announcement=written(segment), operator=OperatorFactory())
    asked: list[int] = []
    ANNOUNCING.send_due(send=asked.append)
    send_announcements()
    assert len(asked) == 3
    for range_id in asked:
        announce_range(range_id)
    done = Announcement.objects.get()
    assert (done.status, done.told, done.ranges_done) == ("done", 5, 3)


def test_stops_when_a_range_fails_and_can_be_resumed(segment: Segment, monkeypatch: Any) -> None:
    put(segment, MemberFactory.create())
    running = send_announcement(announcement=written(segment), operator=OperatorFactory())
    (row,) = running.ranges.all()
    with pytest.raises(AnnouncementNotStopped):
        resume_announcement(
            announcement=withdraw_announcement(announcement=written(segment, key="w"))
        )
    # What a worker cannot read: words that are no words.
    Announcement.objects.filter(pk=running.pk).update(segment=segment)
    monkeypatch.setattr("members.services.announcing.ANNOUNCEMENT", None)
    outcomes = [ANNOUNCING.work_on_range(row.pk) for _ in range(4)]
    assert outcomes == [Outcome.FAILED] * 3 + [Outcome.NOT_OURS]
    running.refresh_from_db()
    assert running.status == "failed"
    monkeypatch.undo()
    assert ANNOUNCING.work_on(resume_announcement(announcement=running)).told == 1


# What is refused


@pytest.mark.parametrize("name", WORDS)
def test_refuses_words_that_are_missing_in_a_language(name: str, segment: Segment) -> None:
    with pytest.raises(AnnouncementWordsMissing):
        written(segment, words=WORDS | {name: " \n"})
    assert not Announcement.objects.exists()


def test_a_segment_of_nobody_is_refused(segment: Segment) -> None:
    waiting = written(segment)
    with pytest.raises(AnnouncementEmpty):
        sent(waiting)
    waiting.refresh_from_db()
    assert waiting.status == "written"


def test_the_same_form_writes_once(segment: Segment) -> None:
    assert written(segment).pk == written(segment).pk
    with pytest.raises(AnnouncementKeyReused):
        written(segment, words=WORDS | {"title_en": "Coffee"})
    assert Announcement.objects.count() == 1


def test_sending_and_withdrawing_again_changes_nothing(segment: Segment) -> None:
    put(segment, MemberFactory.create())
    done = sent(written(segment))
    assert send_announcement(announcement=done, operator=OperatorFactory()).sender == done.sender
    with pytest.raises(AnnouncementNotWaiting):
        withdraw_announcement(announcement=done)
    let_go = withdraw_announcement(announcement=written(segment, key="b"))
    assert withdraw_announcement(announcement=let_go).status == "withdrawn"
    with pytest.raises(AnnouncementNotWaiting):
        sent(let_go)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"body_zh": ""}, "announcement_says_something_in_both"),
        ({"ranges_done": 1}, "announcement_progress_within_total"),
        ({"status": "done"}, "announcement_status_fits"),
        ({"status": "sending"}, "announcement_status_fits"),
    ],
)
def test_the_database_refuses(changes: dict[str, Any], constraint: str, segment: Segment) -> None:
    row = written(segment)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Announcement.objects.filter(pk=row.pk).update(**changes)
