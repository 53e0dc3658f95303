"""Re-date runs for tests, made as an operator makes them."""

from datetime import datetime
from typing import Any

from loyalty.models import PointType, RedateRun
from loyalty.services.redating.applying import apply_redating
from loyalty.services.redating.runs import confirm_redating, preview_redating
from members.models import User
from tests.factories import OperatorFactory


def preview(expiry: str, *, now: datetime | None = None, **choice: Any) -> RedateRun:
    """A previewed run for base points."""
    operator = choice.pop("operator", None) or User.objects.first() or OperatorFactory()
    given = {"point_type": PointType.objects.base(), "reason": "A longer stay", "key": "redate"}
    return preview_redating(expiry=expiry, operator=operator, now=now, **{**given, **choice})


def redate(expiry: str, *, now: datetime | None = None, **choice: Any) -> RedateRun:
    """A run that was previewed, confirmed and applied in this process."""
    run = confirm_redating(run=preview(expiry, now=now, **choice), now=now)
    return apply_redating(run)


def lines(figures: dict[str, Any]) -> list[tuple[str | None, str | None, int, int, int]]:
    """Before, after, lots, members and points of each line."""
    return [
        (line["before"], line["after"], line["lots"], line["members"], line["points"])
        for line in figures["lines"]
    ]
