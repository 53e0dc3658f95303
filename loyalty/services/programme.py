"""The programme as it stands: kinds of points, rules, tiers; read once per use case or batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty.models import EarningRule, Ladder, PointType, Tier


@dataclass(frozen=True)
class Programme:
    """Configuration, read before any lock is taken."""

    point_types: Mapping[int, PointType]
    rules: Mapping[int, Sequence[EarningRule]]
    tiers: Sequence[Tier]
    ladder: Ladder

    @classmethod
    def current(cls) -> "Programme":
        by_type: dict[int, list[EarningRule]] = {}
        for rule in EarningRule.objects.current():
            by_type.setdefault(rule.point_type_id, []).append(rule)
        return cls(
            point_types={kind.pk: kind for kind in PointType.objects.order_by("pk")},
            rules=by_type,
            tiers=list(Tier.objects.by_rank()),
            ladder=Ladder.objects.solo(),
        )

    @property
    def earned_types(self) -> list[PointType]:
        """Kinds that some rule gives, in order; without rules nothing is earned."""
        return [kind for pk, kind in self.point_types.items() if pk in self.rules]
