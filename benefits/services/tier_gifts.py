"""Tier gifts answer the facts that members rose: once for each gift and lifetime or year."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear

from benefits.models import TierGift, TierGiftGrant
from benefits.notices import tell_of_tier_gift
from common import clock
from common.errors import DomainError
from loyalty.models import TierChange
from loyalty.services.points import earn_points
from members.models import Member

from .birthdays import lock_member, name_for
from .issuing import issue_coupon

ROSE = Q(cause=TierChange.Cause.UPGRADE)
# Who joins and buys at once is not upgraded but enters above the lowest tier.
ENTERED = Q(cause=TierChange.Cause.ENTRY, to_tier__rank__gt=0)


def unanswered(gift: TierGift, before: datetime) -> QuerySet[TierChange]:
    """The moves up to a gift's tier since it is given, of members who have not had it, the oldest
    first.

    Who was a member before the gift and enters higher by the first review did not rise.
    """
    joined_since = ENTERED & Q(member__joined_on__gte=gift.starts_on)
    changes = TierChange.objects.filter(
        ROSE | joined_since,
        to_tier=gift.tier,
        at__lt=before,
        business_date__gte=gift.starts_on,
        member__status=Member.Status.ACTIVE,
    )
    given = TierGiftGrant.objects.filter(gift=gift)
    if gift.once == TierGift.Once.YEAR:
        changes = changes.annotate(rose_in=ExtractYear("business_date"))
        given = given.filter(year=OuterRef("rose_in"))
    had = given.filter(member=OuterRef("member"))
    # Who was merged into the member may have had it as well.
    had_merged = given.filter(member__merged_into=OuterRef("member"))
    return (
        changes.exclude(Exists(had))
        .exclude(Exists(had_merged))
        .select_related("member")
        .order_by("member", "at", "pk")
    )


@transaction.atomic
def give_tier_gift(
    *, gift: TierGift, change: TierChange, now: datetime | None = None
) -> TierGiftGrant:
    """Give a member the gift for a move up and tell them; once for each lifetime or year.

    Refused: what the coupon or the points are refused for; then nothing is given.
    """
    at = now or clock.now()
    member, year = change.member, gift.year_of(change.business_date)
    lock_member(member)
    if known := TierGiftGrant.objects.filter(gift=gift, member=member, year=year).first():
        return known
    key = f"tier-gift:{gift.pk}:{year}"
    grant = TierGiftGrant(gift=gift, member=member, year=year, change=change, granted_at=at)
    if gift.template:
        grant.coupon = issue_coupon(template=gift.template, member=member, key=key, now=at)
    else:
        grant.entry = earn_points(
            member=member,
            points=gift.points or 0,
            key=key,
            reason=name_for(member, gift),
            is_held=False,
            now=at,
        )
    grant.save(force_insert=True)
    tell_of_tier_gift(grant, now=at)
    return grant


def answer_member(*, member: Member, now: datetime | None = None) -> list[TierGiftGrant]:
    """Give one member at once what the next night would; what is refused is left to it."""
    at = now or clock.now()
    gifts = list(TierGift.objects.given_on(clock.business_date(at)))
    given = []
    for gift, change in moves_to_answer(gifts, at, member.pk, member.pk):
        try:
            given.append(give_tier_gift(gift=gift, change=change, now=at))
        except DomainError:
            # The night tries again and counts it.
            continue
    return given


def moves_to_answer(
    gifts: Sequence[TierGift], before: datetime, first_member_id: int, last_member_id: int
) -> list[tuple[TierGift, TierChange]]:
    """What is owed to a range of members, in the order in which templates are locked.

    Of several moves to a tier in its time, the first is answered.
    """
    owed: dict[tuple[int, int, int], tuple[TierGift, TierChange]] = {}
    for gift in gifts:
        changes = unanswered(gift, before)
        for change in changes.filter(member__gte=first_member_id, member__lte=last_member_id):
            year = gift.year_of(change.business_date)
            owed.setdefault((gift.pk, change.member_id, year), (gift, change))
    return list(owed.values())
