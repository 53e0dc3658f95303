"""Care tasks: opened and measured by nights, acted upon by operators."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics.errors import NobodyToCareFor, TaskNotOpen
from analytics.models import CareTask, WarningLevel
from common import clock
from common.sql import execute_sql
from members.models import User

Status = CareTask.Status

# What a programme may begin with: an operator adds them by one button.
SUGGESTED: tuple[dict[str, Any], ...] = (
    {
        "kind": WarningLevel.Kind.NO_INTERACTION,
        "threshold": 30,
        "until_days": 60,
        "rank": 10,
        "name_en": "Quiet for 30 days",
        "name_zh": "30 天无互动",
        "action_en": "Send a personal message with news that fits.",
        "action_zh": "发送一条贴心的个性化消息。",
        "due_days": 7,
    },
    {
        "kind": WarningLevel.Kind.FALLING_SCORE,
        "threshold": 20,
        "rank": 20,
        "name_en": "Cooling down",
        "name_zh": "热度下降",
        "action_en": "Ask what was missing; offer a small coupon.",
        "action_zh": "询问体验，赠送一张小额优惠券。",
        "due_days": 5,
    },
    {
        "kind": WarningLevel.Kind.NO_PURCHASE,
        "threshold": 60,
        "until_days": 120,
        "rank": 30,
        "name_en": "No purchase for 60 days",
        "name_zh": "60 天未消费",
        "action_en": "Call, and offer a coupon with a short validity.",
        "action_zh": "电话回访，赠送短期有效的优惠券。",
        "due_days": 3,
    },
)


@transaction.atomic
def add_suggested_levels() -> int:
    """Add the suggested warning levels whose severity is free; gives how many are new."""
    added = WarningLevel.objects.bulk_create(
        [
            WarningLevel(**level)
            for level in SUGGESTED
            if not WarningLevel.objects.filter(rank=level["rank"]).exists()
            and not WarningLevel.objects.in_use()
            .filter(kind=level["kind"], threshold=level["threshold"])
            .exists()
        ]
    )
    return len(added)


def measure_tasks(night: date, first: int, last: int) -> dict[str, int]:
    """End live tasks of a range whose members came back, or were measured long enough.

    Belongs to its caller's transaction. Who came back while nobody had acted came by themselves.
    """
    params = {
        "night": night,
        "measured_from": night - timedelta(days=settings.CARE_MEASURED_DAYS),
        "first": first,
        "last": last,
    }
    returned, not_returned = execute_sql("analytics", "measure_care_tasks", params)
    return {"returned": returned, "not_returned": not_returned}


def open_tasks(night: date, first: int, last: int) -> dict[str, int]:
    """Write each member's severest level, and open the tasks that are missing, for a range.

    Belongs to its caller's transaction. Levels of one kind take each other's place: the severest
    that holds opens its task, and ends an open one of a milder level that nobody acted upon.
    """
    levels = list(WarningLevel.objects.in_use())
    params: dict[str, object] = {"night": night, "first": first, "last": last}
    execute_sql("analytics", "prepare_warnings", params)
    for level in levels:
        execute_sql("analytics", "find_warnings", params | _terms(level, night))
    _warned, _cleared, opened, replaced = execute_sql("analytics", "open_care_tasks", params)
    return {"tasks": opened, "replaced": replaced}


@transaction.atomic
def assign_tasks(*, task_ids: Collection[int], owner: User | None) -> int:
    """Give live tasks an owner, or none; gives how many there were. Ended ones are left alone."""
    live = CareTask.objects.filter(pk__in=task_ids, status__in=CareTask.LIVE)
    return live.update(owner=owner)


@transaction.atomic
def act_on_tasks(
    *, task_ids: Collection[int], action: str, note: str, operator: User, on: date | None = None
) -> int:
    """Record what was done for the members of open tasks; later nights measure whether it helped.

    All of them or none. Refused: nothing chosen (NobodyToCareFor), a task that is not open any
    more (TaskNotOpen): somebody else acted, or the member came back.
    """
    day = on or clock.today()
    return _end_open(
        task_ids,
        status=Status.ACTED,
        action=CareTask.Action(action),
        acted_on=day,
        acted_by=operator,
        note=note,
    )


@transaction.atomic
def dismiss_tasks(
    *, task_ids: Collection[int], note: str, operator: User, on: date | None = None
) -> int:
    """End open tasks without any action, with the reason. Refused like `act_on_tasks`."""
    return _end_open(
        task_ids,
        status=Status.DISMISSED,
        ended_on=on or clock.today(),
        owner=operator,
        note=note,
    )


def _end_open(task_ids: Collection[int], **outcome: Any) -> int:
    wanted = set(task_ids)
    if not wanted:
        raise NobodyToCareFor
    # One conditional update: whoever comes second finds fewer open than they chose.
    moved = CareTask.objects.filter(pk__in=wanted, status=Status.OPEN).update(**outcome)
    if moved < len(wanted):
        raise TaskNotOpen(open=moved, chosen=len(wanted))
    return moved


def _terms(level: WarningLevel, night: date) -> dict[str, object]:
    """A level as parameters: a day until which nothing happened, and one since which something."""
    days = timedelta(days=level.threshold)
    is_days = level.kind != WarningLevel.Kind.FALLING_SCORE
    return {
        "level": level.pk,
        "rank": level.rank,
        "kind": level.kind,
        "threshold": level.threshold,
        "last_seen": night - days if is_days else night,
        "seen_since": night - timedelta(days=level.until_days) if level.until_days else date.min,
        "owner": level.owner_id,
        "due_on": night + timedelta(days=level.due_days),
        "quiet_since": night - timedelta(days=level.quiet_days),
    }
