"""The check-in page: this month's days, the streak, and what today gives."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from common import clock
from loyalty.models import Activity, EarningRule, PointsEntry, PointType, Trigger
from loyalty.sentences import rule_sentence
from loyalty.services.dry_run import dry_run_check_in
from members.models import Member


@dataclass(frozen=True)
class Day:
    """A day of the month's sheet."""

    on: date
    is_checked: bool
    is_today: bool


@dataclass(frozen=True)
class Given:
    """Points of one kind: what today's check-in gave, or would give."""

    kind: PointType
    points: int


@dataclass(frozen=True)
class Streak:
    """How the member stands today; without a check-in yesterday or today the streak is 0."""

    days: int
    is_checked: bool


@dataclass(frozen=True)
class CheckIns:
    """Everything that the page tells one member; `weeks` begin on Monday, gaps are None."""

    streak: Streak
    gives: list[Given]
    weeks: list[list[Day | None]]
    month: date
    sentences: list[str]


def is_offered(day: date) -> bool:
    """Whether some rule in force rewards check-ins on a business date."""
    return EarningRule.objects.giving(Trigger.CHECK_IN, day).exists()


def streak_of(member: Member, day: date) -> Streak:
    """Days in a row up to a business date, or up to the day before it while it is not checked."""
    yesterday = day - timedelta(days=1)
    last = Activity.objects.check_ins_between(member, yesterday, day).first()
    return Streak(
        days=last.streak if last else 0, is_checked=last is not None and last.business_date == day
    )


def check_ins_of(member: Member, now: datetime) -> CheckIns:
    """The page at an instant, by the rules in force."""
    today = clock.business_date(now)
    streak = streak_of(member, today)
    rules = EarningRule.objects.giving(Trigger.CHECK_IN, today).with_words()
    return CheckIns(
        streak=streak,
        gives=_given(member, today) if streak.is_checked else _would_give(member, now),
        weeks=_weeks(member, today),
        month=today.replace(day=1),
        sentences=[rule_sentence(rule) for rule in rules.order_by("code")],
    )


def _given(member: Member, today: date) -> list[Given]:
    entries = PointsEntry.objects.filter(
        activity__member=member,
        activity__kind=Trigger.CHECK_IN,
        activity__business_date=today,
        kind=PointsEntry.Kind.EARN,
    )
    return [
        Given(entry.account.point_type, entry.points)
        for entry in entries.select_related("account__point_type").order_by("pk")
    ]


def _would_give(member: Member, now: datetime) -> list[Given]:
    runs = dry_run_check_in(member=member, at=now)
    return [Given(run.kind, run.earning.points) for run in runs if run.earning.points > 0]


def _weeks(member: Member, today: date) -> list[list[Day | None]]:
    first = today.replace(day=1)
    checked = set(
        Activity.objects.check_ins_between(member, first, today).values_list(
            "business_date", flat=True
        )
    )
    return [
        [
            Day(on=day, is_checked=day in checked, is_today=day == today)
            if day.month == today.month
            else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(today.year, today.month)
    ]
