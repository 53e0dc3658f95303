"""An announcement that many send at once, and ranges that many work on, on PostgreSQL.

The race has a control that takes its guard out and shows what goes wrong.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from members.models import Announcement, AnnouncementRange, Notice, Segment, User
from members.models.announcements import AnnouncementQuerySet
from members.services import add_to_segment
from members.services.announcements import send_announcement, write_announcement
from members.services.announcing import ANNOUNCING
from tests.factories import MemberFactory, OperatorFactory

from .threads import all_at_once, outcome

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THREADS = 12
# Without its guard a collision is likely, not certain: a control tries this often.
ATTEMPTS = 20
WORDS = {"title_en": "Tea", "title_zh": "茶", "body_en": "Come.", "body_zh": "来吧。"}


@pytest.fixture
def operator(transactional_db: None) -> User:
    return OperatorFactory()


@pytest.fixture
def segment(transactional_db: None) -> Segment:
    segment = Segment.objects.create(code="tea", name_en="Tea")
    cards = [member.card_number for member in MemberFactory.create_batch(3)]
    add_to_segment(segment=segment, cards=cards)
    return segment


def send_at_once(segment: Segment, operator: User, number: int = 0) -> bool:
    """Whether of many who send one announcement nobody failed, and it was cut into ranges once."""
    row = write_announcement(segment=segment, words=WORDS, operator=operator, key=f"k{number}")
    send = partial(send_announcement, announcement=row, operator=operator)
    told = all_at_once([outcome(send, IntegrityError)] * THREADS)
    return set(told) == {"done"} and AnnouncementRange.objects.filter(announcement=row).count() == 1


def breaks(race: Callable[[int], bool]) -> bool:
    return any(not race(attempt) for attempt in range(ATTEMPTS))


def test_many_who_send_it_send_it_once(segment: Segment, operator: User) -> None:
    assert send_at_once(segment, operator)


def test_control_it_is_cut_twice_where_the_row_is_not_locked(
    segment: Segment, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: AnnouncementQuerySet, *args: Any, **kwargs: Any) -> AnnouncementQuerySet:
        return rows.all()

    monkeypatch.setattr(AnnouncementQuerySet, "select_for_update", unlocked)
    assert breaks(partial(send_at_once, segment, operator))


def test_many_workers_tell_each_member_once(segment: Segment, operator: User) -> None:
    row = write_announcement(segment=segment, words=WORDS, operator=operator, key="k")
    confirmed = send_announcement(announcement=row, operator=operator)
    (part,) = confirmed.ranges.all()
    all_at_once([partial(ANNOUNCING.work_on_range, part.pk)] * THREADS)
    done = Announcement.objects.get()
    assert (done.status, done.told, Notice.objects.count()) == ("done", 3, 3)
