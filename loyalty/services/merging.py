"""What members hold is brought together when they are merged, and taken apart again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, ngettext

from common import clock
from common.numbers import format_number
from loyalty import rules
from loyalty.errors import MergeWithAdjustment
from loyalty.models import (
    AdjustmentRequest,
    Ladder,
    MergeMove,
    PointsAccount,
    PointType,
    Standing,
    Tier,
    TierOverride,
)
from members.merging import MergeFigure, MergePart
from members.models import Member, MemberMerge, User

from .ladder import hold_ladder
from .ledger import lock_accounts
from .moving import Fate, Mover, fate_of, move_all, move_back
from .overrides import grant_override, revoke_override, tier_held
from .standings import upgrade_tier

OVERRIDE_KEY = "merged:"
# A tier without an end is lent until no programme looks any more.
FAR = date(2999, 12, 31)


def refuse(kept: Member, merged: Member, at: datetime) -> None:
    """Refuse while an adjustment of either waits for approval: it would meet another account."""
    waiting = AdjustmentRequest.objects.waiting().filter(account__member__in=(kept, merged))
    if waiting.exists():
        raise MergeWithAdjustment


def bring_together(merge: MemberMerge, at: datetime) -> None:
    """Move what the merged member holds, lend the better tier, and look at the ladder at once.

    From now on purchases, refunds, growth points and active days of both count for the kept
    member's tier, each on its own date.
    """
    for mover in _movers(merge, at, operator=merge.operator):
        move_all(mover)
    _lend_tiers(merge, at)
    upgrade_tier(member=merge.kept, now=at)
    _look_again(merge)


def take_apart(merge: MemberMerge, at: datetime) -> None:
    """Move back what came, end the tiers that were lent, and have nights judge both anew."""
    for mover in _movers(merge, at, operator=merge.undone_by, is_return=True):
        kind = mover.giver.point_type_id
        forth = MergeMove.objects.forth(merge)
        move_back(mover, [move for move in forth if move.given.account.point_type_id == kind])
    lent = TierOverride.objects.filter(member=merge.kept, key__startswith=_key(merge))
    for override in lent.filter(revoked_at__isnull=True, ends_at__gt=at):
        revoke_override(
            override=override, reason=merge.undo_reason, operator=merge.undone_by, now=at
        )
    _look_again(merge)


@transaction.atomic
def settle_merges(*, first_member_id: int, last_member_id: int, at: datetime) -> int:
    """Move what came to merged accounts since: points given back, a late refund's debt, a sale by
    a till that knew the old member. Gives how many pairs it took."""
    left = ~Q(balance=0) | ~Q(debt=0)
    holding = PointsAccount.objects.filter(left, member__merged_into__isnull=False)
    merges = MemberMerge.objects.kept_in(first_member_id, last_member_id)
    due = merges.filter(merged__in=holding.values("member")).select_related("kept", "merged")
    return sum(_settle(merge, at) for merge in list(due))


def settle_member(member: Member, *, at: datetime) -> int:
    """The same for one merged member, at once; a member who is not merged has nothing to move."""
    if member.merged_into_id is None:
        return 0
    merge = MemberMerge.objects.live().select_related("kept", "merged").get(merged=member)
    return _settle(merge, at)


def _settle(merge: MemberMerge, at: datetime) -> int:
    moved = sum(len(move_all(mover)) for mover in _movers(merge, at))
    if moved:
        _look_again(merge)
    return moved


def _movers(
    merge: MemberMerge, at: datetime, *, operator: User | None = None, is_return: bool = False
) -> Iterator[Mover]:
    """Both members' accounts of every kind, locked in ascending id, two at a time."""
    hold_ladder()
    kinds = {kind.pk: kind for kind in PointType.objects.order_by("pk")}
    members = {member.pk: member for member in (merge.kept, merge.merged)}
    accounts = lock_accounts(list(members), list(kinds.values()))
    for account in accounts:
        account.member = members[account.member_id]
        account.point_type = kinds[account.point_type_id]
    by_place = {(held.member_id, held.point_type_id): held for held in accounts}
    for kind in kinds:
        kept, merged = by_place[merge.kept_id, kind], by_place[merge.merged_id, kind]
        giver, taker = (kept, merged) if is_return else (merged, kept)
        yield Mover(merge, giver=giver, taker=taker, at=at, operator=operator, is_return=is_return)


def _lend_tiers(merge: MemberMerge, at: datetime) -> None:
    """What the merged member had of tiers, as overrides: until its validity and grace are over."""
    own = Standing.objects.for_member(merge.kept)
    theirs = Standing.objects.for_member(merge.merged)
    if theirs and theirs.tier.rank > (own.tier.rank if own else 0):
        _lend(merge, "earned", theirs.tier, None, _end_of(theirs), at)
    lifts = TierOverride.objects.filter(member=merge.merged).live(at).select_related("tier")
    for lift in lifts:
        _lend(merge, str(lift.pk), lift.tier, lift.steps, lift.ends_at, at)


def _lend(
    merge: MemberMerge,
    name: str,
    tier: Tier | None,
    steps: int | None,
    ends: datetime,
    at: datetime,
) -> None:
    if ends > at:
        grant_override(
            member=merge.kept,
            kind=TierOverride.Kind.OPERATOR,
            tier=tier,
            steps=steps,
            ends_at=ends,
            reason=merge.reason,
            key=f"{_key(merge)}{name}",
            operator=merge.operator,
            now=at,
        )


def _end_of(standing: Standing) -> datetime:
    if standing.valid_until is None:
        return clock.start_of(FAR)
    return standing.valid_until + timedelta(days=Ladder.objects.solo().grace_days)


def _key(merge: MemberMerge) -> str:
    return f"from-{OVERRIDE_KEY}{merge.pk}:"


def _look_again(merge: MemberMerge) -> None:
    """Other figures count from now on: the next night looks at both, whatever they did since."""
    both = Standing.objects.filter(member__in=(merge.kept, merge.merged), has_late_fact=False)
    both.update(has_late_fact=True)


def tell(kept: Member, merged: Member, at: datetime) -> list[MergeFigure]:
    """Points and debt of every kind, and the tier, before and after."""
    holdings: dict[int, dict[int, tuple[int, int]]] = {}
    accounts = PointsAccount.objects.filter(member__in=(kept, merged))
    for account in accounts:
        held = holdings.setdefault(account.point_type_id, {})
        held[account.member_id] = (_movable(account, merged, at), account.debt)
    told = []
    for kind in PointType.objects.order_by("pk"):
        of_kind = holdings.get(kind.pk, {})
        one, other = of_kind.get(kept.pk, (0, 0)), of_kind.get(merged.pk, (0, 0))
        after = rules.merged_holding(one, other) if kind.is_spendable else (one[0] + other[0], 0)
        told.append(
            MergeFigure(kind.name, *(format_number(held[0]) for held in (one, other, after)))
        )
        if one[1] or other[1]:
            name = gettext("%(kind)s: debt") % {"kind": kind.name}
            told.append(
                MergeFigure(name, *(format_number(held[1]) for held in (one, other, after)))
            )
    return [*told, *_tell_tier(kept, merged, at)]


def _movable(account: PointsAccount, merged: Member, at: datetime) -> int:
    """What moves of an account; lots that ended and are not booked yet stay where they are."""
    if account.is_spendable and account.member_id == merged.pk:
        return account.lots.unexpired(at).points_left()
    return account.balance


def _tell_tier(kept: Member, merged: Member, at: datetime) -> list[MergeFigure]:
    one, other = tier_held(kept, at), tier_held(merged, at)
    held = [tier for tier in (one, other) if tier]
    if not held:
        return []
    better = max(held, key=lambda tier: tier.rank)
    names = [tier.name if tier else "–" for tier in (one, other, better)]
    return [MergeFigure(gettext("Tier, at least"), *names)]


def tell_undo(merge: MemberMerge, at: datetime) -> list[str]:
    """By kind of points that can be spent: what goes back, what was spent and what expired."""
    fates: dict[int, list[Fate]] = {}
    owed: dict[int, int] = {}
    kinds = {kind.pk: kind for kind in PointType.objects.filter(is_spendable=True)}
    for move in MergeMove.objects.forth(merge):
        kind = move.given.account.point_type_id
        if move.given.points > 0 and kind in kinds:
            fates.setdefault(kind, []).append(fate_of(move, at))
        elif kind in kinds:
            owed[kind] = owed.get(kind, 0) - move.given.points
    text = gettext("%(kind)s: a debt of %(points)s is the merged member’s again.")
    debts = [_sentence(kinds[kind], points, text) for kind, points in owed.items()]
    return debts + [
        text for kind, of_kind in fates.items() for text in _undone(kinds[kind], of_kind)
    ]


def _undone(kind: PointType, fates: list[Fate]) -> list[str]:
    left = sum(fate.left for fate in fates)
    spent = sum(fate.spent for fate in fates)
    expired = sum(fate.expired for fate in fates)
    told = [_sentence(kind, left, gettext("%(kind)s: %(points)s are still there and go back."))]
    if spent and kind.clawback == PointType.Clawback.FORGIVE:
        text = gettext(
            "%(kind)s: %(points)s were spent meanwhile. What the kept member holds besides goes "
            "back for them; the rest is forgiven."
        )
        told.append(_sentence(kind, spent, text))
    elif spent:
        text = gettext(
            "%(kind)s: %(points)s were spent meanwhile. They go back from what the kept member "
            "holds besides; what is missing becomes their debt."
        )
        told.append(_sentence(kind, spent, text))
    if expired:
        text = ngettext(
            "%(kind)s: %(points)s has expired and is gone.",
            "%(kind)s: %(points)s have expired and are gone.",
            expired,
        )
        told.append(_sentence(kind, expired, text))
    return told


def _sentence(kind: PointType, points: int, text: str) -> str:
    return text % {"kind": kind.name, "points": format_number(points)}


PART = MergePart(
    refuse=refuse, tell=tell, merge=bring_together, undo=take_apart, tell_undo=tell_undo
)
