"""The formats of purchase files: which columns they have and what a row says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
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
    """A kind of file: its columns, where its rows' identity is, and how a row is read."""

    name: str
    columns: tuple[str, ...]
    identify: Callable[[Mapping[str, str]], tuple[str, StagedInvoice.Kind]]
    parse: Callable[[Mapping[str, str]], Row]


def _identify(row: Mapping[str, str]) -> tuple[str, StagedInvoice.Kind]:
    """Invoice number and kind; `C…` is a refund, other letters are no sale at all."""
    invoice = (row["InvoiceNo"] or "").strip()
    if invoice[:1] in ("C", "c"):
        return invoice, Kind.REFUND
    return invoice, Kind.OTHER if invoice[:1].isalpha() else Kind.PURCHASE


def _parse(row: Mapping[str, str]) -> Row:
    invoice, kind = _identify(row)
    quantity = _scaled(row["Quantity"], QUANTITY_DIGITS, _("quantity"))
    unit_price = _scaled(row["UnitPrice"], PRICE_DIGITS, _("price"))
    if unit_price < 0:
        raise BadRow(_("The price %s is negative.") % row["UnitPrice"].strip())
    if kind == Kind.REFUND and quantity > 0:
        raise BadRow(_("A refund's quantity must be negative, not %s.") % row["Quantity"].strip())
    return Row(
        invoice=invoice,
        kind=kind,
        customer=_customer(row["CustomerID"]),
        at=_instant(row["InvoiceDate"].strip()),
        sku=_short(row["StockCode"].strip(), 60, _("article number")),
        description=row["Description"].strip()[:200],
        quantity=quantity,
        unit_price=unit_price,
    )


def _scaled(text: str, digits: int, what: str) -> int:
    """A decimal as a whole number of its smallest part; refused when it has smaller ones."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise BadRow(_("The %(what)s “%(text)s” is not a number.") % _told(what, text)) from None
    scaled = number.scaleb(digits) if number.is_finite() else Decimal("NaN")
    if not scaled.is_finite() or abs(scaled) > LARGEST:
        raise BadRow(_("The %(what)s “%(text)s” is out of range.") % _told(what, text))
    if scaled != scaled.to_integral_value():
        raise BadRow(_("The %(what)s “%(text)s” has too many decimals.") % _told(what, text))
    return int(scaled)


def _told(what: str, text: str) -> dict[str, str]:
    return {"what": what, "text": text.strip()[:40]}


def _customer(text: str) -> str:
    """The customer's number; spreadsheets turn whole numbers into 17850.0."""
    number = text.strip()
    if number.endswith(".0") and number[:-2].isdigit():
        number = number[:-2]
    return _short(number, 40, _("customer number"))


def _short(text: str, longest: int, what: str) -> str:
    if len(text) > longest or "\x00" in text:
        raise BadRow(_("The %(what)s “%(text)s” is too long.") % _told(what, text))
    return text


def _instant(text: str) -> datetime:
    return _parsed_instant(text, clock.zone())


@lru_cache(maxsize=512)
def _parsed_instant(text: str, zone: ZoneInfo) -> datetime:
    """A local time of the programme's zone; where it happens twice, the first."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise BadRow(
            _("The date “%s” cannot be read: write it like 2011-12-09 12:50:00.") % text[:40]
        ) from None
    if at.year < 1970 or at > clock.now():
        raise BadRow(_("The date “%s” lies in the future or too far in the past.") % text)
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
