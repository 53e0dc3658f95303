"""Tiers for a while: granted, revoked, and what holds together with the tier that was earned."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from common import clock
from loyalty import rules
from loyalty.errors import (
    KeyReused,
    OverrideAimsNowhere,
    OverrideOver,
    OverrideReasonMissing,
    OverrideWithoutTime,
)
from loyalty.models import PointType, Standing, Tier, TierChange, TierOverride
from members.models import Member, User

from .ledger import check_reason, check_words, lock_accounts


@transaction.atomic
def grant_override(
    *,
    member: Member,
    kind: str,
    ends_at: datetime,
    reason: str,
    key: str,
    tier: Tier | None = None,
    steps: int | None = None,
    starts_at: datetime | None = None,
    operator: User | None = None,
    now: datetime | None = None,
) -> TierOverride:
    """Lift a member to a tier, or by so many steps above the earned one, for a while.

    In force in `[starts_at, ends_at)`; never earlier than now, for what has happened since was
    judged without it. The earned tier and its validity stay as they are. The same key again gives
    the first back; for something else it is refused. Refused besides: neither or both of tier and
    steps, an end that is not after the start, no reason.
    """
    check_words(key=key, reason=reason)
    moment = now or clock.now()
    _lock(member)
    if known := TierOverride.objects.filter(member=member, key=key).first():
        return _same(known, kind=kind, tier=tier, steps=steps, ends_at=ends_at)
    if (tier is None) == (steps is None) or (steps is not None and steps < 1):
        raise OverrideAimsNowhere()
    if not reason.strip():
        raise OverrideReasonMissing()
    begins = max(starts_at or moment, moment)
    if ends_at <= begins:
        raise OverrideWithoutTime()
    return TierOverride.objects.create(
        member=member,
        tier=tier,
        steps=steps,
        kind=TierOverride.Kind(kind),
        starts_at=begins,
        ends_at=ends_at,
        reason=reason,
        key=key,
        operator=operator,
        granted_at=moment,
    )


@transaction.atomic
def revoke_override(
    *,
    override: TierOverride,
    reason: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> TierOverride:
    """End an override now; one that has not begun never does. What it brought so far stays.

    Doing it again changes nothing. Refused: one that is over already, no reason.
    """
    check_reason(reason)
    moment = now or clock.now()
    _lock(override.member)
    held = TierOverride.objects.select_for_update(of=("self",)).get(pk=override.pk)
    if held.revoked_at is not None:
        return held
    if not reason.strip():
        raise OverrideReasonMissing()
    if held.ends_at <= moment:
        raise OverrideOver()
    held.revoked_at, held.revoked_by, held.revoke_reason = moment, operator, reason
    held.save(update_fields=["revoked_at", "revoked_by", "revoke_reason"])
    return held


def effective_at(member: Member, at: datetime, tiers: Sequence[Tier]) -> Tier | None:
    """The tier that held for a member at an instant: the better of earned and overrides then.

    None where no tier had been earned or granted: the lowest is everyone's.
    """
    change = TierChange.objects.last_at(member, at)
    lifts = list(TierOverride.objects.filter(member=member).live(at).select_related("tier"))
    if change is None and not lifts:
        return None
    earned = next((tier for tier in tiers if change and tier.pk == change.to_tier_id), None)
    return lifted(tiers, earned, lifts)


def tier_held(member: Member, at: datetime) -> Tier | None:
    """The tier whose terms a member has now: the better of the earned one and the overrides that
    are in force at this instant. Before the first review the lowest, which is everyone's; None
    only without a ladder.
    """
    standing = Standing.objects.for_member(member)
    earned = standing.tier if standing else Tier.objects.by_rank().first()
    live = list(TierOverride.objects.filter(member=member).live(at).select_related("tier"))
    return effective(earned, live)


class TierHistory:
    """The tiers that some members held at any instant, read at once for all of them.

    The same as `effective_at`, but the lowest tier where none was earned or granted.
    """

    def __init__(self, member_ids: Collection[int]) -> None:
        self._tiers = list(Tier.objects.by_rank())
        # Also rungs that were taken out of the ladder: members once stood on them.
        self._by_id = {tier.pk: tier for tier in Tier.objects.all()}
        self._changes: dict[int, list[tuple[datetime, int]]] = {}
        self._overrides: dict[int, list[TierOverride]] = {}
        changes = TierChange.objects.filter(member__in=member_ids).order_by("at", "pk")
        for member_id, at, tier_id in changes.values_list("member_id", "at", "to_tier_id"):
            self._changes.setdefault(member_id, []).append((at, tier_id))
        lifts = TierOverride.objects.filter(member__in=member_ids).select_related("tier")
        for lift in lifts.order_by("pk"):
            self._overrides.setdefault(lift.member_id, []).append(lift)

    def at(self, member_id: int, at: datetime) -> Tier | None:
        """The tier that held for a member at an instant; None where there are no tiers."""
        earned = self._tiers[0] if self._tiers else None
        for moment, tier_id in self._changes.get(member_id, ()):
            if moment <= at:
                earned = self._by_id[tier_id]
        live = [lift for lift in self._overrides.get(member_id, ()) if lift.is_live(at)]
        return lifted(self._tiers, earned, live)


def lifted(tiers: Sequence[Tier], earned: Tier | None, live: Iterable[TierOverride]) -> Tier | None:
    """The better of an earned tier and overrides that are in force."""
    lifts = [
        rules.Lift(rank=override.tier.rank if override.tier else None, steps=override.steps)
        for override in live
        if not (override.tier and override.tier.is_taken_out)
    ]
    return rules.effective_tier(tiers, earned, lifts)


def effective(earned: Tier | None, live: Sequence[TierOverride]) -> Tier | None:
    """The same without the ladder at hand, which is read only where an override holds."""
    return lifted(list(Tier.objects.by_rank()), earned, live) if live else earned


def _lock(member: Member) -> None:
    """The member's account: what moves a tier waits for it as well."""
    kinds = list(PointType.objects.order_by("pk")[:1])
    if kinds:
        lock_accounts([member.pk], kinds)


def _same(
    known: TierOverride, *, kind: str, tier: Tier | None, steps: int | None, ends_at: datetime
) -> TierOverride:
    told = (kind, tier.pk if tier else None, steps, ends_at)
    if (known.kind, known.tier_id, known.steps, known.ends_at) != told:
        raise KeyReused(key=known.key)
    return known
