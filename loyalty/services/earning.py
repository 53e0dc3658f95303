"""What a purchase earns, by the rules in force."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from common import clock
from loyalty import rules
from loyalty.models import PointsAccount, PointsEntry, PointType, Purchase
from members.models import Member, SegmentMembership

from .caps import caps_left, use_caps
from .ledger import Kind, Posting, debt_paid, ledger_instant, lot_terms, post_all
from .multipliers import boosts_at
from .overrides import effective_at
from .programme import Programme


def occasion_of(
    purchase: Purchase, programme: Programme, parts: Mapping[int, Decimal] | None = None
) -> rules.Occasion:
    """A purchase as rules see it; `parts` are its amounts by category."""
    member = purchase.member
    return rules.Occasion(
        trigger=rules.PURCHASE,
        at=purchase.at.astimezone(clock.zone()),
        amount=purchase.amount,
        parts=parts or {},
        store=purchase.store_id,
        channel=purchase.channel_id,
        partner=purchase.partner_id,
        tier=tier_id_at(member, purchase.at, programme),
        segments=segment_ids_on(member, purchase.business_date, programme),
        joined_on=member.joined_on if member else None,
        boosts=boosts_at(member, purchase.at, programme),
    )


def tier_id_at(member: Member | None, at: datetime, programme: Programme) -> int | None:
    """The member's effective tier at an instant, if what is earned depends on it at all.

    The lowest is everyone's: a member whom nothing has raised yet is on it.
    """
    if member is None or not programme.asks_for_tier or not programme.tiers:
        return None
    held = effective_at(member, at, programme.tiers)
    tier = programme.tier_by_id(held.pk if held else None)
    return tier.pk if tier else None


def segment_ids_on(member: Member | None, day: date, programme: Programme) -> frozenset[int]:
    """The segments that a member was in on a business date, if some rule asks for them."""
    if member is None or not programme.asks_for_segments:
        return frozenset()
    return SegmentMembership.objects.all().segment_ids(member.pk, day)


def evaluate_kind(
    kind: PointType,
    occasion: rules.Occasion,
    programme: Programme,
    left: Mapping[tuple[str, str], int],
) -> rules.Earning:
    """What an occasion earns of one kind. The tier multiplies spendable kinds only: growth that
    multiplied itself would make every tier the ladder to the next."""
    tier = programme.tier_by_id(occasion.tier) if kind.is_spendable else None
    return rules.evaluate(
        occasion,
        programme.rules.get(kind.pk, ()),
        tier_factor=tier.multiplier if tier else Decimal(1),
        tier_code=tier.code if tier else "",
        boosts=occasion.boosts if kind.is_spendable else (),
        left=left,
    )


def evaluate_under_caps(
    kind: PointType,
    occasion: rules.Occasion,
    programme: Programme,
    member: Member,
    day: date,
) -> rules.Earning:
    """What a locked member earns of one kind, by what the caps of that business date still allow.

    Only the rules that hold have their budgets held.
    """
    held = [terms for terms in programme.rules.get(kind.pk, ()) if rules.holds(terms, occasion)]
    left = caps_left(held, member, day)
    return evaluate_kind(kind, occasion, programme, left)


def earn_for_purchase(
    purchase: Purchase,
    occasion: rules.Occasion,
    accounts: Sequence[PointsAccount],
    programme: Programme,
    *,
    now: datetime,
) -> list[PointsEntry]:
    """Post what a recorded purchase earns to its member's locked accounts, one entry per kind.

    Validity and holding count from the purchase's own business date; the ledger's instant is
    now. A purchase too small for a point posts nothing.
    """
    postings = []
    member = purchase.member
    for account in accounts:
        if member is None:
            continue
        kind = programme.point_types[account.point_type_id]
        earning = evaluate_under_caps(kind, occasion, programme, member, purchase.business_date)
        if earning.points <= 0:
            continue
        use_caps(earning.steps, member, purchase.business_date)
        at = ledger_instant(account, now)
        posting = Posting(
            kind=Kind.EARN,
            points=earning.points,
            key=f"purchase:{purchase.pk}",
            at=at,
            debt_change=-debt_paid(account, earning.points),
            opens=lot_terms(kind, member, earned_on=purchase.business_date, at=at),
            purchase=purchase,
            breakdown=earning.breakdown,
        )
        account.point_type = kind
        postings.append((account, posting))
    return post_all(postings)
