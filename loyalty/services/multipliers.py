"""Multipliers of one member's own: given for a while, and those that hold for a purchase."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from common import clock
from loyalty import rules
from loyalty.errors import KeyReused, MultiplierNotUsable, OverrideWithoutTime
from loyalty.models import MemberMultiplier, PointType
from loyalty.models.multipliers import LARGEST_FACTOR
from members.models import Member

from .ledger import check_words, lock_accounts
from .programme import Programme


@transaction.atomic
def give_multiplier(
    *,
    member: Member,
    factor: Decimal,
    ends_at: datetime,
    key: str,
    name_en: str,
    name_zh: str = "",
    starts_at: datetime | None = None,
    now: datetime | None = None,
) -> MemberMultiplier:
    """Multiply what a member's purchases earn of spendable kinds, for a while; once for each key.

    In force in `[starts_at, ends_at)`, never earlier than now. Refused: a factor that is not
    above 1 and at most 10, an end that is not after the start, a key used for something else.
    """
    check_words(key=key)
    moment = now or clock.now()
    _lock(member)
    if known := MemberMultiplier.objects.filter(member=member, key=key).first():
        if (known.factor, known.ends_at) != (factor, ends_at):
            raise KeyReused(key=key)
        return known
    if not 1 < factor <= LARGEST_FACTOR:
        raise MultiplierNotUsable(most=LARGEST_FACTOR)
    begins = max(starts_at or moment, moment)
    if ends_at <= begins:
        raise OverrideWithoutTime()
    return MemberMultiplier.objects.create(
        member=member,
        factor=factor,
        starts_at=begins,
        ends_at=ends_at,
        key=key,
        name_en=name_en,
        name_zh=name_zh,
        given_at=moment,
    )


def boosts_at(member: Member | None, at: datetime, programme: Programme) -> tuple[rules.Boost, ...]:
    """The member's own multipliers at an instant; nothing is asked where nobody has any."""
    if member is None or not programme.has_member_multipliers:
        return ()
    live = MemberMultiplier.objects.filter(member=member).live(at)
    return tuple(
        rules.Boost(id=found.pk, factor=found.factor, name_en=found.name_en, name_zh=found.name_zh)
        for found in live
    )


def _lock(member: Member) -> None:
    """The member's account: what they earn waits for it as well."""
    kinds = list(PointType.objects.order_by("pk")[:1])
    if kinds:
        lock_accounts([member.pk], kinds)
