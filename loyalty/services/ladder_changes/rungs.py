"""A ladder that is not in force, read from a draft's contents, and where it leaves everyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.db import models

from common.money import to_minor
from loyalty.models import Ladder, Tier

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Rungs:
    """The ladder and tiers of contents in the form of a version; none of them is saved."""

    content: Mapping[str, Any]

    @cached_property
    def ladder(self) -> Ladder:
        return read(Ladder, self.content["ladder"])

    @cached_property
    def tiers(self) -> Sequence[Tier]:
        """Lowest first. A rung that is new has no id."""
        return [read(Tier, rung) for rung in self.content["tiers"]]

    @cached_property
    def by_code(self) -> Mapping[str, Tier]:
        return {tier.code: tier for tier in self.tiers}

    @property
    def counts_days(self) -> bool:
        return any(tier.counts_days for tier in self.tiers)

    def rows(self) -> list[dict[str, object]]:
        """Each rung as the temporary table holds it, amounts in minor units."""
        return [_row(tier) for tier in self.tiers]


def read(model: type[Row], columns: Mapping[str, Any]) -> Row:
    """An unsaved row from its columns as JSON keeps them."""
    row = model()
    for field in model._meta.concrete_fields:
        if field.attname in columns:
            value = columns[field.attname]
            setattr(row, field.attname, None if value is None else field.to_python(value))
    return row


def held_ranks(base: Rungs, draft: Rungs) -> list[dict[str, object]]:
    """As what each present tier counts under the draft, by rank: itself by its code.

    One that is gone counts as the next below it that stays; the lowest always does.
    """
    held: list[dict[str, object]] = []
    rank = 0
    for tier in base.tiers:
        stays = draft.by_code.get(tier.code)
        rank = stays.rank if stays else rank
        held.append({"tier": tier.pk, "rank": rank, "is_gone": int(stays is None)})
    return held


def _row(tier: Tier) -> dict[str, object]:
    bounds: dict[str, object] = {}
    for stage in ("entry", "retention"):
        for measure in Tier.MEASURES:
            bound = getattr(tier, f"{stage}_{measure}")
            is_money = measure == "spend" and bound is not None
            bounds[f"{stage}_{measure}"] = to_minor(bound) if is_money else bound
    return {"code": tier.code, "rank": tier.rank, "join": tier.join, **bounds}
