"""Load a ready programme; safe to repeat."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import Max, ProtectedError

from loyalty.errors import TierInUse, UnknownPreset
from loyalty.models import EarningRule, Ladder, PointsMoney, PointType, Tier
from loyalty.presets import PRESETS, KindPreset, Preset, RulePreset, TierPreset


@transaction.atomic
def load_preset(*, name: str) -> Preset:
    """Write a preset's kinds of points, rules, tiers and ladder over what there is.

    Repeating it changes nothing. A rule that differs becomes a new version; points already earned
    keep their terms. Tiers are matched by rank, so members keep their rung. Refused: an unknown
    name, and a shorter ladder while members stand on its upper rungs.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise UnknownPreset(name=name, known=", ".join(PRESETS))
    kinds = {kind.code: _write_kind(kind) for kind in preset.kinds}
    for rule in preset.rules:
        _write_rule(rule, kinds[rule.kind])
    retired = EarningRule.objects.current().exclude(code__in=[rule.code for rule in preset.rules])
    retired.update(is_current=False)
    for rank, tier in enumerate(preset.tiers):
        _write_tier(rank, tier)
    _drop_tiers_above(len(preset.tiers) - 1)
    Ladder.objects.update_or_create(pk=1, defaults=asdict(preset.ladder))
    # Begun only: what points are worth as money is the operators' to change.
    PointsMoney.objects.get_or_create(pk=1)
    return preset


def _write_kind(kind: KindPreset) -> PointType:
    row, _is_new = PointType.objects.update_or_create(code=kind.code, defaults=asdict(kind))
    return row


def _write_rule(rule: RulePreset, kind: PointType) -> None:
    facts = {name: fact for name, fact in asdict(rule).items() if name != "kind"}
    current = EarningRule.objects.filter(code=rule.code, is_current=True).first()
    facts["point_type"] = kind
    if current and all(getattr(current, name) == fact for name, fact in facts.items()):
        return
    versions = EarningRule.objects.filter(code=rule.code)
    version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    versions.filter(is_current=True).update(is_current=False)
    EarningRule.objects.create(**facts, version=version)


def _write_tier(rank: int, tier: TierPreset) -> None:
    # A code freed first: the same code may stand on another rung now.
    clash = Tier.objects.filter(code=tier.code).exclude(rank=rank).first()
    if clash:
        clash.code = f"{clash.code}-{clash.rank}"[:30]
        clash.save(update_fields=["code"])
    Tier.objects.update_or_create(rank=rank, defaults=asdict(tier))


def _drop_tiers_above(rank: int) -> None:
    for tier in Tier.objects.filter(rank__gt=rank):
        try:
            tier.delete()
        except ProtectedError as error:
            raise TierInUse(tier=tier.name) from error
