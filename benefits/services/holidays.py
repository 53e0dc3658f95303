"""Holidays: which fall on a date, and the coupon that some of them bring."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from benefits.birthdays import leap_day_in_march
from benefits.models import Coupon, Holiday
from benefits.rules.birthdays import Birthday, celebrated_in
from members.models import Member, Notice

from .issuing import issue_coupon


def holidays_on(day: date) -> list[tuple[Holiday, int]]:
    """The holidays that fall on a date, each with the year of its own calendar.

    Those with coupons come last, by template: that is the order in which templates are locked.
    """
    found = [
        (holiday, year)
        for holiday in Holiday.objects.greeted()
        for year in (day.year - 1, day.year)
        if _falls_in(holiday, year) == day
    ]
    return sorted(found, key=lambda pair: (pair[0].template_id or 0, pair[0].pk))


def holiday_key(holiday: Holiday, year: int) -> str:
    """What the greeting and the coupon of one year are known by."""
    return f"holiday:{holiday.pk}:{year}"


def holiday_params(holiday: Holiday) -> dict[str, str]:
    """What a greeting says, as it was written on the day."""
    return {
        "name_en": holiday.name_en,
        "name_zh": holiday.name_zh,
        "greeting_en": holiday.greeting_en,
        "greeting_zh": holiday.greeting_zh,
    }


def not_given(
    holiday: Holiday, year: int, first_member_id: int, last_member_id: int
) -> QuerySet[Member]:
    """Who was greeted and has not had the coupon; nobody where the holiday brings none."""
    if holiday.template is None:
        return Member.objects.none()
    key = holiday_key(holiday, year)
    greeted = Notice.objects.filter(
        key=key, member__gte=first_member_id, member__lte=last_member_id
    )
    had = Coupon.objects.filter(template=holiday.template, key=key, member__isnull=False)
    return (
        Member.objects.filter(pk__in=greeted.values("member"))
        .exclude(pk__in=had.values("member"))
        .order_by("pk")
    )


@transaction.atomic
def give_holiday_coupon(
    *, holiday: Holiday, year: int, member: Member, now: datetime
) -> Coupon | None:
    """Give a member the coupon of a holiday; once for each year. None where it brings none."""
    if holiday.template is None:
        return None
    key = holiday_key(holiday, year)
    return issue_coupon(template=holiday.template, member=member, key=key, now=now)


def _falls_in(holiday: Holiday, year: int) -> date:
    is_lunar = holiday.calendar == Member.Calendar.LUNAR
    day = Birthday(holiday.month, holiday.day, is_lunar)
    return celebrated_in(year, day, leap_day_in_march=leap_day_in_march())
