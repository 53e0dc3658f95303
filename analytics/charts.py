"""Charts as data: what the operators' pages hand to the library that draws them.

A chart says what it shows in the library's own words; colours, fonts and how numbers are written
are decided where it is drawn (`static/js/charts.js`), by the page's look and language. `unit` is
one of number, money and share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

NUMBER, MONEY, SHARE = "number", "money", "share"

Value = int | float | Decimal | None
Option = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """One line or row of bars.

    `stack` piles up those of the same name, `is_right` has an axis of its own, and bars of which
    `is_pale` holds are drawn paler.
    """

    name: str
    values: Sequence[Value]
    kind: str = "bar"
    stack: str | None = None
    is_right: bool = False
    is_pale: Sequence[bool] = ()


@dataclass(frozen=True)
class Chart:
    """What is drawn, in the library's words, and how its numbers are to be written."""

    option: Option
    unit: str = NUMBER

    def as_json(self) -> dict[str, Any]:
        """For the page, as it is handed over."""
        return {
            "unit": self.unit,
            "currency": settings.PROGRAMME_CURRENCY,
            "option": self.option,
        }


def over_time(labels: Sequence[str], series: Sequence[Series], unit: str = NUMBER) -> Chart:
    """Bars and lines along days, weeks or months."""
    axes = 2 if any(one.is_right for one in series) else 1
    option = {
        "legend": {},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": [{"type": "value"} for _ in range(axes)],
        "series": [_series(one) for one in series],
    }
    return Chart(option, unit)


def ranked(names: Sequence[str], series: Sequence[Series], unit: str = NUMBER) -> Chart:
    """Bars to the right, the first on top."""
    option = {
        "legend": {"show": len(series) > 1},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": list(names), "inverse": True},
        "series": [_series(one) for one in series],
    }
    return Chart(option, unit)


def heat(columns: Sequence[str], rows: Sequence[str], cells: Sequence[Sequence[int]]) -> Chart:
    """A grid of numbers, the strongest shade for the greatest; the first row on top."""
    data = [[x, y, number] for y, row in enumerate(cells) for x, number in enumerate(row)]
    most = max((number for _x, _y, number in data), default=0)
    option = {
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "category", "data": list(columns), "splitArea": {"show": False}},
        "yAxis": {"type": "category", "data": list(rows), "inverse": True},
        "visualMap": {"min": 0, "max": max(most, 1), "show": False},
        "series": [{"type": "heatmap", "data": data}],
    }
    return Chart(option)


def funnel(steps: Sequence[tuple[str, int]]) -> Chart:
    """How many are left after each step, as lengths that can be compared."""
    option = {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "funnel",
                "sort": "none",
                "minSize": "2%",
                "data": [{"name": name, "value": number} for name, number in steps],
            }
        ],
    }
    return Chart(option)


@dataclass(frozen=True)
class Bubble:
    """So many members at a place; `url` is where a click leads."""

    x: int
    y: int
    members: int
    group: str
    url: str


def bubbles(
    points: Sequence[Bubble], *, x_name: str, y_name: str, y_labels: Sequence[str]
) -> Chart:
    """Circles whose area says how many; one colour for each group, in the order of the points."""
    most = max((point.members for point in points), default=1)
    groups: dict[str, list[dict[str, Any]]] = {}
    for point in points:
        groups.setdefault(point.group, []).append(
            {
                "value": [point.x, point.y, point.members],
                "symbolSize": round(6 + 44 * (point.members / most) ** 0.5, 1),
                "url": point.url,
            }
        )
    option = {
        "legend": {},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": x_name, "min": 0, "minInterval": 1},
        "yAxis": {"type": "category", "name": y_name, "data": list(y_labels)},
        "series": [
            {"type": "scatter", "name": name, "data": data} for name, data in groups.items()
        ],
    }
    return Chart(option)


def flows(
    left: Sequence[str], right: Sequence[str], moves: Sequence[tuple[str, str, int]]
) -> Chart:
    """What went from where on the left to where on the right; the same name may be on both."""
    nodes = [{"name": f"{name} ", "depth": 0} for name in left]
    nodes += [{"name": name, "depth": 1} for name in right]
    option = {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "data": nodes,
                "links": [
                    {"source": f"{begun} ", "target": ended, "value": number}
                    for begun, ended, number in moves
                ],
            }
        ],
    }
    return Chart(option)


def weeks_chart(weeks: Sequence[Mapping[str, Any]], *, actual: str, expected: str) -> Chart | None:
    """Repeat purchases of a fit's weeks, those held out paler; None where there are no weeks."""
    if not weeks:
        return None
    bars = Series(
        actual,
        [week["actual"] for week in weeks],
        is_pale=[bool(week["is_held_out"]) for week in weeks],
    )
    line = Series(expected, [week["expected"] for week in weeks], kind="line")
    return over_time([str(week["number"]) for week in weeks], [bars, line])


def _series(one: Series) -> Option:
    values: list[Any] = [_number(value) for value in one.values]
    if any(one.is_pale):
        values = [
            {"value": value, "itemStyle": {"opacity": 0.45}} if pale else value
            for value, pale in zip(values, one.is_pale, strict=True)
        ]
    found: Option = {"type": one.kind, "name": one.name, "data": values}
    if one.stack:
        found["stack"] = one.stack
    if one.is_right:
        found["yAxisIndex"] = 1
    return found


def _number(value: Value) -> int | float | None:
    """What JSON can hold: a picture needs no more than a float."""
    return float(value) if isinstance(value, Decimal) else value
