"""Activities: check-ins, reviews, shares and the like, each rewarded once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from common import clock
from loyalty import rules
from loyalty.errors import HappensInFuture, NotAnActivity
from loyalty.models import Activity, PointsAccount, PointsEntry, Trigger
from members.models import Member

from .caps import use_caps
from .earning import evaluate_under_caps, segment_ids_on, tier_id_at
from .ledger import Kind, Posting, debt_paid, ledger_instant, lock_accounts, lot_terms, post
from .programme import Programme
from .purchases import TOLERANCE
from .standings import upgrade_tier

# The key of what a member does once in a lifetime.
ONCE = "once"
# What nobody reports: it has a service of its own.
ON_THEIR_OWN = (Trigger.PURCHASE, Trigger.CHECK_IN, Trigger.BIRTHDAY)


@transaction.atomic
def check_in(*, member: Member, now: datetime | None = None) -> Activity:
    """Check a member in for today's business date; again on the same date gives the first back.

    The streak goes on from yesterday's check-in, or begins with 1.
    """
    at = now or clock.now()
    day = clock.business_date(at)
    return _record(member, Trigger.CHECK_IN, key=day.isoformat(), at=at, now=at)


@transaction.atomic
def record_activity(
    *, member: Member, kind: str, key: str, at: datetime | None = None, now: datetime | None = None
) -> Activity:
    """Record what a member did, once per kind and key, and let it earn by the rules in force.

    The same again gives the first back; a profile is completed once ever, whatever the key.
    Refused: a purchase, a check-in and a birthday (which have services of their own), and what lies
    in the future.
    """
    if kind in ON_THEIR_OWN or kind not in Trigger:
        raise NotAnActivity(kind=kind)
    moment = now or clock.now()
    happened_at = at or moment
    if happened_at > moment + TOLERANCE:
        raise HappensInFuture(at=happened_at)
    if kind == Trigger.PROFILE_COMPLETED:
        key = ONCE
    return _record(member, Trigger(kind), key=key, at=happened_at, now=moment)


@transaction.atomic
def record_birthday(
    *,
    member: Member,
    year: int,
    at: datetime,
    programme: Programme | None = None,
    now: datetime | None = None,
) -> Activity:
    """Record a member's birthday in a year of its own calendar, once, and let it earn by the rules.

    `at` is when it counts: the tier, the segments and the dates of rules are those of then. Again
    in the same year, also on another day because it was corrected, it gives the first back.
    """
    moment = now or clock.now()
    if at > moment + TOLERANCE:
        raise HappensInFuture(at=at)
    return _record(member, Trigger.BIRTHDAY, key=str(year), at=at, now=moment, programme=programme)


def _record(
    member: Member,
    kind: Trigger,
    *,
    key: str,
    at: datetime,
    now: datetime,
    programme: Programme | None = None,
) -> Activity:
    programme = programme or Programme.for_facts()
    accounts = lock_accounts([member.pk], programme.types_to_lock(kind))
    if known := Activity.objects.filter(member=member, kind=kind, key=key).first():
        return known
    day = clock.business_date(at)
    activity = Activity.objects.create(
        member=member,
        kind=kind,
        key=key,
        at=at,
        business_date=day,
        streak=streak_on(member, day) if kind == Trigger.CHECK_IN else 0,
    )
    _earn(activity, accounts, programme, now)
    upgrade_tier(member=member, programme=programme, fact_at=at, now=now)
    return activity


def streak_on(member: Member, day: date) -> int:
    """How many days in a row a check-in on a business date makes it."""
    before = Activity.objects.check_in_on(member, day - timedelta(days=1))
    return before.streak + 1 if before else 1


def occasion_of_activity(activity: Activity, programme: Programme) -> rules.Occasion:
    """An activity as rules see it."""
    member = activity.member
    return rules.Occasion(
        trigger=activity.kind,
        at=activity.at.astimezone(clock.zone()),
        tier=tier_id_at(member, activity.at, programme),
        segments=segment_ids_on(member, activity.business_date, programme),
        joined_on=member.joined_on,
        streak=activity.streak,
    )


def _earn(
    activity: Activity, accounts: Sequence[PointsAccount], programme: Programme, now: datetime
) -> list[PointsEntry]:
    member = activity.member
    occasion = occasion_of_activity(activity, programme)
    entries = []
    for account in accounts:
        kind = programme.point_types[account.point_type_id]
        earning = evaluate_under_caps(kind, occasion, programme, member, activity.business_date)
        if earning.points <= 0:
            continue
        use_caps(earning.steps, member, activity.business_date)
        at = ledger_instant(account, now)
        terms = lot_terms(kind, member, earned_on=activity.business_date, at=at, is_held=False)
        posting = Posting(
            kind=Kind.EARN,
            points=earning.points,
            key=f"activity:{activity.pk}",
            at=at,
            debt_change=-debt_paid(account, earning.points),
            opens=terms,
            activity=activity,
            breakdown=earning.breakdown,
        )
        entries.append(post(account, posting))
    return entries
