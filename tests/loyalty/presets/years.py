"""Virtual time in a programme that the command loaded, and what can be read of it."""

from collections.abc import Iterable
from datetime import date, datetime
from io import StringIO
from typing import Any

import time_machine
from django.core.management import call_command
from django.db import models

from common.jobs.steps import nightly_steps
from common.proof import configured_checks, prove
from loyalty.models import (
    EarningRule,
    Ladder,
    LadderVersion,
    PointsAccount,
    PointsLot,
    PointsMoney,
    PointType,
    ProductCategory,
    RuleScope,
    Standing,
    Tier,
)
from members.models import Member, Notice
from tests.loyalty.programmes import local
from tests.loyalty.reviews import EVERYONE

WRITTEN: tuple[type[models.Model], ...] = (
    PointType,
    ProductCategory,
    EarningRule,
    RuleScope,
    Ladder,
    Tier,
    PointsMoney,
    LadderVersion,
)
# What a preset means, without the numbers of rows and versions.
NUMBERING = {"id", "version", "written_at", "rule_id", "is_current"}


def load(name: str, *day: int) -> str:
    """Load a preset by its command on a day (year, month, day); gives what it prints."""
    out = StringIO()
    with time_machine.travel(local(*day, 9), tick=False):
        call_command("load_preset", name, stdout=out)
    return out.getvalue()


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of a programme, its versions and its history."""
    tables = {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in WRITTEN
    }
    for model in WRITTEN:
        if history := getattr(model, "history", None):
            tables[f"{model.__name__} history"] = list(history.order_by("history_id").values())
    return tables


def meaning() -> dict[str, Any]:
    """What holds now, by codes."""
    in_force = EarningRule.objects.current()
    return {
        "kinds": _read(PointType.objects.order_by("code")),
        "rules": _read(in_force),
        "scopes": sorted(
            (rule.code, str(scope)) for rule in in_force for scope in rule.scopes.all()
        ),
        "tiers": _read(Tier.objects.by_rank()),
        "ladder": _read(Ladder.objects.all()),
        "money": _read(PointsMoney.objects.values("is_offered")),
    }


def _read(found: Iterable[Any]) -> list[dict[str, Any]]:
    told = found.values() if isinstance(found, models.QuerySet) and not found._fields else found
    return [{name: row[name] for name in row if name not in NUMBERING} for row in told]


def check_loads_once(name: str, other: str) -> None:
    """Load it; again, and after another one: the first repeat writes nothing at all."""
    load(name, 2025, 1, 1)
    first, meant = rows(), meaning()
    load(name, 2025, 1, 1)
    assert rows() == first
    load(other, 2025, 1, 1)
    assert meaning() != meant
    load(name, 2025, 1, 1)
    assert meaning() == meant
    settled = rows()
    load(name, 2025, 1, 1)
    assert rows() == settled


def night(*day: int) -> None:
    """The night of a date for everyone, at one o'clock: every step in its order."""
    with time_machine.travel(local(*day, 1), tick=False):
        for step in nightly_steps():
            step(date(*day), *((1, EVERYONE) if step.is_ranged else (0, 0)))


def balance(member: Member, kind: str = PointType.BASE) -> int:
    account = PointsAccount.objects.filter(member=member, point_type__code=kind).first()
    return account.balance if account else 0


def growth(member: Member) -> int:
    return balance(member, PointType.GROWTH)


def spendable(member: Member, at: datetime) -> int:
    return PointsLot.objects.for_member(member).spendable(at).points_left()


def told_of(member: Member, last_day: str) -> list[tuple[int, int]]:
    """Days before the end and points, of every notice of points valid through a day."""
    notices = Notice.objects.filter(member=member, kind="points_expiring").order_by("pk")
    return [
        (notice.params["days"], notice.params["points"])
        for notice in notices
        if notice.params["last_day"] == last_day
    ]


def told_of_going_down(member: Member) -> list[tuple[str, str]]:
    """The last day of the tier, and the day on which it goes down, of every notice."""
    notices = Notice.objects.filter(member=member, kind="tier_going_down").order_by("pk")
    return [(notice.params["last_day"], notice.params["down_on"]) for notice in notices]


def place_of(member: Member) -> tuple[str, str]:
    """The earned tier and its last valid day."""
    standing = Standing.objects.select_related("tier").get(member=member)
    return standing.tier.code, str(standing.valid_through())


def discount_of(member: Member) -> str:
    """The discount rate that the portal and the till show."""
    return str(Standing.objects.select_related("tier").get(member=member).tier.discount_rate)


def broken() -> list[str]:
    """What the proof of the ledger finds wrong."""
    return [finding.check.id for finding in prove(configured_checks()) if not finding.is_clean]
