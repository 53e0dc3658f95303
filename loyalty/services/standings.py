"""A member's tier: upgraded at once when a fact earns it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import transaction

from common import clock
from common.money import from_minor
from common.periods import Period
from common.sql import fetch_sql
from loyalty import rules
from loyalty.models import Ladder, PointType, Standing, Tier, TierChange
from members.models import Member

from .programme import Programme

# Windows are half-open; a fact of this very instant counts when a tier is asked for at once.
INSTANT = timedelta(microseconds=1)
# A lifetime begins before any fact; no database stores an older purchase.
EVER = datetime(1900, 1, 1, tzinfo=UTC)


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
    standing = _locked_standing(member)
    since = window_start(setup.ladder, moment)
    figures = figures_of(member, window_from=since, until=moment + INSTANT)
    tier = rules.earned_tier(setup.tiers, figures)
    is_late = standing is not None and fact_at is not None and fact_at < standing.reviewed_at
    if tier is None or (standing and tier.rank <= standing.tier.rank):
        if standing and is_late and not standing.has_late_fact:
            standing.has_late_fact = True
            standing.save(update_fields=["has_late_fact"])
        return None
    change = _change(member, standing, tier, setup.ladder, figures, moment)
    change.save(force_insert=True)
    _move(standing, change, is_late=is_late)
    return change


def _change(
    member: Member,
    standing: Standing | None,
    tier: Tier,
    ladder: Ladder,
    figures: rules.TierFigures,
    at: datetime,
) -> TierChange:
    return TierChange(
        member=member,
        from_tier=standing.tier if standing else None,
        to_tier=tier,
        cause=TierChange.Cause.UPGRADE if standing else TierChange.Cause.ENTRY,
        at=at,
        business_date=clock.business_date(at),
        valid_until=valid_until(ladder, tier, at),
        window_from=window_start(ladder, at),
        spend=figures.spend,
        orders=figures.orders,
        growth=figures.growth,
    )


def _locked_standing(member: Member) -> Standing | None:
    return (
        Standing.objects.select_for_update(of=("self",))
        .select_related("tier")
        .filter(member=member)
        .first()
    )


def _move(standing: Standing | None, change: TierChange, *, is_late: bool) -> None:
    if standing is None:
        Standing.objects.create(
            member=change.member,
            tier=change.to_tier,
            since=change.at,
            valid_until=change.valid_until,
            reviewed_at=change.at,
        )
        return
    standing.tier = change.to_tier
    standing.since = change.at
    standing.valid_until = change.valid_until
    standing.has_late_fact = standing.has_late_fact or is_late
    standing.save(update_fields=["tier", "since", "valid_until", "has_late_fact"])


def valid_until(ladder: Ladder, tier: Tier, at: datetime) -> datetime | None:
    """The end of the tier's validity when it is won or kept at that instant (half-open).

    The lowest tier is everyone's and has none.
    """
    if tier.rank == 0:
        return None
    return Period.parse(ladder.validity).expires_at(clock.business_date(at))


def window_start(ladder: Ladder, at: datetime) -> datetime | None:
    """Where the rolling window that ends at an instant begins; None for a lifetime."""
    window = Period.parse(ladder.window)
    if window.is_never:
        return None
    local = at.astimezone(clock.zone())
    day = window.before(local.date())
    # Not by the wall clock: some days begin at one o'clock, where midnight was skipped.
    if at == clock.start_of(local.date()):
        return clock.start_of(day)
    return datetime.combine(day, local.time(), tzinfo=clock.zone())


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
    member: Member, *, window_from: datetime | None, until: datetime
) -> rules.TierFigures:
    """Spend net of refunds, purchases and growth points earned in `[window_from, until)`."""
    params = {
        "member": member.pk,
        "growth": PointType.GROWTH,
        "window_from": window_from or EVER,
        "until": until,
    }
    ((spend, orders, growth),) = fetch_sql("loyalty", "member_figures", params)
    return rules.TierFigures(spend=from_minor(spend), orders=orders, growth=growth)
