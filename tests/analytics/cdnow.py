"""The CDNOW sample of Fader and Hardie, and small files in its shape."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from analytics.order_files import read_orders
from analytics.rules.histories import Days, Histories, histories_until

FILE = Path(settings.BASE_DIR).parent / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
CALIBRATION_END = date(1997, 9, 30)

needs_cdnow = pytest.mark.skipif(
    not FILE.exists(), reason="../shared/data/cdnow/CDNOW_sample.txt is absent"
)


@cache
def customers() -> tuple[Days, ...]:
    return tuple(read_orders(FILE, "cdnow-sample").values())


@cache
def histories() -> Histories:
    """All 2,357 customers as they stood at the calibration's end."""
    return histories_until(customers(), CALIBRATION_END)


def orders_file(folder: Path, lines: Iterable[str]) -> Path:
    path = folder / "orders.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
