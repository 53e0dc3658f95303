"""Which actions brought members back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from analytics.models import CareTask

Status = CareTask.Status


@dataclass(frozen=True)
class ActionOutcome:
    """Tasks with one action, or with none; those that wait are acted upon and still measured.

    Without an action, tasks that ended because the member came back are counted against those
    that are open: what happens when nobody acts.
    """

    action: str
    tasks: int
    returned: int
    not_returned: int

    @property
    def waiting(self) -> int:
        return self.tasks - self.measured

    @property
    def measured(self) -> int:
        """Those whose outcome is known."""
        return self.returned + self.not_returned

    @property
    def share(self) -> float | None:
        """Who came back, of those whose outcome is known."""
        return self.returned / self.measured if self.measured else None

    @property
    def name(self) -> str:
        return str(CareTask.Action(self.action).label)


def outcomes_by_action(*, since: date, until: date) -> list[ActionOutcome]:
    """What came of the tasks opened from one day to another, both included, by action.

    Dismissed tasks, and those that became more severe, say nothing of an action.
    """
    tasks = CareTask.objects.filter(opened_on__range=(since, until))
    counted = tasks.exclude(status__in=(Status.DISMISSED, Status.REPLACED))
    rows = counted.values_list("action", "status").annotate(tasks=Count("pk")).order_by("action")
    return list(_by_action(rows))


def _by_action(rows: Iterable[tuple[str, str, int]]) -> Iterable[ActionOutcome]:
    counts: dict[str, dict[str, int]] = {}
    for action, status, tasks in rows:
        counts.setdefault(action, {})[status] = tasks
    for action, of in counts.items():
        yield ActionOutcome(
            action=action,
            tasks=sum(of.values()),
            returned=of.get(Status.RETURNED, 0),
            not_returned=of.get(Status.NOT_RETURNED if action else Status.OPEN, 0),
        )
