"""The programme as it stands: kinds of points, rules, tiers; read once per use case or batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Exists

from common.periods import Period
from loyalty import rules
from loyalty.models import (
    EarningRule,
    Ladder,
    LadderVersion,
    MemberMultiplier,
    PointType,
    RuleScope,
    Tier,
)
from members.models import MemberMerge

from .ladder import hold_ladder, ladder_version

HAS_MULTIPLIERS, HAS_MERGES = "has_multipliers", "has_merges"


@dataclass(frozen=True)
class Programme:
    """Configuration, read before any lock is taken. Rules are by kind of points."""

    point_types: Mapping[int, PointType]
    rules: Mapping[int, Sequence[rules.Terms]]
    tiers: Sequence[Tier]
    ladder: Ladder
    version: LadderVersion | None = None
    has_member_multipliers: bool = False
    has_merges: bool = True

    @classmethod
    def current(cls) -> "Programme":
        by_type: dict[int, list[rules.Terms]] = {}
        for rule in EarningRule.objects.current():
            by_type.setdefault(rule.point_type_id, []).append(terms_of(rule))
        # Asked along with the kinds: where nobody has a multiplier of their own, or is merged into
        # another, nothing is read of these.
        asked = {
            HAS_MULTIPLIERS: Exists(MemberMultiplier.objects.all()),
            HAS_MERGES: Exists(MemberMerge.objects.live()),
        }
        kinds = list(PointType.objects.order_by("pk").annotate(**asked))
        return cls(
            point_types={kind.pk: kind for kind in kinds},
            rules=by_type,
            tiers=list(Tier.objects.by_rank()),
            ladder=Ladder.objects.solo(),
            has_member_multipliers=any(
                kind.has_multipliers  # type: ignore[attr-defined]
                for kind in kinds
            ),
            has_merges=any(
                kind.has_merges  # type: ignore[attr-defined]
                for kind in kinds
            ),
        )

    @classmethod
    def for_facts(cls) -> "Programme":
        """The same for facts that may move a tier, with the ladder's version at hand.

        A wording that is new gets its number here, before any account is locked; the ladder is
        held until the transaction ends.
        """
        hold_ladder()
        programme = cls.current()
        if not programme.tiers:
            return programme
        return replace(programme, version=ladder_version(programme.ladder, programme.tiers))

    @property
    def earned_types(self) -> list[PointType]:
        """Kinds that some rule gives for purchases, in order; without rules nothing is locked."""
        return self.types_earned_by(rules.PURCHASE)

    def types_to_lock(self, trigger: str) -> list[PointType]:
        """Kinds whose accounts a fact of this trigger locks: those it earns, else the first.

        What earns nothing can still move a tier, and the account is the lock for that too.
        """
        return self.types_earned_by(trigger) or list(self.point_types.values())[:1]

    def types_earned_by(self, trigger: str) -> list[PointType]:
        """Kinds that some rule gives for this trigger, in order."""
        return [
            kind
            for pk, kind in self.point_types.items()
            if any(terms.trigger == trigger for terms in self.rules.get(pk, ()))
        ]

    @cached_property
    def asks_for_tier(self) -> bool:
        """Whether what is earned depends on the member's tier."""
        is_rule = any(terms.conditions.tiers for found in self.rules.values() for terms in found)
        return is_rule or any(tier.multiplier != 1 for tier in self.tiers)

    @cached_property
    def asks_for_segments(self) -> bool:
        """Whether some rule is limited to segments."""
        return any(terms.conditions.segments for found in self.rules.values() for terms in found)

    @cached_property
    def counts_days(self) -> bool:
        """Whether any tier asks for active days, which are not counted otherwise."""
        return any(tier.counts_days for tier in self.tiers)

    def tier_by_id(self, tier_id: int | None) -> Tier | None:
        """The tier with this id; without one, the lowest, which is everyone's."""
        found = next((tier for tier in self.tiers if tier.pk == tier_id), None)
        return found or (self.tiers[0] if self.tiers else None)


def terms_of(rule: EarningRule, scopes: Sequence[RuleScope] | None = None) -> rules.Terms:
    """A version of a rule, ready to be evaluated; its scopes are given where they are not written.

    Refused: a period that does not parse.
    """
    scopes = list(rule.scopes.all()) if scopes is None else scopes
    conditions = rules.Conditions(
        tiers=_ids(scopes, "tier_id"),
        segments=_ids(scopes, "segment_id"),
        stores=_ids(scopes, "store_id"),
        channels=_ids(scopes, "channel_id"),
        partners=_ids(scopes, "partner_id"),
        categories=_ids(scopes, "category_id"),
        minimum_spend=rule.minimum_spend,
        weekdays=frozenset(rule.weekdays),
        hour_from=rule.hour_from,
        hour_to=rule.hour_to,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        member_from=Period.parse(rule.member_from) if rule.member_from else None,
        member_until=Period.parse(rule.member_until) if rule.member_until else None,
        streak_every=rule.streak_every,
    )
    return rules.Terms(
        code=rule.code,
        version=rule.version,
        trigger=rule.trigger,
        points=rule.points,
        per_amount=rule.per_amount,
        factor=rule.factor,
        group=rule.group,
        priority=rule.priority,
        conditions=conditions,
        caps=rule.caps(),
    )


def _ids(scopes: Sequence[RuleScope], name: str) -> frozenset[int]:
    return frozenset(found for scope in scopes if (found := getattr(scope, name)) is not None)
