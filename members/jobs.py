"""The members, cut for the night's work; and what they are told, carried to them."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.db.models import Exists, F, Max, Min, OuterRef
from django.utils import translation
from django.utils.translation import gettext_noop as _

from common import clock
from common.jobs.steps import Counts, ranged_step
from members.channels import Channel, Message, configured_channels
from members.errors import DeliveryFailed
from members.models import Consent, ErasureRequest, Member, Notice, NoticeDelivery
from members.notices import told
from members.services import codes
from members.services.erasure import erase_member, sweep_member
from members.services.forgetting import end_sessions_of_nobody

logger = logging.getLogger(__name__)

Status = NoticeDelivery.Status

BATCH = 500
# A run ends after so many: the next one, a minute later, goes on.
MOST_AT_ONCE = 1_000
MOST_ATTEMPTS = 3
# Longer than any sending takes: whoever claimed it that long ago has died or was refused.
RETRY_AFTER = timedelta(minutes=10)
# What could not be told in time outside the portal is left to the inbox.
TOO_OLD = timedelta(days=3)


def population(size: int) -> Iterator[tuple[int, int]]:
    """All members as ranges of ids with at most `size` members each, first and last inclusive."""
    last, newest = 0, Member.objects.aggregate(newest=Max("pk"))["newest"] or 0
    while last < newest:
        ids = Member.objects.after(last).values_list("pk", flat=True)
        first = ids[0]
        last = next(iter(ids[size - 1 : size]), newest)
        yield first, last


def earliest_night() -> date | None:
    """The day on which the first member joined: before it a night has nothing to close.

    None as long as there is nobody.
    """
    first: date | None = Member.objects.aggregate(first=Min("joined_on"))["first"]
    return first


def forget_codes() -> int:
    """Delete codes, counters and sessions whose time is over; gives how many of the first two.

    A session that ended takes its line of a member's devices with it.
    """
    forgotten = codes.forget_codes()
    call_command("clearsessions")
    living = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(living)).delete()
    return forgotten


@ranged_step
def erase_members(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Erase members whose days to think again were over by the cutoff.

    Those of an earlier night are looked at once more: what was being written while they were
    erased goes too. Run again, it finds nothing.
    """
    cutoff, now = clock.cutoff(business_date), clock.now()
    requests = ErasureRequest.objects.in_range(first_member_id, last_member_id)
    # In the order in which every night locks members.
    earlier = list(requests.to_sweep(cutoff).order_by("member"))
    due = list(requests.due(cutoff).order_by("member"))
    for request in earlier:
        sweep_member(request=request, now=now)
    for request in due:
        erase_member(request=request, now=now)
    if due:
        end_sessions_of_nobody()
    counts = {"erased": len(due)}
    return counts | {"swept": len(earlier)} if earlier else counts


def send_notices() -> dict[str, int]:
    """Carry new notices to members by the channels they agreed to; counts by what became of each.

    Any number of workers may be at it. A delivery is claimed by a conditional update before it is
    sent: it may go out twice only when a worker dies between sending and saying so.
    """
    channels = configured_channels()
    while dispatch_notices(channels):
        pass
    due = NoticeDelivery.objects.due(claimed_before=clock.now() - RETRY_AFTER)
    counts: dict[str, int] = {}
    for pk in list(due.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if outcome := _deliver(pk, channels):
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


@transaction.atomic
def dispatch_notices(channels: Mapping[str, Channel]) -> int:
    """Ask each channel that a member agreed to for the next notices; gives how many were taken.

    A notice older than three days stays in the inbox only.
    """
    now = clock.now()
    waiting = Notice.objects.undispatched().select_for_update(skip_locked=True)
    notices = list(waiting[:BATCH])
    fresh = [notice for notice in notices if notice.created_at > now - TOO_OLD]
    granted = Consent.objects.granted({notice.member_id for notice in fresh})
    NoticeDelivery.objects.bulk_create(
        (
            NoticeDelivery(notice=notice, channel=channel)
            for notice in fresh
            for channel in channels
            if (notice.member_id, channel) in granted
        ),
        ignore_conflicts=True,
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(dispatched_at=now)
    return len(notices)


def _deliver(pk: int, channels: Mapping[str, Channel]) -> str | None:
    """Send one delivery unless another has it; gives its status afterwards."""
    delivery = _claim(pk, clock.now())
    if delivery is None:
        return None
    channel = channels.get(delivery.channel)
    if reason := _reason_not_to_send(delivery, channel):
        return _record(delivery, Status.SKIPPED, reason)
    assert channel is not None
    try:
        _send(delivery, channel)
    except DeliveryFailed as error:
        return _record_failure(delivery, str(error))
    except Exception:
        logger.exception("Notice %s could not be sent by %s.", delivery.notice_id, delivery.channel)
        return _record_failure(delivery, traceback.format_exc())
    return _record(delivery, Status.SENT)


def _claim(pk: int, now: datetime) -> NoticeDelivery | None:
    due = NoticeDelivery.objects.due(claimed_before=now - RETRY_AFTER).filter(pk=pk)
    if not due.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    return NoticeDelivery.objects.select_related("notice__member").get(pk=pk)


def _reason_not_to_send(delivery: NoticeDelivery, channel: Channel | None) -> str:
    """Why nothing is sent after all, to be translated where operators read it; empty when it is."""
    member = delivery.notice.member
    if channel is None:
        return _("No adapter carries this channel.")
    if member.is_closed:
        return _("The membership is closed.")
    if (member.pk, delivery.channel) not in Consent.objects.granted([member.pk]):
        return _("The consent was withdrawn.")
    return "" if channel.recipient(member) else _("The member has no address there.")


def _send(delivery: NoticeDelivery, channel: Channel) -> None:
    member = delivery.notice.member
    language = member.language or settings.LANGUAGE_CODE
    with translation.override(language):
        said = told(delivery.notice)
        message = Message(
            title=said.text.title,
            body=said.text.body,
            address=_opened_from(said.address),
            language=language,
        )
        channel.send(recipient=channel.recipient(member), message=message)


def _opened_from(path: str) -> str:
    """Where a message leads: the page knows that it was opened from one. Empty without a portal."""
    return f"{settings.PORTAL_URL}{path}?from=message" if settings.PORTAL_URL else ""


def _record_failure(delivery: NoticeDelivery, error: str) -> str:
    """Keep the error; the last attempt's ends it, after another the delivery waits for the next."""
    is_last = delivery.attempts >= MOST_ATTEMPTS
    return _record(delivery, Status.FAILED if is_last else Status.PENDING, error)


def _record(delivery: NoticeDelivery, status: NoticeDelivery.Status, error: str = "") -> str:
    ours = NoticeDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    ours.filter(status=Status.PENDING).update(
        status=status,
        error=error,
        finished_at=None if status == Status.PENDING else clock.now(),
    )
    return str(status)
