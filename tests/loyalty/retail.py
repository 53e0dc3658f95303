"""Small files in the shape of Online Retail, written row by row."""

import gzip
import json
from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from django.core.management import call_command

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


def run_import(path: Path, *options: str) -> tuple[dict[str, int], str]:
    """The summary on the last line of standard output, and what was told on the way."""
    out, told = StringIO(), StringIO()
    arguments = [str(path), "--format", "online-retail", *options]
    if "--errors" not in options:
        arguments += ["--errors", str(path.with_suffix(".errors.csv"))]
    call_command("import_purchases", *arguments, stdout=out, stderr=told)
    return json.loads(out.getvalue().strip().splitlines()[-1]), told.getvalue()
