"""What a night does to coupons and events, and the work between nights."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from benefits.birthdays import celebrated_on, due_on
from benefits.models import (
    Coupon,
    CouponBatch,
    CouponGroup,
    CouponUse,
    EventSession,
    GuessCounter,
    Registration,
    TierGift,
)
from benefits.models.coupons import NOT_RESERVED, CouponQuerySet
from benefits.services.attendance import close_session, remind_guests, settle_cancelled
from benefits.services.batches import issue_next
from benefits.services.birthdays import (
    celebrate_birthday,
    grant_birthday_perk,
    lock_for_gifts,
)
from benefits.services.checkout import give_back_coupons as give_back
from benefits.services.holidays import (
    give_holiday_coupon,
    holiday_key,
    holiday_params,
    holidays_on,
    not_given,
)
from benefits.services.seats import pass_on_seats
from benefits.services.sharing import lapse_group
from benefits.services.tier_gifts import give_tier_gift, moves_to_answer
from common import clock
from common.errors import DomainError
from common.jobs.steps import Counts, latest_only, ranged_step, whole_step
from common.sql import execute_sql
from loyalty.models import PointType, Purchase, Trigger
from loyalty.services.ledger import lock_accounts
from loyalty.services.programme import Programme

logger = logging.getLogger(__name__)

ROWS = 5_000
SETTLED_AT_ONCE = 100


@ranged_step
def give_back_coupons(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Answer refunds of before the cutoff: coupons of whole refunds come back if still valid.

    Answered once: a coupon that is back is not used any more.
    """
    cutoff, now = clock.cutoff(business_date), clock.now()
    uses = CouponUse.objects.to_give_back(cutoff).filter(
        member__gte=first_member_id, member__lte=last_member_id
    )
    ids = uses.order_by("purchase").values_list("purchase", flat=True).distinct()
    purchases = Purchase.objects.in_bulk(list(ids))
    given_back = [give_back(purchase=purchases[pk], now=now) for pk in sorted(purchases)]
    return {"coupons": sum(map(len, given_back))}


@ranged_step
def grant_birthday_perks(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Give the birthday perks that have opened by this date, those of missed nights included.

    What cannot be given now, for want of coupons for example, is counted as refused and tried
    again by the next nights.
    """
    now = clock.now()
    due = due_on(business_date, first_member_id, last_member_id)
    has_points = any(found.perk.template is None for found in due)
    lock_for_gifts([found.member for found in due], has_points=has_points)
    gifts = refused = 0
    for found in due:
        try:
            grant_birthday_perk(due=found, night=business_date, now=now)
        except DomainError as refusal:
            refused += 1
            logger.warning(
                "Birthday perk %s was not given to member %s: %s",
                found.perk.pk,
                found.member.pk,
                refusal.code,
            )
        else:
            gifts += 1
    return _told(gifts, refused)


@ranged_step
def record_birthdays(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Record the birthdays of this date, those of missed nights included, where a rule rewards
    them; each once for its member and year.
    """
    now, programme = clock.now(), Programme.for_facts()
    if not programme.types_earned_by(Trigger.BIRTHDAY):
        return {"birthdays": 0}
    due = celebrated_on(business_date, first_member_id, last_member_id)
    lock_accounts([found.member.pk for found in due], programme.types_to_lock(Trigger.BIRTHDAY))
    for found in due:
        celebrate_birthday(celebration=found, programme=programme, now=now)
    return {"birthdays": len(due)}


@ranged_step
def answer_tier_changes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Give the tier gifts of moves up from before the cutoff that were not answered yet."""
    now = clock.now()
    gifts = list(TierGift.objects.given_on(business_date))
    cutoff = clock.cutoff(business_date)
    owed = moves_to_answer(gifts, cutoff, first_member_id, last_member_id)
    has_points = any(gift.template is None for gift, _change in owed)
    lock_for_gifts([change.member for _gift, change in owed], has_points=has_points)
    given = refused = 0
    for gift, change in owed:
        try:
            give_tier_gift(gift=gift, change=change, now=now)
        except DomainError as refusal:
            refused += 1
            logger.warning(
                "Tier gift %s was not given to member %s: %s",
                gift.pk,
                change.member_id,
                refusal.code,
            )
        else:
            given += 1
    return _told(given, refused)


@ranged_step
def greet_on_holidays(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Greet active members on the holidays of this date, and give the coupon where there is one.

    Greetings and coupons are once for each holiday and year; a coupon that cannot be given is
    counted as refused.
    """
    now = clock.now()
    notices = given = refused = 0
    for holiday, year in holidays_on(business_date):
        (told,) = execute_sql(
            "benefits",
            "greet_on_holiday",
            {
                "key": holiday_key(holiday, year),
                "params": json.dumps(holiday_params(holiday)),
                "business_date": business_date,
                "now": now,
                "first": first_member_id,
                "last": last_member_id,
            },
        )
        notices += told
        for member in not_given(holiday, year, first_member_id, last_member_id):
            try:
                give_holiday_coupon(holiday=holiday, year=year, member=member, now=now)
            except DomainError:
                refused += 1
            else:
                given += 1
    return {"notices": notices} | _told(given, refused)


@ranged_step
def expire_coupons(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Let go of reservations whose time was up by the cutoff, and book coupons as expired.

    A coupon that a checkout still holds is left to a later night: it may yet be paid with.
    """
    coupons = Coupon.objects.filter(member__gte=first_member_id, member__lte=last_member_id)
    cutoff = clock.cutoff(business_date)
    lapsed = coupons.filter(status=Coupon.Status.RESERVED, reserved_until__lte=cutoff)
    released = _update(lapsed, **NOT_RESERVED)
    return {"released": released, "coupons": _expire(coupons, cutoff)}


@whole_step
def expire_codes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Book codes that nobody holds as expired, tell of groups that did not fill, and forget
    yesterday's guesses.
    """
    cutoff, now = clock.cutoff(business_date), clock.now()
    minutes = 60 * settings.COUPON_GUESS_MINUTES
    GuessCounter.objects.filter(window__lt=int(cutoff.timestamp()) // minutes).delete()
    due = CouponGroup.objects.due_to_lapse(cutoff).select_related("template")
    groups = sum(lapse_group(group=group, now=now) for group in due)
    expired = _expire(Coupon.objects.filter(member__isnull=True), cutoff)
    return {"coupons": expired} | ({"groups": groups} if groups else {})


@latest_only
@ranged_step
def notify_expiring_coupons(
    business_date: date, first_member_id: int, last_member_id: int
) -> Counts:
    """Tell members which coupons end soon: one notice per last valid day and period.

    Seen from the night's cutoff, a day belongs to the shortest period that reaches it: with 7 and
    1, coupons are told of when 7 or fewer days are left, and again on their last day.
    """
    notices = 0
    for day in days_to_tell(business_date):
        params = day | {
            "first": first_member_id,
            "last": last_member_id,
            "business_date": business_date,
            "now": clock.now(),
        }
        (told,) = execute_sql("benefits", "tell_of_expiring_coupons", params)
        notices += told
    return {"notices": notices}


def days_to_tell(business_date: date) -> Iterator[dict[str, object]]:
    """The days that a night tells of: the last valid day, its bounds and its period."""
    periods = sorted(set(settings.COUPON_NOTICE_DAYS))
    if not periods or periods[0] < 1:
        raise ImproperlyConfigured("COUPON_NOTICE_DAYS needs whole days, each at least 1.")
    for left in range(1, periods[-1] + 1):
        last_day = business_date + timedelta(days=left - 1)
        yield {
            "last_day": last_day.isoformat(),
            "days": next(period for period in periods if period >= left),
            "after": clock.cutoff(last_day),
            "until": clock.cutoff(last_day + timedelta(days=1)),
        }


@whole_step
def close_events(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Answer what time has decided about events before the cutoff.

    Places in sessions that were called off are given back, offers that nobody answered go on to
    the next, who did not come is written down, and who comes soon is reminded. The minute's task
    does the same but for the no-shows; what it missed is found here.
    """
    cutoff, now = clock.cutoff(business_date), clock.now()
    gone = list(Registration.objects.of_cancelled_sessions().whole())
    if gone:
        # Accounts come before sessions in the order of locks: all of them before the first.
        lock_accounts([place.member_id for place in gone], [PointType.objects.base()])
    for place in gone:
        settle_cancelled(place=place, now=now)
    counts = Counter(cancelled_places=len(gone))
    for session in EventSession.objects.with_something_due(cutoff):
        counts.update(pass_on_seats(session=session, until=cutoff, now=now))
    for session in EventSession.objects.with_guests_left(cutoff):
        counts.update(close_session(session=session, until=cutoff, now=now))
    for session in _to_remind(now):
        counts["reminders"] += remind_guests(session=session, now=now)
    return dict(counts)


def settle_sessions(sessions: Iterable[EventSession]) -> int:
    """Give back the places of sessions that were just called off, one after the other; how many.

    As many as an operator may wait for: the minute's task finds the others.
    """
    ids = [session.pk for session in sessions]
    gone = Registration.objects.of_cancelled_sessions().filter(session__in=ids)
    places = list(gone.whole()[:SETTLED_AT_ONCE])
    for place in places:
        settle_cancelled(place=place)
    return len(places)


def tend_events() -> int:
    """Between the nights: pass on seats that nobody answered for, give back the places of sessions
    that were called off, remind guests; gives how many of these were to do.

    One that fails is logged and tried again a minute later; it holds up no other.
    """
    now = clock.now()
    acts: list[Callable[[], object]] = [
        *(
            partial(settle_cancelled, place=place)
            for place in Registration.objects.of_cancelled_sessions().whole()
        ),
        *(
            partial(pass_on_seats, session=session)
            for session in EventSession.objects.with_something_due(now)
        ),
        *(partial(remind_guests, session=session) for session in _to_remind(now)),
    ]
    for act in acts:
        try:
            act()
        except Exception:
            logger.exception("Something about an event could not be done: %s.", act)
    return len(acts)


def lapse_groups() -> int:
    """Between the nights: tell of groups whose time is up; how many. The night finds the others."""
    now = clock.now()
    due = CouponGroup.objects.due_to_lapse(now).select_related("template")
    return sum(lapse_group(group=group, now=now) for group in due)


def issue_batches() -> int:
    """Write what is promised and not there yet, range by range; gives how many batches ended.

    Any number of workers may be at it, and one that dies loses at most its range. A batch that
    fails is logged and tried again a minute later; it holds up no other.
    """
    finished = 0
    for batch in CouponBatch.objects.unfinished():
        try:
            finished += finish_batch(batch).is_done
        except Exception:
            logger.exception("Coupon batch %s could not go on.", batch.pk)
    return finished


def finish_batch(batch: CouponBatch) -> CouponBatch:
    """Write ranges of one batch until none is missing."""
    while not batch.is_done:
        batch = issue_next(batch=batch)
    return batch


def _to_remind(at: datetime) -> list[EventSession]:
    """The sessions whose time to remind has come, and somebody is not reminded."""
    found = EventSession.objects.with_guests_to_remind(at)
    return [session for session in found if session.remind_at and session.remind_at <= at]


def _expire(coupons: CouponQuerySet, cutoff: datetime) -> int:
    due = coupons.filter(status=Coupon.Status.ISSUED, expires_at__lte=cutoff)
    return _update(due, status=Coupon.Status.EXPIRED)


def _update(coupons: CouponQuerySet, **values: object) -> int:
    """Change rows, some at a time, that are locked in the order in which checkouts lock them.

    What is changed no longer is among those to change.
    """
    changed = 0
    while ids := [coupon.pk for coupon in coupons.locked().only("pk")[:ROWS]]:
        changed += Coupon.objects.filter(pk__in=ids).update(**values)
    return changed


def _told(gifts: int, refused: int) -> Counts:
    """What was given, and what could not be where there is any."""
    return {"gifts": gifts} | ({"refused_gifts": refused} if refused else {})
