"""What a member held at the end of a day, or at an instant, rebuilt from the ledger."""

import json
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common import clock
from common.errors import DomainError
from common.numbers import format_number
from loyalty.as_of import AccountAsOf, LotAsOf, MemberAsOf, end_of, instant_of, points_as_of
from members.models import Member


class Command(BaseCommand):
    help = (
        "Rebuild what a member held at an instant from entries and allocations: balance, debt, "
        "spendable and pending points, and every open lot. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("member", help="card number, phone, e-mail, customer number or id")
        parser.add_argument(
            "date", help="2025-03-31 for the end of that day, or 2025-03-31T12:00 for an instant"
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        member = the_member(options["member"])
        held = points_as_of(member, the_instant(options["date"]))
        self.stdout.write(as_json(held) if options["json"] else as_table(held))


def the_member(text: str) -> Member:
    """The one member whom the text names, refused where it names none or several."""
    found = Member.objects.identified_by(text)
    if not found:
        raise CommandError(_("There is no member “%(text)s”.") % {"text": text})
    if len(found) > 1:
        cards = ", ".join(member.card_number for member in found)
        message = _("“%(text)s” names several members. Their cards: %(cards)s.")
        raise CommandError(message % {"text": text, "cards": cards})
    return found[0]


def the_instant(text: str) -> datetime:
    """The end of a day or an instant; without an offset it is by the programme's clock."""
    try:
        return end_of(day, now=clock.now()) if (day := a_day(text)) else an_instant(text)
    except DomainError as error:
        raise CommandError(str(error)) from error
    except (ValueError, OverflowError) as error:
        message = _("“%(text)s” is no day and no instant: write 2025-03-31 or 2025-03-31T12:00.")
        raise CommandError(message % {"text": text}) from error


def a_day(text: str) -> date | None:
    """The day that a text without a time means."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def an_instant(text: str) -> datetime:
    at = instant_of(datetime.fromisoformat(text), now=clock.now())
    # What lies before the first instant that UTC knows overflows here rather than in the database.
    at.astimezone(UTC)
    return at


def as_table(held: MemberAsOf) -> str:
    """The accounts, each with its open lots indented below."""
    at = held.at.astimezone(clock.zone())
    lines = [f"{held.member.card_number}  {held.member.display_name}  {at:%Y-%m-%d %H:%M:%S %z}"]
    if not held.accounts:
        lines.append(_("No points yet."))
    for account in held.accounts:
        lines.extend(_account_lines(account, held.at))
    return "\n".join(lines)


def _account_lines(account: AccountAsOf, at: datetime) -> list[str]:
    figures = {
        _("balance"): account.balance,
        _("spendable"): account.spendable,
        _("pending"): account.pending,
        _("expired, not booked"): account.ended,
        _("debt"): account.debt,
    }
    if not account.account.is_spendable:
        figures = {_("balance"): account.balance}
    texts = [f"{name} {format_number(number)}" for name, number in figures.items()]
    head = f"{account.account.point_type.name}: {', '.join(texts)}"
    return [head, *(_lot_line(lot) for lot in account.lots)]


def _lot_line(held: LotAsOf) -> str:
    lot = held.lot
    day = clock.last_valid_day(held.expires_at) if held.expires_at else None
    through = _("valid through %(day)s") % {"day": day} if day else _("for ever")
    since = clock.business_date(held.available_at)
    left = f"{format_number(held.remaining)} / {format_number(lot.points)}"
    return f"  {left:>23}  " + _("spendable from %(day)s") % {"day": since} + f", {through}"


def as_json(held: MemberAsOf) -> str:
    """One object, instants in ISO 8601."""
    accounts = [
        {
            "point_type": account.account.point_type.code,
            "balance": account.balance,
            "debt": account.debt,
            "spendable": account.spendable,
            "pending": account.pending,
            "ended": account.ended,
            "lots": [_lot_fields(lot) for lot in account.lots],
        }
        for account in held.accounts
    ]
    answer = {
        "member": held.member.pk,
        "card_number": held.member.card_number,
        "at": held.at.isoformat(),
        "accounts": accounts,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _lot_fields(held: LotAsOf) -> dict[str, Any]:
    lot = held.lot
    return {
        "lot": lot.pk,
        "entry": lot.entry_id,
        "points": lot.points,
        "remaining": held.remaining,
        "available_at": held.available_at.isoformat(),
        "expires_at": held.expires_at.isoformat() if held.expires_at else None,
    }
