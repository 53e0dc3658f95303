"""The formats of purchase files: which columns they have and what a row says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common import clock
from loyalty.models import StagedInvoice

Kind = StagedInvoice.Kind

# Staged numbers are whole: quantities in thousandths, prices in ten-thousandths of a unit.
QUANTITY_DIGITS = 3
PRICE_DIGITS = 4
LARGEST = 10**12
# One row's product, in ten-millionths of a unit: far enough from what the database can hold for
# the sums of an invoice, which are refused above ten times as much.
LARGEST_PRODUCT = 10**17
LONGEST_INVOICE = 100
LONGEST_QUOTE = 40
# Not all that Python takes for a number is one: 1_0, other scripts' digits, 10**999999.
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
MOST_DIGITS = 28


class BadRow(Exception):
    """A row cannot be used; the text says why."""


@dataclass(frozen=True)
class Row:
    """What one row of a file says."""

    invoice: str
    kind: StagedInvoice.Kind
    customer: str
    at: datetime
    sku: str
    description: str
    quantity: int
    unit_price: int


@dataclass(frozen=True)
class Format:
    """A kind of file: its columns, where its rows' identity is, and how a row is read.

    `identify` gives the invoice's number and kind, or raises BadRow when the number is none.
    """

    name: str
    columns: tuple[str, ...]
    identify: Callable[[Mapping[str, str]], tuple[str, StagedInvoice.Kind]]
    parse: Callable[[Mapping[str, str]], Row]


def identity_of(
    form: Format, number: int, record: Mapping[str, str]
) -> tuple[str, StagedInvoice.Kind]:
    """Under which invoice a row counts; one without a usable number stands for itself.

    No file can hold the name that such a row gets: invoice numbers do not begin with a space.
    """
    try:
        return form.identify(record)
    except BadRow:
        return f" row {number}", Kind.PURCHASE


def _identify(row: Mapping[str, str]) -> tuple[str, StagedInvoice.Kind]:
    """Invoice number and kind; `C…` is a refund, other letters are no sale at all.

    `c5` is the refund `C5`.
    """
    invoice = row["InvoiceNo"].strip()
    if len(invoice) > LONGEST_INVOICE or "\x00" in invoice:
        raise BadRow(_("“%s” is no invoice number.") % _quoted(invoice))
    first = invoice[:1]
    if first in ("C", "c"):
        return f"C{invoice[1:]}", Kind.REFUND
    return invoice, Kind.OTHER if first.isalpha() else Kind.PURCHASE


def _parse(row: Mapping[str, str]) -> Row:
    invoice, kind = _identify(row)
    _check_text("".join(row.values()))
    quantity = _scaled(row["Quantity"].strip(), QUANTITY_DIGITS, "quantity")
    unit_price = _scaled(row["UnitPrice"].strip(), PRICE_DIGITS, "price")
    if unit_price < 0:
        raise BadRow(_("The price %s is negative.") % _quoted(row["UnitPrice"]))
    if kind == Kind.REFUND and quantity > 0:
        quoted = _quoted(row["Quantity"])
        raise BadRow(_("A refund's quantity must be negative, not %s.") % quoted)
    if abs(quantity * unit_price) > LARGEST_PRODUCT:
        raise BadRow(_("Quantity times price is out of range."))
    return Row(
        invoice=invoice,
        kind=kind,
        customer=_customer(row["CustomerID"]),
        at=_instant(row["InvoiceDate"].strip()),
        sku=_short(row["StockCode"].strip(), 60, "sku"),
        description=row["Description"].strip()[:200],
        quantity=quantity,
        unit_price=unit_price,
    )


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadRow(_("The row holds a character that no text has (NUL)."))
    # A quote that ends by chance, some rows later, has swallowed them.
    if "\n" in text or "\r" in text:
        raise BadRow(_("The row goes over several lines: is a quote not closed?"))


# Files repeat few numbers many times; what is refused is not kept.
@lru_cache(maxsize=4096)
def _scaled(text: str, digits: int, what: str) -> int:
    """A decimal as a whole number of its smallest part; refused when it has smaller ones."""
    if not NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) > MOST_DIGITS:
        raise BadRow(_("The %(what)s “%(text)s” is not a number.") % _told(what, text))
    number = Decimal(text)
    if not number:
        return 0
    # Compared before scaling: the decimal context has no room for 1e999999.
    if number.adjusted() > MOST_DIGITS:
        raise BadRow(_("The %(what)s “%(text)s” is out of range.") % _told(what, text))
    if number.adjusted() < -MOST_DIGITS:
        raise BadRow(_("The %(what)s “%(text)s” has too many decimals.") % _told(what, text))
    scaled = number.scaleb(digits)
    if abs(scaled) > LARGEST:
        raise BadRow(_("The %(what)s “%(text)s” is out of range.") % _told(what, text))
    if scaled != scaled.to_integral_value():
        raise BadRow(_("The %(what)s “%(text)s” has too many decimals.") % _told(what, text))
    return int(scaled)


def _told(what: str, text: str) -> dict[str, str]:
    names = {
        "quantity": _("quantity"),
        "price": _("price"),
        "sku": _("article number"),
        "customer": _("customer number"),
    }
    return {"what": names[what], "text": _quoted(text)}


def _quoted(text: str) -> str:
    """The beginning of what a file says, fit to be stored and shown."""
    return text.strip()[:LONGEST_QUOTE].replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _customer(text: str) -> str:
    """The customer's number; spreadsheets turn whole numbers into 17850.0."""
    number = text.strip()
    if number.endswith(".0") and number[:-2].isdigit():
        number = number[:-2]
    return _short(number, 40, "customer")


def _short(text: str, longest: int, what: str) -> str:
    if len(text) > longest:
        raise BadRow(_("The %(what)s “%(text)s” is too long.") % _told(what, text))
    return text


def _instant(text: str) -> datetime:
    return _parsed_instant(text, clock.zone())


@lru_cache(maxsize=512)
def _parsed_instant(text: str, zone: ZoneInfo) -> datetime:
    """A local time of the programme's zone; where it happens twice, the first."""
    try:
        # Python reads the digits of every script.
        ascii_text = text if text.isascii() else ""
        at = datetime.strptime(ascii_text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise BadRow(
            _("The date “%s” cannot be read: write it like 2011-12-09 12:50:00.") % _quoted(text)
        ) from None
    if at.year < 1970 or at > clock.now():
        reason = _("The date “%s” lies in the future or too far in the past.")
        raise BadRow(reason % _quoted(text))
    return at


ONLINE_RETAIL = Format(
    name="online-retail",
    columns=(
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    ),
    identify=_identify,
    parse=_parse,
)

FORMATS: Mapping[str, Format] = {ONLINE_RETAIL.name: ONLINE_RETAIL}
