"""Birthday perks are given: once for each member, perk and year."""

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from benefits.birthdays import Celebration, Due
from benefits.models import BirthdayGrant, BirthdayPerk
from benefits.notices import tell_of_birthday, tell_of_birthday_points
from benefits.rules.birthdays import ONE_DAY, Window
from common import clock
from common.models import Named
from loyalty.models import Activity, PointsEntry, PointType
from loyalty.services.activities import record_birthday
from loyalty.services.ledger import lock_accounts
from loyalty.services.multipliers import give_multiplier
from loyalty.services.overrides import grant_override
from loyalty.services.points import earn_points
from loyalty.services.programme import Programme
from members.models import Member

from .issuing import issue_coupon


def lock_for_gifts(members: Collection[Member], *, has_points: bool) -> None:
    """Lock all who are about to be given something: members, then accounts, in ascending id.

    Coupon templates are locked after them, each when its first coupon is issued.
    """
    ids = sorted({member.pk for member in members})
    list(Member.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").only("pk"))
    if has_points:
        kinds = PointType.objects.filter(code=PointType.BASE) | PointType.objects.filter(
            pk__in=PointType.objects.order_by("pk").values("pk")[:1]
        )
        lock_accounts(ids, list(kinds.order_by("pk")))


@transaction.atomic
def grant_birthday_perk(*, due: Due, night: date, now: datetime | None = None) -> BirthdayGrant:
    """Give a member a perk for one birthday and greet them; once for each perk and year.

    A multiplier or a tier holds for the birthday's day, week or month; where that is over, for as
    many days from now. Refused: what the coupon, points or tier are refused for; then nothing is
    given, and a later night tries again.
    """
    at = now or clock.now()
    lock_member(due.member)
    known = BirthdayGrant.objects.filter(
        member=due.member, perk=due.perk, year=due.window.year
    ).first()
    if known:
        return known
    starts_on, ends_on = days_of(due.window, at)
    grant = BirthdayGrant(
        perk=due.perk,
        member=due.member,
        year=due.window.year,
        celebrated_on=due.window.celebrated_on,
        starts_on=starts_on,
        ends_on=ends_on,
        business_date=night,
        granted_at=at,
    )
    _give(grant, at)
    grant.save(force_insert=True)
    tell_of_birthday(grant, now=at)
    return grant


@transaction.atomic
def celebrate_birthday(
    *, celebration: Celebration, programme: Programme, now: datetime | None = None
) -> Activity:
    """Record a birthday, let it earn what the rules for birthdays give, and greet where they do.

    Once for each member and year.
    """
    at = now or clock.now()
    member, window = celebration.member, celebration.window
    activity = record_birthday(
        member=member, year=window.year, at=celebration.at, programme=programme, now=at
    )
    if points := birthday_points(activity):
        tell_of_birthday_points(activity, points, window.celebrated_on, now=at)
    return activity


def birthday_points(activity: Activity) -> int:
    """The base points that a recorded birthday earned."""
    return PointsEntry.objects.filter(
        activity=activity, account__point_type__code=PointType.BASE
    ).total()


def days_of(window: Window, at: datetime) -> tuple[date, date]:
    """The days for which something given now holds: the window's, or as many from today."""
    today = clock.business_date(at)
    if window.ends_on >= today:
        return window.starts_on, window.ends_on
    return today, today + (window.ends_on - window.starts_on)


def name_for(member: Member, named: Named) -> str:
    """What a member reads in the history of points, in their own language."""
    with override(member.language or settings.LANGUAGE_CODE):
        return named.name


def lock_member(member: Member) -> None:
    """Hold a member's gifts until the transaction ends."""
    Member.objects.select_for_update(no_key=True).only("pk").get(pk=member.pk)


def _give(grant: BirthdayGrant, at: datetime) -> None:
    perk, member = grant.perk, grant.member
    key = f"birthday:{perk.pk}:{grant.year}"
    reason = name_for(member, perk)
    match perk.kind:
        case BirthdayPerk.Kind.COUPON if perk.template:
            grant.coupon = issue_coupon(template=perk.template, member=member, key=key, now=at)
        case BirthdayPerk.Kind.POINTS if perk.points:
            grant.entry = earn_points(
                member=member, points=perk.points, key=key, reason=reason, is_held=False, now=at
            )
        case BirthdayPerk.Kind.MULTIPLIER if perk.factor:
            grant.multiplier = give_multiplier(
                member=member,
                factor=perk.factor,
                starts_at=clock.cutoff(grant.starts_on),
                ends_at=clock.cutoff(grant.ends_on + ONE_DAY),
                key=key,
                name_en=perk.name_en,
                name_zh=perk.name_zh,
                now=at,
            )
        case _:
            grant.override = grant_override(
                member=member,
                kind="birthday",
                tier=perk.lift_tier,
                steps=perk.lift_steps,
                starts_at=clock.cutoff(grant.starts_on),
                ends_at=clock.cutoff(grant.ends_on + ONE_DAY),
                reason=reason,
                key=key,
                now=at,
            )
