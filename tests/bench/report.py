"""What was measured: a table for people, results.json for machines."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from django.db import connection

FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, its medians, and the bound that it must keep."""

    name: str
    median: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def judged(self) -> float:
        """The ratio where there is a floor, else the median itself."""
        return self.median if self.ratio is None else self.ratio

    @property
    def keeps_its_bound(self) -> bool:
        is_low = self.at_most is None or self.judged <= self.at_most
        return is_low and (self.at_least is None or self.judged >= self.at_least)

    @property
    def bound(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return "" if self.at_least is None else f"≥ {self.at_least:g}"

    def cells(self) -> list[str]:
        return [
            self.name,
            "" if self.floor is None else f"{self.floor:,.4g}",
            f"{self.median:,.4g} {self.unit}",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            self.bound,
            "" if self.keeps_its_bound else "BROKEN",
        ]


@dataclass
class Report:
    """The figures of a session, and the machine they are of."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> Figure:
        """Keep a figure, then hold it to its bound."""
        self.figures.append(figure)
        assert figure.keeps_its_bound, f"{figure.name}: {figure.judged:.3f}, not {figure.bound}"
        return figure

    def table(self) -> str:
        head = ["", "floor", "median", "ratio", "bound", ""]
        rows = [head, *(figure.cells() for figure in self.figures)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
        lines = [_line(row, widths) for row in rows]
        notes = [f"{figure.name}: {figure.note}" for figure in self.figures if figure.note]
        return "\n".join([*lines, "", *notes])

    def write(self, machine: dict[str, Any]) -> None:
        figures = [asdict(figure) for figure in self.figures]
        text = json.dumps({"machine": machine, "figures": figures}, indent=2, ensure_ascii=False)
        FILE.write_text(text + "\n", encoding="utf-8")


def machine_of_this_run() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        fsync, synchronous_commit = cursor.fetchone()
    return {
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": version,
        "fsync": fsync,
        "synchronous_commit": synchronous_commit,
    }


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
