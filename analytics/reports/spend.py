"""Who spends most."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.spans import as_of
from common.money import from_minor
from common.sql import fetch_sql
from members.models import Member


@dataclass(frozen=True)
class TopMember:
    """A member and their net spend; the shop may have no number of its own for them."""

    member_id: int
    external_number: str | None
    card_number: str
    name: str
    amount: Decimal


def top_members(day: date, count: int = 10) -> list[TopMember]:
    """The members with the greatest net spend before a day, the greatest first; two statements."""
    rows = fetch_sql("analytics", "top_members", as_of(day) | {"limit": count})
    members = Member.objects.in_bulk([pk for pk, _number, _amount in rows])
    return [
        TopMember(
            member_id=pk,
            external_number=number,
            card_number=members[pk].card_number,
            name=members[pk].display_name,
            amount=from_minor(amount),
        )
        for pk, number, amount in rows
    ]
