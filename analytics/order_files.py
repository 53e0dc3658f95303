"""Files of orders from elsewhere, to fit a lifetime model to; read whole, written nowhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from analytics.errors import UnknownOrdersFormat, UnreadableOrders
from analytics.rules.histories import Days

_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{8}")
_QUANTITY = re.compile(r"[0-9]{1,9}")
LONGEST_QUOTE = 40


@dataclass(frozen=True)
class Order:
    """What one line says."""

    customer: str
    day: date
    amount: Decimal


class BadLine(Exception):
    """A line cannot be used; the text says why."""


@dataclass(frozen=True)
class Format:
    """A kind of file: how one of its lines is read, or why it is not (BadLine)."""

    name: str
    parse: Callable[[str], Order]


def read_orders(path: Path, form: str) -> dict[str, Days]:
    """What each customer paid on each day; orders of one day are added up, those of 0 are kept.

    Blank lines say nothing. Refused as a whole, with the number of the line: anything that is not
    as the format wants it.
    """
    days: dict[str, dict[date, Decimal]] = {}
    for order in _orders(path, _format_named(form)):
        paid = days.setdefault(order.customer, {})
        paid[order.day] = paid.get(order.day, Decimal(0)) + order.amount
    if not days:
        raise UnreadableOrders(file=path.name, reason=_("It holds no order."))
    return dict(days)


def _orders(path: Path, form: Format) -> Iterator[Order]:
    with _told(path), path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield form.parse(line)
            except BadLine as error:
                reason = _("Line %(line)s: %(why)s") % {"line": number, "why": error}
                raise UnreadableOrders(file=path.name, reason=reason) from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in words why a file cannot be read."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableOrders(file=path.name, reason=_("There is no such file.")) from error
    except IsADirectoryError as error:
        raise UnreadableOrders(file=path.name, reason=_("It is a folder.")) from error
    except UnicodeDecodeError as error:
        raise UnreadableOrders(file=path.name, reason=_("It is not text in UTF-8.")) from error
    except PermissionError as error:
        raise UnreadableOrders(file=path.name, reason=_("It may not be read.")) from error


def _format_named(name: str) -> Format:
    if name not in FORMATS:
        raise UnknownOrdersFormat(name=name, known=", ".join(FORMATS))
    return FORMATS[name]


def _cdnow_sample(line: str) -> Order:
    """Number in the whole file, number in the sample, date, discs bought, amount; spaces between.

    A customer is their number in the whole file.
    """
    fields = line.split()
    if len(fields) != 5:
        raise BadLine(
            _("it has %(found)s fields; customer, number in the sample, date, quantity and amount "
              "make 5.") % {"found": len(fields)}
        )  # fmt: skip
    customer, _in_sample, day, quantity, amount = fields
    if not _QUANTITY.fullmatch(quantity):
        raise BadLine(_("the quantity “%s” is not a whole number.") % quantity[:LONGEST_QUOTE])
    if not _AMOUNT.fullmatch(amount):
        raise BadLine(
            _("the amount “%s” is not an amount: write it like 29.33.") % amount[:LONGEST_QUOTE]
        )
    return Order(customer=customer, day=_day(day), amount=Decimal(amount))


def _day(text: str) -> date:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise BadLine(
            _("the date “%s” cannot be read: write it like 19970930.") % text[:LONGEST_QUOTE]
        ) from None


FORMATS: Mapping[str, Format] = {
    "cdnow-sample": Format(name="cdnow-sample", parse=_cdnow_sample),
}
