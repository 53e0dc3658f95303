"""Segments by rule and by file: who belongs from which business date on."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

from analytics.errors import CardsInFileUnknown, SegmentIsComputed
from analytics.models import MemberRun, SegmentRule
from analytics.rules.segments import Definition, parse_definition
from analytics.services.runs import begin_run
from analytics.services.segment_queries import members_meant
from common import clock
from members.errors import CardsMissing
from members.models import Member, Segment, SegmentMembership, User

BATCH = 300
NAMED_LINES = 10

# The text between the brackets is the query of a definition, compiled by Django.
_JOIN = (
    "INSERT INTO members_segmentmembership (segment_id, member_id, from_on, until_on)"
    " SELECT %s, found.id, %s, NULL FROM ({query}) AS found"
    " WHERE NOT EXISTS (SELECT 1 FROM members_segmentmembership held"
    " WHERE held.segment_id = %s AND held.member_id = found.id AND held.until_on IS NULL)"
    " ON CONFLICT DO NOTHING"
)


@transaction.atomic
def write_rule(*, segment: Segment, definition: Definition, operator: User) -> SegmentRule:
    """Keep who belongs to a segment, and have everybody looked at by a run at once.

    From then on the nights compute it: who was put into the segment by hand stays only if the
    conditions hold for them.
    """
    Segment.objects.select_for_update().get(pk=segment.pk)
    rule = SegmentRule.objects.filter(segment=segment).first() or SegmentRule(segment=segment)
    rule.definition = definition.as_json()
    rule.is_active = True
    rule.operator = operator
    if rule.pk:
        rule.save(update_fields=["definition", "is_active", "operator"])
    else:
        rule.save()
    begin_run(kind=MemberRun.Kind.SEGMENT, rule=rule, operator=operator)
    return rule


@transaction.atomic
def stop_rule(*, rule: SegmentRule, operator: User) -> SegmentRule:
    """Compute a segment no more: who is in it stays, and lists may change it again."""
    rule.is_active = False
    rule.operator = operator
    rule.save(update_fields=["is_active", "operator"])
    return rule


def compute_range(rule: SegmentRule, day: date, first: int, last: int) -> tuple[int, int]:
    """Have a range of members join and leave by a rule on a business date; gives how many.

    By the figures of the last night. Belongs to its caller's transaction. A day before the one
    that was last computed changes nothing: stays never reach into the past.
    """
    if not rule.is_active or (rule.computed_on is not None and rule.computed_on > day):
        return 0, 0
    definition = parse_definition(rule.definition)
    meant = members_meant(definition, day).filter(pk__gte=first, pk__lte=last)
    stays = SegmentMembership.objects.open().filter(
        segment=rule.segment_id, member__gte=first, member__lte=last
    )
    left = stays.exclude(member__in=meant.values("pk")).update(until_on=_ends(day))
    query, params = meant.order_by().values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        on = connection.ops.adapt_datefield_value(day)
        segment = rule.segment_id
        cursor.execute(_JOIN.format(query=query), (segment, on, *params, segment))
        joined = cursor.rowcount
    return joined, left


def count_rule(rule: SegmentRule, day: date) -> int:
    """Note how many members a segment has after it was computed for a business date."""
    members = SegmentMembership.objects.open().filter(segment=rule.segment_id).count()
    not_later = Q(computed_on=None) | Q(computed_on__lte=day)
    fresh = SegmentRule.objects.filter(not_later, pk=rule.pk)
    return fresh.update(members=members, computed_on=day)


@transaction.atomic
def list_members(
    *, segment: Segment, lines: Sequence[tuple[int, str]], on: date | None = None
) -> tuple[int, int]:
    """Have a segment hold exactly the members of a file, from a business date on; all or nothing.

    `lines` are numbers of lines and the cards on them. Gives how many joined and left. Refused: a
    file without cards (CardsMissing), cards that nobody holds, their lines named
    (CardsInFileUnknown), a segment that the nights compute (SegmentIsComputed).
    """
    if SegmentRule.objects.computed().filter(segment=segment).exists():
        raise SegmentIsComputed
    wanted = _holders(lines)
    Segment.objects.select_for_update().get(pk=segment.pk)
    day = on or clock.today()
    inside = dict(segment.memberships.open().values_list("member_id", "pk"))
    gone = [pk for member_id, pk in inside.items() if member_id not in wanted]
    for start in range(0, len(gone), BATCH):
        stays = SegmentMembership.objects.filter(pk__in=gone[start : start + BATCH])
        stays.update(until_on=_ends(day))
    new = sorted(wanted - inside.keys())
    SegmentMembership.objects.bulk_create(
        [SegmentMembership(segment=segment, member_id=pk, from_on=day) for pk in new],
        batch_size=BATCH,
    )
    return len(new), len(gone)


def _ends(day: date) -> Case:
    # A stay that was to begin later never holds.
    return Case(When(from_on__gt=day, then=F("from_on")), default=day)


def _holders(lines: Sequence[tuple[int, str]]) -> set[int]:
    """Who holds the cards, or a refusal that names the lines of those that nobody holds."""
    cards = list(dict.fromkeys(card for _number, card in lines))
    if not cards:
        raise CardsMissing
    held: dict[str, int] = {}
    for start in range(0, len(cards), BATCH):
        found = Member.objects.filter(card_number__in=cards[start : start + BATCH])
        held |= dict(found.values_list("card_number", Coalesce("merged_into", "pk")))
    unknown = [(number, card) for number, card in lines if card not in held]
    if unknown:
        named = "; ".join(f"{number}: {card[:40]}" for number, card in unknown[:NAMED_LINES])
        more = " …" if len(unknown) > NAMED_LINES else ""
        raise CardsInFileUnknown(count=len(unknown), lines=f"{named}{more}")
    return set(held.values())
