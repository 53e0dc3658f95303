"""Whose birthday perks are due on a night, and whose come next."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from benefits.models import BirthdayGrant, BirthdayPerk
from benefits.rules.birthdays import (
    ONE_DAY,
    Birthday,
    Span,
    Window,
    is_open,
    is_too_new,
    windows_near,
)
from common import clock
from loyalty.models import Activity, Trigger
from loyalty.services.overrides import TierHistory
from members.models import Member

LEAP_DAYS = {"02-28": False, "03-01": True}
READ_AT_ONCE = 500

EVERY_BIRTHDAY = (
    *(Birthday(month, day) for month in range(1, 13) for day in range(1, 32)),
    *(Birthday(month, day, is_lunar=True) for month in range(1, 13) for day in range(1, 31)),
)
# Days that no year has; the rest of the solar calendar's are in leap years.
NO_DAYS = {(2, 30), (2, 31), (4, 31), (6, 31), (9, 31), (11, 31)}

Shape = tuple[Span, int]


@dataclass(frozen=True)
class Due:
    """A perk that a member is to be given, and for which days."""

    member: Member
    perk: BirthdayPerk
    window: Window


@dataclass(frozen=True)
class Celebration:
    """A member's birthday that is to be recorded."""

    member: Member
    window: Window

    @property
    def at(self) -> datetime:
        """When it counts: at the day's beginning, or on joining where that came later."""
        return max(clock.cutoff(self.window.celebrated_on), self.member.joined_at)


def leap_day_in_march() -> bool:
    """Whether birthdays on 29 February are kept on 1 March in common years."""
    try:
        return LEAP_DAYS[settings.BIRTHDAY_LEAP_DAY]
    except KeyError:
        raise ImproperlyConfigured("BIRTHDAY_LEAP_DAY is 02-28 or 03-01.") from None


def birthday_of(member: Member) -> Birthday | None:
    """A member's birthday; None where it was never given."""
    if member.birth_month is None or member.birth_day is None:
        return None
    is_lunar = member.birth_calendar == Member.Calendar.LUNAR
    return Birthday(member.birth_month, member.birth_day, is_lunar)


def due_on(night: date, first_member_id: int, last_member_id: int) -> list[Due]:
    """The perks that the night of a date gives to a range of members, in the order of locks.

    By the tier that held when the perk opened for the member: whoever rises later gets the perks
    of that tier next year.
    """
    perks = list(BirthdayPerk.objects.given_on(night))
    shapes = frozenset((Span(perk.span), perk.days_ahead) for perk in perks)
    birthdays = birthdays_open(night, shapes, leap_day_in_march())
    if not birthdays:
        return []
    found = _candidates(birthdays).filter(
        pk__gte=first_member_id, pk__lte=last_member_id, joined_on__lt=night
    )
    members = list(found.order_by("pk"))
    due = [
        found
        for start in range(0, len(members), READ_AT_ONCE)
        for found in _due(night, members[start : start + READ_AT_ONCE], perks)
    ]
    place = {perk.pk: number for number, perk in enumerate(perks)}
    return sorted(due, key=lambda found: (place[found.perk.pk], found.member.pk))


def celebrated_on(night: date, first_member_id: int, last_member_id: int) -> list[Celebration]:
    """The birthdays that the night of a date records for a range of members, in ascending id.

    Those of the date and of the days before it that were missed; who joins later in the month of
    the birthday has it then. Told or changed too shortly before, it waits a year.
    """
    is_march, shape = leap_day_in_march(), (Span.DAY, 0)
    birthdays = birthdays_open(night, frozenset({shape}), is_march)
    if not birthdays:
        return []
    members = _candidates(birthdays).filter(
        pk__gte=first_member_id, pk__lte=last_member_id, joined_on__lt=night
    )
    open_now = [
        Celebration(member, window)
        for member in members.order_by("pk")
        if (birthday := birthday_of(member))
        for window in windows_near(night, birthday, *shape, leap_day_in_march=is_march)
        if is_open(window, night, member.joined_on) and not _is_too_new(member, window)
    ]
    years = {str(found.window.year) for found in open_now}
    ids = [found.member.pk for found in open_now]
    recorded = Activity.objects.filter(kind=Trigger.BIRTHDAY, key__in=years)
    known: set[tuple[int | None, str]]
    known = set(recorded.filter(member__in=ids).values_list("member", "key"))
    # A member who was merged into this one had the same birthday already.
    merged = recorded.filter(member__merged_into__in=ids)
    known |= set(merged.values_list("member__merged_into", "key"))
    return [found for found in open_now if (found.member.pk, str(found.window.year)) not in known]


def is_celebrated(member: Member, today: date) -> bool:
    """Whether it is a member's birthday."""
    birthday = birthday_of(member)
    near = (
        windows_near(today, birthday, Span.DAY, 0, leap_day_in_march=leap_day_in_march())
        if birthday
        else ()
    )
    return any(window.celebrated_on == today for window in near)


def upcoming(today: date, days: int, most: int) -> list[Due]:
    """Who is given something on the coming nights, the soonest first, by the tiers of today.

    At most so many; members who join or change their birthday meanwhile are not foreseen.
    """
    told: list[Due] = []
    for ahead in range(1, days + 1):
        night = today + ahead * ONE_DAY
        perks = list(BirthdayPerk.objects.given_on(night))
        shapes = frozenset((Span(perk.span), perk.days_ahead) for perk in perks)
        opening = _opening_on(night, shapes, leap_day_in_march())
        if opening:
            members = list(_candidates(opening).order_by("pk")[: most - len(told)])
            due = _due(night, members, perks, judged_at=clock.now())
            told += [found for found in due if found.window.opens_on == night]
        if len(told) >= most:
            break
    return told[:most]


@lru_cache(maxsize=64)
def birthdays_open(night: date, shapes: frozenset[Shape], is_march: bool) -> frozenset[Birthday]:
    """The birthdays of which some perk is open on a night, for somebody who joined long ago or in
    the month of the birthday."""
    return frozenset(
        birthday
        for birthday, window in _windows(night, shapes, is_march)
        if _may_be_open(window, night)
    )


def _may_be_open(window: Window, night: date) -> bool:
    long_ago, in_its_month = date.min, window.celebrated_on.replace(day=1)
    return is_open(window, night, long_ago) or is_open(window, night, in_its_month)


@lru_cache(maxsize=64)
def _opening_on(night: date, shapes: frozenset[Shape], is_march: bool) -> frozenset[Birthday]:
    windows = _windows(night, shapes, is_march)
    return frozenset(birthday for birthday, window in windows if window.opens_on == night)


def _windows(
    night: date, shapes: Collection[Shape], is_march: bool
) -> Iterator[tuple[Birthday, Window]]:
    for birthday in EVERY_BIRTHDAY:
        if not birthday.is_lunar and (birthday.month, birthday.day) in NO_DAYS:
            continue
        for span, days_ahead in shapes:
            near = windows_near(night, birthday, span, days_ahead, leap_day_in_march=is_march)
            for window in near:
                yield birthday, window


def _candidates(birthdays: Collection[Birthday]) -> QuerySet[Member]:
    """Active members with one of these birthdays; a condition for each month and calendar."""
    days: dict[tuple[bool, int], list[int]] = {}
    for birthday in birthdays:
        days.setdefault((birthday.is_lunar, birthday.month), []).append(birthday.day)
    wanted = Q()
    for (is_lunar, month), of_month in sorted(days.items()):
        calendar = Member.Calendar.LUNAR if is_lunar else Member.Calendar.SOLAR
        wanted |= Q(birth_calendar=calendar, birth_month=month, birth_day__in=sorted(of_month))
    return Member.objects.active().filter(wanted)


def _due(
    night: date,
    members: Sequence[Member],
    perks: Sequence[BirthdayPerk],
    judged_at: datetime | None = None,
) -> list[Due]:
    """The perks open for these members that they have not had, by the tier when they opened."""
    ids = [member.pk for member in members]
    had = set(
        BirthdayGrant.objects.filter(member__in=ids, year__gte=night.year - 1).values_list(
            "member_id", "perk_id", "year"
        )
    )
    by_merge = _years_by_merge(ids, night)
    open_now = [
        found
        for member in members
        for perk in perks
        for found in _open_for(member, perk, night)
        if (member.pk, perk.pk, found.window.year) not in had
        and (member.pk, found.window.year) not in by_merge
    ]
    tiers = TierHistory({found.member.pk for found in open_now})
    return [
        found
        for found in open_now
        if (tier := tiers.at(found.member.pk, judged_at or _opened_at(found)))
        and tier.pk == found.perk.tier_id
    ]


def _years_by_merge(ids: Collection[int], night: date) -> set[tuple[int | None, int]]:
    """The years for which members had a perk as somebody who was merged into them."""
    grants = BirthdayGrant.objects.filter(year__gte=night.year - 1)
    theirs = grants.filter(member__merged_into__in=ids)
    came = grants.filter(
        member__in=ids, coupon__merges__merge__undone_at__isnull=True, coupon__merges__isnull=False
    )
    return {
        *theirs.values_list("member__merged_into", "year"),
        *came.values_list("member", "year"),
    }


def _open_for(member: Member, perk: BirthdayPerk, night: date) -> Iterator[Due]:
    birthday = birthday_of(member)
    if birthday is None:
        return
    near = windows_near(
        night,
        birthday,
        Span(perk.span),
        perk.days_ahead,
        leap_day_in_march=leap_day_in_march(),
    )
    for window in near:
        began = window.ends_on >= perk.starts_on or member.joined_on >= perk.starts_on
        if began and not _is_too_new(member, window) and is_open(window, night, member.joined_on):
            yield Due(member=member, perk=perk, window=window)


def _is_too_new(member: Member, window: Window) -> bool:
    return is_too_new(
        window,
        set_on=member.birthday_set_on,
        joined_on=member.joined_on,
        quiet_days=settings.BIRTHDAY_QUIET_DAYS,
    )


def _opened_at(due: Due) -> datetime:
    """When the perk opened for the member: at the end of the day of joining, if that came later."""
    return clock.cutoff(max(due.window.opens_on, due.member.joined_on + ONE_DAY))
