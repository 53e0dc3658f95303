"""Load a ready programme; safe to repeat."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import ProtectedError

from common import clock
from loyalty.errors import TierInUse, TierNamedByRule, UnknownPreset
from loyalty.models import (
    EarningRule,
    Ladder,
    PointsMoney,
    PointType,
    ProductCategory,
    RuleScope,
    Tier,
)
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
from .ladder import change_ladder, check_ladder, ladder_version

RowT = TypeVar("RowT", bound=models.Model)


@dataclass(frozen=True)
class Loaded:
    """A preset as it was loaded, and the codes of the rules that it took out of force."""

    preset: Preset
    retired: Sequence[str]


@transaction.atomic
def load_preset(*, name: str, on: date | None = None) -> Loaded:
    """Write a preset's kinds of points, rules, tiers, ladder and worth over what there is.

    Repeating it changes nothing. A rule that differs becomes a new version, a rule that the preset
    does not have is taken out of force; points already earned keep their terms. Tiers are matched
    by rank, so members keep their rung. A campaign of one day a year is written for its next day,
    as seen from `on` (today). Refused: an unknown name, a shorter ladder while members stand on
    its upper rungs, stood there, or rules name them, and while a draft is being applied.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise UnknownPreset(name=name, known=", ".join(PRESETS))
    day = on or clock.today()
    change_ladder()
    kinds = {kind.code: _write_kind(kind) for kind in preset.kinds}
    categories = {found.code: _write_category(found) for found in preset.categories}
    for rule in preset.rules:
        _write_rule(rule, _wording(rule, kinds, categories, day))
    retired = _retire_all_but({rule.code for rule in preset.rules})
    _write_tiers(preset.tiers)
    check_ladder()
    ladder = _put(Ladder, {"pk": 1}, asdict(preset.ladder))
    ladder_version(ladder, list(Tier.objects.by_rank()))
    _write_spending(preset.spending)
    return Loaded(preset=preset, retired=retired)


def _put(model: type[RowT], known: Mapping[str, Any], wording: Mapping[str, Any]) -> RowT:
    """The row that is known by this, reading so; written only where it reads otherwise.

    A row that is saved as it was would be a change in its history.
    """
    rows = model._default_manager
    row = rows.filter(**known).first()
    if row is None:
        return rows.create(**known, **wording)
    changed = [name for name, told in wording.items() if getattr(row, name) != told]
    for name in changed:
        setattr(row, name, wording[name])
    if changed:
        row.save(update_fields=changed)
    return row


def _write_kind(kind: KindPreset) -> PointType:
    wording = asdict(kind)
    return _put(PointType, {"code": wording.pop("code")}, wording)


def _write_category(category: CategoryPreset) -> ProductCategory:
    """A category that is there already keeps the name that an operator gave it."""
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
    for name in ("trigger", "points", "per_amount", "factor", "group", "streak_every"):
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


def _retire_all_but(codes: Collection[str]) -> list[str]:
    others = EarningRule.objects.current().exclude(code__in=codes)
    retired = list(others.values_list("code", flat=True))
    others.update(is_current=False)
    return retired


def _write_spending(spending: SpendingPreset | None) -> None:
    """What points are worth at the till, or that they pay for nothing there."""
    wording = {"is_offered": False} if spending is None else {"is_offered": True} | asdict(spending)
    _put(PointsMoney, {"pk": 1}, wording)


def _write_tiers(tiers: Sequence[TierPreset]) -> None:
    """The rungs by their ranks. Those above go first, so that their codes are free."""
    _drop_tiers_above(len(tiers) - 1)
    for rank, tier in enumerate(tiers):
        _free_code(tier.code, rank)
        _put(Tier, {"rank": rank}, asdict(tier))


def _free_code(code: str, rank: int) -> None:
    """Take a code from the other rung that has it: that one is written next, with its own."""
    clash = Tier.objects.filter(code=code).exclude(rank=rank).first()
    if clash:
        clash.code = f"rank-{clash.rank}"
        clash.save(update_fields=["code"])


def _drop_tiers_above(rank: int) -> None:
    for tier in Tier.objects.by_rank().filter(rank__gt=rank).reverse():
        try:
            tier.delete()
        except ProtectedError as error:
            if all(isinstance(row, RuleScope) for row in error.protected_objects):
                raise TierNamedByRule(tier=tier.name) from error
            raise TierInUse(tier=tier.name, rungs=tier.rank + 1) from error
