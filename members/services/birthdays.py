"""A member gives the birthday once; an operator corrects it, with a reason."""

from dataclasses import asdict, astuple, dataclass
from datetime import datetime

from django.db import transaction

from common import clock
from members import rules
from members.errors import (
    BirthdayGiven,
    BirthdayReasonMissing,
    BirthdayUnchanged,
    MemberClosed,
)
from members.models import BirthdayChange, Member, User

COLUMNS = ("birth_year", "birth_month", "birth_day", "birth_calendar")


@transaction.atomic
def give_birthday(
    *,
    member: Member,
    month: int,
    day: int,
    year: int | None = None,
    calendar: str = Member.Calendar.SOLAR,
    now: datetime | None = None,
) -> Member:
    """Take down the birthday that a member tells; the same again changes nothing.

    Refused: another one than was given before (BirthdayGiven), what is no day of that calendar
    (BirthdayNotValid), a closed membership (MemberClosed).
    """
    at = now or clock.now()
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    told = Birthday(year, month, day, str(calendar))
    if locked.birth_month is not None:
        if _of(locked) == told:
            return locked
        raise BirthdayGiven()
    _check(locked, told, at)
    return _write(locked, told, at=at, operator=None, reason="")


@transaction.atomic
def correct_birthday(
    *,
    member: Member,
    operator: User,
    reason: str,
    month: int,
    day: int,
    year: int | None = None,
    calendar: str = Member.Calendar.SOLAR,
    now: datetime | None = None,
) -> Member:
    """Change a member's birthday, or give one that was never given, and keep who did and why.

    Birthday perks are not given for a birthday changed within the days that the programme sets.
    Refused: no reason, the birthday as it is, what is no day of that calendar, a closed
    membership.
    """
    at = now or clock.now()
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    told = Birthday(year, month, day, str(calendar))
    if not reason.strip():
        raise BirthdayReasonMissing()
    if _of(locked) == told:
        raise BirthdayUnchanged()
    _check(locked, told, at)
    return _write(locked, told, at=at, operator=operator, reason=reason.strip())


@dataclass(frozen=True)
class Birthday:
    """A birthday as it is kept: the year may stay unknown."""

    year: int | None
    month: int | None
    day: int | None
    calendar: str


def _of(member: Member) -> Birthday:
    return Birthday(member.birth_year, member.birth_month, member.birth_day, member.birth_calendar)


def _check(member: Member, told: Birthday, at: datetime) -> None:
    if member.is_closed:
        raise MemberClosed
    rules.check_birthday(
        year=told.year,
        month=told.month,
        day=told.day,
        is_lunar=told.calendar == Member.Calendar.LUNAR,
        today=clock.business_date(at),
    )


def _write(
    member: Member,
    told: Birthday,
    *,
    at: datetime,
    operator: User | None,
    reason: str,
) -> Member:
    BirthdayChange.objects.create(
        member=member,
        before=asdict(_of(member)),
        after=asdict(told),
        reason=reason,
        operator=operator,
        at=at,
    )
    for column, value in zip(COLUMNS, astuple(told), strict=True):
        setattr(member, column, value)
    member.birthday_set_on = clock.business_date(at)
    member.save(update_fields=[*COLUMNS, "birthday_set_on"])
    return member
