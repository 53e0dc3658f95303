"""Small files in the shape of Online Retail, written row by row."""

import gzip
from collections.abc import Iterable
from pathlib import Path

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def row(
    invoice: str = "536365",
    *,
    customer: str = "17850",
    quantity: str = "1",
    price: str = "10.00",
    at: str = "2010-12-01 08:26:00",
) -> str:
    """One row; a purchase of 10.00 by customer 17850 unless told otherwise."""
    return f"{invoice},85123A,WHITE LANTERN,{quantity},{at},{price},{customer},United Kingdom"


def retail_file(folder: Path, rows: Iterable[str], *, header: str = HEADER) -> Path:
    """A plain CSV file of these rows."""
    path = folder / "purchases.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def gzipped(path: Path) -> Path:
    """The same file, packed."""
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed
