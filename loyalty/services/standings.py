"""A member's tier: upgraded at once when a fact earns it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from common import clock
from common.money import from_minor
from common.sql import fetch_sql
from loyalty import rules
from loyalty.errors import StandingNotHeld
from loyalty.models import (
    DowngradeEvidence,
    Ladder,
    PointType,
    Standing,
    Tier,
    TierChange,
)
from members.models import Member, User

from .ladder import ladder_version
from .ledger import lock_accounts
from .programme import Programme
from .windows import EVER, INSTANT, counts_from, valid_until, window_start


# It refuses nothing, so no savepoint is needed inside another use case's transaction.
@transaction.atomic(savepoint=False)
def upgrade_tier(
    *,
    member: Member,
    programme: Programme | None = None,
    fact_at: datetime | None = None,
    now: datetime | None = None,
) -> TierChange | None:
    """Raise the member to the tier that the figures of the window ending now earn, if higher.

    Skips ranks. Never lowers: coming down is the night's. A member who has no standing yet gets
    one. A new fact that the last review missed (`fact_at`) has the next night look again. Without
    tiers there is nothing to do.
    """
    setup = programme or Programme.current()
    if not setup.tiers:
        return None
    moment = now or clock.now()
    standing = Standing.objects.locked_for(member)
    held = setup.tier_by_id(standing.tier_id) if standing else None
    if standing and held and held.pk == standing.tier_id:
        # The one at hand, not asked for again under the lock.
        standing.tier = held
    since = window_start(setup.ladder, moment, standing=standing)
    figures = figures_of(
        member,
        window_from=since,
        until=moment + INSTANT,
        counts_days=setup.counts_days,
        has_merges=setup.has_merges,
    )
    tier = rules.earned_tier(setup.tiers, figures)
    is_late = standing is not None and fact_at is not None and fact_at < standing.reviewed_at
    if tier is None or (standing and tier.rank <= standing.tier.rank):
        if standing and is_late and not standing.has_late_fact:
            standing.has_late_fact = True
            standing.save(update_fields=["has_late_fact"])
        return None
    change = _change(member, standing, tier, setup, figures, since, moment)
    change.save(force_insert=True)
    _move(standing, change, is_late=is_late)
    return change


@transaction.atomic
def upgrade_by_visit(*, member: Member, now: datetime | None = None) -> TierChange | None:
    """The same for a day in the portal: only where a tier asks for active days."""
    programme = Programme.for_facts()
    if not programme.counts_days:
        return None
    lock_accounts([member.pk], list(programme.point_types.values())[:1])
    return upgrade_tier(member=member, programme=programme, now=now)


def _change(
    member: Member,
    standing: Standing | None,
    tier: Tier,
    setup: Programme,
    figures: rules.TierFigures,
    since: datetime | None,
    at: datetime,
) -> TierChange:
    return TierChange(
        member=member,
        from_tier=standing.tier if standing else None,
        to_tier=tier,
        cause=TierChange.Cause.UPGRADE if standing else TierChange.Cause.ENTRY,
        at=at,
        business_date=clock.business_date(at),
        valid_until=valid_until(setup.ladder, tier, at),
        window_from=since,
        spend=figures.spend,
        orders=figures.orders,
        growth=figures.growth,
        active_days=figures.active_days if setup.counts_days else None,
        version=setup.version or ladder_version(setup.ladder, setup.tiers),
    )


def _move(standing: Standing | None, change: TierChange, *, is_late: bool) -> None:
    begins = counts_from(change.to_tier, change.at, is_entry=standing is None)
    if standing is None:
        Standing.objects.create(
            member=change.member,
            tier=change.to_tier,
            since=change.at,
            valid_until=change.valid_until,
            reviewed_at=change.at,
            counts_from=begins,
            window_from=change.window_from,
            version=change.version,
        )
        return
    standing.tier = change.to_tier
    standing.since = change.at
    standing.valid_until = change.valid_until
    standing.counts_from = begins
    standing.has_late_fact = standing.has_late_fact or is_late
    standing.save(update_fields=["tier", "since", "valid_until", "counts_from", "has_late_fact"])


@transaction.atomic
def waive_tier_notice(*, standing: Standing, operator: User) -> DowngradeEvidence:
    """Let the next night take a held tier down although its member was not told; by whom is kept.

    Doing it again gives the first waiver back. Refused: a tier whose end and grace have not come,
    or whose member was told (StandingNotHeld).
    """
    held = Standing.objects.locked_for(standing.member)
    if held is None or held.valid_until is None:
        raise StandingNotHeld
    of_term = {"member": held.member, "tier": held.tier, "valid_until": held.valid_until}
    waived = DowngradeEvidence.objects.filter(
        **of_term, waiver=DowngradeEvidence.Waiver.OPERATOR
    ).first()
    if waived:
        return waived
    grace = timedelta(days=Ladder.objects.solo().grace_days)
    due = clock.cutoff(clock.today() - grace)
    if not DowngradeEvidence.objects.held_standings(due).filter(pk=held.pk).exists():
        raise StandingNotHeld
    return DowngradeEvidence.objects.create(
        **of_term,
        business_date=clock.today(),
        waiver=DowngradeEvidence.Waiver.OPERATOR,
        operator=operator,
    )


def note_late_fact(member: Member, at: datetime) -> None:
    """Have the next night look again at a member whose last review missed this fact."""
    Standing.objects.filter(member=member, reviewed_at__gt=at, has_late_fact=False).update(
        has_late_fact=True
    )


def note_late_facts(facts: Mapping[int, datetime]) -> None:
    """The same for many at once: members whose last review missed a fact.

    `facts` gives the instant of the earliest new fact by member id.
    """
    reviewed = Standing.objects.filter(member_id__in=facts, has_late_fact=False)
    late = [
        pk
        for pk, member, at in reviewed.values_list("pk", "member_id", "reviewed_at")
        if at > facts[member]
    ]
    if late:
        Standing.objects.filter(pk__in=late).update(has_late_fact=True)


def figures_of(
    member: Member,
    *,
    window_from: datetime | None,
    until: datetime,
    counts_days: bool = True,
    has_merges: bool = True,
) -> rules.TierFigures:
    """What happened in `[window_from, until)`: spend net of refunds, purchases, growth points
    earned, and (where they are counted) days with a purchase, an activity or a visit.

    Of the member and of all who were merged into them; a programme without merges
    (`has_merges`) asks for less.
    """
    params = {
        "member": member.pk,
        "growth": PointType.GROWTH,
        "window_from": window_from or EVER,
        "until": until,
        "counts_days": int(counts_days),
    }
    ((spend, orders, growth, days),) = fetch_sql(
        "loyalty", "person_figures" if has_merges else "member_figures", params
    )
    return rules.TierFigures(
        spend=from_minor(spend), orders=orders, growth=growth, active_days=days
    )
