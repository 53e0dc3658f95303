"""Notices reach members who agreed, once, by the channels that something carries."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction

from common import clock
from members.channels import ConsoleChannel, Message
from members.jobs import dispatch_notices, send_notices
from members.models import Member, Notice, NoticeDelivery
from members.services import read_all_notices, read_notice, record_consent, write_notice
from members.tasks import send_notices as send_notices_task
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db

PARAMS = {
    "points": 120,
    "last_day": "2025-06-07",
    "days": 7,
    "code": "base",
    "name_en": "Points",
    "name_zh": "积分",
}


class RefusingBackend(BaseEmailBackend):
    """A mail server that is not there."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class BrokenChannel(ConsoleChannel):
    """An adapter with a mistake in it."""

    def recipient(self, member: Member) -> str:
        return "somewhere"

    def send(self, *, recipient: str, message: Message) -> None:
        raise ZeroDivisionError("a mistake")


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2025-06-01T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def member() -> Member:
    """王小明, who agreed to e-mail."""
    member = MemberFactory.create(email="xiaoming@example.com", phone="+8613800000001")
    record_consent(member=member, channel="email", is_granted=True, source="portal")
    return member


def tell(member: Member, key: str = "k", **details: Any) -> None:
    write_notice(member=member, kind="points_expiring", key=key, params=PARAMS, **details)


def deliveries() -> list[tuple[str, str, int, str]]:
    rows = NoticeDelivery.objects.order_by("pk")
    return list(rows.values_list("channel", "status", "attempts", "error"))


# Writing


def test_writes_once_for_each_key_and_member(member: Member) -> None:
    tell(member)
    write_notice(member=member, kind="points_expiring", key="k", params={})
    tell(member, key="other")
    tell(MemberFactory.create())
    assert Notice.objects.count() == 3
    assert Notice.objects.get(member=member, key="k").params == PARAMS


def test_refuses_a_kind_that_no_app_knows(member: Member) -> None:
    with pytest.raises(ImproperlyConfigured, match="NOTICE_KINDS holds weather"):
        write_notice(member=member, kind="weather", key="k", params={})


def test_the_database_refuses_a_second_of_one_key(member: Member) -> None:
    tell(member)
    notice = Notice.objects.get()
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_is_read_once(member: Member, traveller: time_machine.Traveller) -> None:
    tell(member)
    first = read_notice(notice=Notice.objects.get()).read_at
    traveller.shift(60)
    assert (
        read_notice(notice=Notice.objects.get()).read_at
        == first
        == clock.now() - timedelta(minutes=1)
    )


def test_all_are_read_at_once_but_nobody_elses(member: Member) -> None:
    other = MemberFactory.create()
    for number in range(3):
        tell(member, key=str(number))
    tell(other)
    assert read_all_notices(member=member) == 3
    assert read_all_notices(member=member) == 0
    assert Notice.objects.unread().get().member == other


# Sending


def test_mails_those_who_agreed_in_html_and_plain_text(member: Member) -> None:
    tell(member)
    tell(MemberFactory.create())
    assert send_notices() == {"sent": 1}
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["xiaoming@example.com"], "120 points expire soon")
    assert message.body == (
        "120 points expire soon\n\n"
        "Their last valid day is Jun 7, 2025. After it they are gone: spend them by then.\n\n"
        "https://club.example/points/?from=message\n\n"
        "You receive this because you agreed to e-mail from Regulars.\n"
    )
    ((html, media_type),) = message.alternatives  # type: ignore[attr-defined]
    assert media_type == "text/html"
    for text in (
        "120 points expire soon",
        "Jun 7, 2025",
        "https://club.example/points/?from=message",
    ):
        assert text in html
    assert deliveries() == [("email", "sent", 1, "")]
    assert NoticeDelivery.objects.get().finished_at == clock.now()


def test_writes_in_the_members_language(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(language="zh-hans")
    tell(member)
    send_notices()
    assert "2025年6月7日" in mail.outbox[0].body
    html = mail.outbox[0].alternatives[0][0]  # type: ignore[attr-defined]
    assert '<html lang="zh-hans">' in html


def test_sends_nothing_twice(member: Member) -> None:
    tell(member)
    assert send_notices() == {"sent": 1}
    assert send_notices() == {}
    assert len(mail.outbox) == 1
    assert Notice.objects.get().dispatched_at == clock.now()


def test_runs_as_a_task(member: Member) -> None:
    tell(member)
    send_notices_task.apply()
    assert deliveries() == [("email", "sent", 1, "")]


def test_prints_what_other_providers_would_get(
    member: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    for channel in ("sms", "wechat"):
        record_consent(member=member, channel=channel, is_granted=True, source="portal")
    tell(member)
    assert send_notices() == {"sent": 3}
    said = capsys.readouterr().out
    assert f"[SMS → {member.phone}]\n120 points expire soon" in said
    assert f"[WeChat → {member.card_number}]" in said


@pytest.mark.parametrize("agreed", ["email", "sms", "wechat"])
def test_goes_only_by_the_channel_that_the_member_agreed_to(
    agreed: str, member: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    for channel in ("email", "sms", "wechat"):
        is_granted = channel == agreed
        record_consent(member=member, channel=channel, is_granted=is_granted, source="portal")
    tell(member)
    assert send_notices() == {"sent": 1}
    said = capsys.readouterr().out
    assert [channel for channel, *_rest in deliveries()] == [agreed]
    assert [len(mail.outbox), said.count("[SMS →"), said.count("[WeChat →")] == [
        int(agreed == channel) for channel in ("email", "sms", "wechat")
    ]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "120 points expire soon"), ("zh-hans", "2025年6月7日")]
)
@pytest.mark.parametrize("channel", ["sms", "wechat"])
def test_other_channels_speak_the_members_language_too(
    channel: str, language: str, words: str, member: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    Member.objects.filter(pk=member.pk).update(language=language)
    record_consent(member=member, channel="email", is_granted=False, source="portal")
    record_consent(member=member, channel=channel, is_granted=True, source="portal")
    tell(member)
    send_notices()
    said = capsys.readouterr().out
    assert words in said
    assert ("120 points" in said) == (language == "en")


def test_asks_only_channels_that_something_carries(member: Member, settings: Any) -> None:
    settings.NOTICE_CHANNELS = {"email": "", "sms": ""}
    tell(member)
    assert send_notices() == {}
    assert deliveries() == []


def test_the_last_word_on_a_channel_counts(member: Member) -> None:
    record_consent(member=member, channel="email", is_granted=False, source="portal")
    tell(member)
    send_notices()
    assert (deliveries(), mail.outbox) == ([], [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": None}, "The member has no address there."),
        ({"status": "closed"}, "The membership is closed."),
        (None, "The consent was withdrawn."),
    ],
)
def test_looks_again_before_it_sends(
    member: Member, change: dict[str, Any] | None, reason: str
) -> None:
    tell(member)
    dispatch_notices({"email": BrokenChannel()})
    if change is None:
        record_consent(member=member, channel="email", is_granted=False, source="portal")
    else:
        Member.objects.filter(pk=member.pk).update(**change)
    assert send_notices() == {"skipped": 1}
    assert deliveries() == [("email", "skipped", 1, reason)]
    assert mail.outbox == []


def test_skips_a_channel_that_lost_its_adapter(member: Member, settings: Any) -> None:
    tell(member)
    dispatch_notices({"email": BrokenChannel()})
    settings.NOTICE_CHANNELS = {}
    send_notices()
    assert deliveries() == [("email", "skipped", 1, "No adapter carries this channel.")]


def test_tries_three_times_ten_minutes_apart(
    member: Member, settings: Any, traveller: time_machine.Traveller
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    tell(member)
    said = "The message could not be delivered: Connection unexpectedly closed"
    assert send_notices() == {"pending": 1}
    traveller.shift(timedelta(minutes=9, seconds=59))
    assert send_notices() == {}
    traveller.shift(timedelta(seconds=1))
    assert send_notices() == {"pending": 1}
    assert deliveries() == [("email", "pending", 2, said)]
    traveller.shift(timedelta(minutes=10))
    assert send_notices() == {"failed": 1}
    traveller.shift(timedelta(minutes=10))
    assert send_notices() == {}
    assert deliveries() == [("email", "failed", 3, said)]


def test_recovers_with_the_server(
    member: Member, settings: Any, traveller: time_machine.Traveller
) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    tell(member)
    send_notices()
    settings.EMAIL_BACKEND = backend
    traveller.shift(timedelta(minutes=10))
    assert send_notices() == {"sent": 1}
    assert deliveries() == [("email", "sent", 2, "")]


def test_keeps_an_adapters_mistake_and_goes_on(member: Member, settings: Any) -> None:
    settings.NOTICE_CHANNELS = {**settings.NOTICE_CHANNELS, "sms": f"{__name__}.BrokenChannel"}
    record_consent(member=member, channel="sms", is_granted=True, source="portal")
    tell(member)
    assert send_notices() == {"sent": 1, "pending": 1}
    assert "ZeroDivisionError: a mistake" in NoticeDelivery.objects.get(channel="sms").error


def test_leaves_alone_what_another_has_in_hand(member: Member) -> None:
    tell(member)
    dispatch_notices({"email": BrokenChannel()})
    NoticeDelivery.objects.update(claimed_at=clock.now() - timedelta(minutes=9), attempts=1)
    assert send_notices() == {}
    NoticeDelivery.objects.update(claimed_at=clock.now() - timedelta(minutes=10))
    assert send_notices() == {"sent": 1}


@pytest.mark.parametrize(("seconds", "sent"), [(1, 1), (0, 0)])
def test_leaves_old_news_to_the_inbox(member: Member, seconds: int, sent: int) -> None:
    tell(member, at=clock.now() - timedelta(days=3) + timedelta(seconds=seconds))
    send_notices()
    assert len(mail.outbox) == sent
    assert Notice.objects.get().dispatched_at == clock.now()
