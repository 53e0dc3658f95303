"""Load a ready programme; safe to repeat."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from common import clock
from loyalty.errors import TierInUse, UnknownPreset
from loyalty.models import EarningRule, Ladder, PointsMoney, PointType, ProductCategory, Tier
from loyalty.presets import (
    PRESETS,
    CategoryPreset,
    KindPreset,
    Preset,
    RulePreset,
    SpendingPreset,
    TierPreset,
)

from .configuration import create_rule, draft_rule, revise_rule, says_the_same


@transaction.atomic
def load_preset(*, name: str, on: date | None = None) -> Preset:
    """Write a preset's kinds of points, rules, tiers, ladder and worth over what there is.

    Repeating it changes nothing. A rule that differs becomes a new version; points already earned
    keep their terms. Tiers are matched by rank, so members keep their rung. A campaign of one day
    a year is written for its next day, as seen from `on` (today). Refused: an unknown name, and a
    shorter ladder while members stand on its upper rungs.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise UnknownPreset(name=name, known=", ".join(PRESETS))
    day = on or clock.today()
    kinds = {kind.code: _write_kind(kind) for kind in preset.kinds}
    categories = {found.code: _write_category(found) for found in preset.categories}
    for rule in preset.rules:
        _write_rule(rule, _wording(rule, kinds, categories, day))
    retired = EarningRule.objects.current().exclude(code__in=[rule.code for rule in preset.rules])
    retired.update(is_current=False)
    for rank, tier in enumerate(preset.tiers):
        _write_tier(rank, tier)
    _drop_tiers_above(len(preset.tiers) - 1)
    Ladder.objects.update_or_create(pk=1, defaults=asdict(preset.ladder))
    _write_spending(preset.spending)
    return preset


def _write_kind(kind: KindPreset) -> PointType:
    row, _is_new = PointType.objects.update_or_create(code=kind.code, defaults=asdict(kind))
    return row


def _write_category(category: CategoryPreset) -> ProductCategory:
    row, _is_new = ProductCategory.objects.get_or_create(
        code=category.code, defaults=asdict(category)
    )
    return row


def _wording(
    rule: RulePreset,
    kinds: dict[str, PointType],
    categories: dict[str, ProductCategory],
    day: date,
) -> dict[str, Any]:
    """The whole wording of a rule: what the preset does not say is asked for no more."""
    plain = EarningRule(code=rule.code)
    wording = {name: getattr(plain, name) for name in EarningRule.WORDING}
    del wording["point_type_id"]
    for name in ("trigger", "points", "per_amount", "factor", "group"):
        wording[name] = getattr(rule, name)
    campaign = _next(rule.yearly_on, day) if rule.yearly_on else None
    return wording | {
        "name_en": rule.name_en,
        "name_zh": rule.name_zh,
        "point_type": kinds[rule.kind],
        "member_from": rule.member_from,
        "member_until": rule.member_until,
        "starts_on": campaign,
        "ends_on": campaign,
        "tiers": [],
        "segments": [],
        "stores": [],
        "channels": [],
        "partners": [],
        "categories": [categories[code] for code in rule.categories],
    }


def _next(month_and_day: tuple[int, int], day: date) -> date:
    """The next such day, the day itself included."""
    month, number = month_and_day
    this_year = day.replace(month=month, day=number)
    return this_year if this_year >= day else this_year.replace(year=day.year + 1)


def _write_rule(rule: RulePreset, wording: dict[str, Any]) -> None:
    versions = EarningRule.objects.filter(code=rule.code)
    if not versions.exists():
        create_rule(code=rule.code, **wording)
        return
    newest = EarningRule.objects.newest_version(rule.code)
    wish, scopes = draft_rule(rule=newest, **wording)
    if not newest.is_current or not says_the_same(newest, wish, scopes):
        revise_rule(rule=newest, **wording)


def _write_spending(spending: SpendingPreset | None) -> None:
    """What points are worth at the till, or that they pay for nothing there."""
    defaults = (
        {"is_offered": False} if spending is None else {"is_offered": True} | asdict(spending)
    )
    PointsMoney.objects.update_or_create(pk=1, defaults=defaults)


def _write_tier(rank: int, tier: TierPreset) -> None:
    # A code freed first: the same code may stand on another rung now.
    clash = Tier.objects.filter(code=tier.code).exclude(rank=rank).first()
    if clash:
        clash.code = f"{clash.code}-{clash.rank}"[:30]
        clash.save(update_fields=["code"])
    Tier.objects.update_or_create(rank=rank, defaults=asdict(tier))


def _drop_tiers_above(rank: int) -> None:
    for tier in Tier.objects.by_rank().filter(rank__gt=rank):
        try:
            tier.delete()
        except ProtectedError as error:
            raise TierInUse(tier=tier.name) from error
