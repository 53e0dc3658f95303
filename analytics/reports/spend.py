"""Who spends most."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.spans import as_of
from common.money import from_minor
from common.sql import fetch_sql


@dataclass(frozen=True)
class TopMember:
    """A member and their net spend."""

    member_id: int
    external_number: str | None
    amount: Decimal


def top_members(day: date, count: int = 10) -> list[TopMember]:
    """The members with the greatest net spend before a day, the greatest first."""
    rows = fetch_sql("analytics", "top_members", as_of(day) | {"limit": count})
    return [TopMember(pk, number, from_minor(amount)) for pk, number, amount in rows]
