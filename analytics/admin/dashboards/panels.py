"""What dashboards are made of: tiles, and tables that are a chart and a file too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.charts import Chart
from analytics.rules.periods import Period
from common.money import format_money
from common.numbers import format_number, format_share

TEXT, NUMBER, MONEY, SHARE, DECIMAL = "text", "number", "money", "share", "decimal"


@dataclass(frozen=True)
class Column:
    """A column by its name and the kind of what stands in it."""

    name: str
    kind: str = NUMBER

    @property
    def is_number(self) -> bool:
        return self.kind != TEXT


@dataclass(frozen=True)
class Measured:
    """A value of its own kind, where a column holds several kinds."""

    value: object
    kind: str


@dataclass(frozen=True)
class Cell:
    """What stands in a cell on the page; a link where there is somewhere to go."""

    text: str
    is_number: bool
    url: str = ""


Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Panel:
    """A table with its chart, if it has one. Its file holds the same rows, not rounded.

    `links` are addresses for the first column, by row.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Rows
    note: str = ""
    chart: Chart | None = None
    links: Mapping[int, str] = field(default_factory=dict)
    is_wide: bool = False
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def chart_id(self) -> str:
        return f"chart-{self.key}"

    def shown(self) -> Iterator[list[Cell]]:
        """Its rows in the reader's language."""
        for number, row in enumerate(self.rows):
            yield [
                Cell(
                    written(value, column.kind),
                    column.is_number,
                    self.links.get(number, "") if place == 0 else "",
                )
                for place, (value, column) in enumerate(zip(row, self.columns, strict=True))
            ]

    def file(self) -> Iterator[Sequence[object]]:
        """Its rows for a spreadsheet, the header first."""
        yield [column.name for column in self.columns]
        for row in self.rows:
            yield [_exact(value) for value in row]


@dataclass(frozen=True)
class Tile:
    """A figure in large, with what is said below it; `look` is up, down or empty."""

    title: str
    text: str
    notes: Sequence[str] = ()
    look: str = ""


@dataclass(frozen=True)
class Page:
    """All that a dashboard shows: or, with `empty`, why it shows nothing."""

    tiles: Sequence[Tile] = ()
    panels: Sequence[Panel] = ()
    notes: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    empty: str = ""

    def panel(self, key: str) -> Panel | None:
        return next((panel for panel in self.panels if panel.key == key), None)


def written(value: object, kind: str) -> str:
    """A value as the page writes it; a dash where there is none."""
    match value:
        case Measured():
            return written(value.value, value.kind)
        case None:
            return "–"
        case Decimal() if kind == MONEY:
            return format_money(value)
        case int() | Decimal() if kind == SHARE:
            return format_share(Decimal(value))
        case Decimal() if kind == DECIMAL:
            return format_number(round(value, 2))
        case Decimal():
            return format_number(round(value))
        case int():
            return format_number(value)
        case Period():
            return period_text(value)
        case _:
            return str(value)


def period_text(period: Period) -> str:
    """A part of a series by its name: a day, a month, or from when to when."""
    if period.days == 1:
        return period.first.isoformat()
    if _is_whole_month(period):
        return f"{period.first:%Y-%m}"
    return span_text(period)


def span_text(period: Period) -> str:
    """From when to when, whatever its length."""
    return f"{period.first.isoformat()} – {period.last.isoformat()}"


def short_text(period: Period) -> str:
    """The same where there is little room, below a chart: by its first day."""
    return f"{period.first:%Y-%m}" if _is_whole_month(period) else f"{period.first:%m-%d}"


def band_text(lowest: int, highest: int | None) -> str:
    """A band of numbers."""
    if highest is None:
        return _("%(lowest)s or more") % {"lowest": lowest}
    return str(lowest) if lowest == highest else f"{lowest}–{highest}"


def change_text(change: Decimal | None) -> str:
    """How much more or less than before, with its sign."""
    if change is None:
        return ""
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return _("%(change)s against the period before") % {
        "change": f"{sign}{format_share(abs(change))}"
    }


def _is_whole_month(period: Period) -> bool:
    return period.first.day == 1 and period.end.day == 1 and period.days <= 31


def _exact(value: object) -> object:
    match value:
        case Measured():
            return _exact(value.value)
        case Period():
            return period_text(value)
        case Decimal():
            # An amount as it is; a share has no end of decimals.
            return value if value == round(value, 3) else round(value, 6)
        case date():
            return value.isoformat()
        case _:
            return value
