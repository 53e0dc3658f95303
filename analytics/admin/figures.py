"""The reports as tables: for the page, and as files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from analytics import reports
from analytics.reports import Band, Cohort, Repurchase, RfmCell, TopMember
from common.numbers import format_number, format_share

SCORES = (5, 4, 3, 2, 1)
# How many shades a cell may have, from none to the strongest.
SHADES = 9


@dataclass(frozen=True)
class Figures:
    """All reports as of one day."""

    repurchase: Repurchase
    frequency: list[Band]
    recency: list[Band]
    rfm: list[RfmCell]
    top: list[TopMember]
    cohorts: list[Cohort]


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and how strongly it is shaded."""

    text: str
    shade: int


@dataclass(frozen=True)
class Row:
    """One row of a shaded table."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """A report as a file: its name, and its rows with their header first."""

    name: str
    rows: Callable[[date], Iterator[Sequence[object]]]


def figures(day: date) -> Figures:
    """Every report as of the beginning of a day, in one query or two each."""
    return Figures(
        repurchase=reports.repurchase(day),
        frequency=reports.frequency_bands(day),
        recency=reports.recency_bands(day),
        rfm=reports.rfm_grid(day),
        top=reports.top_members(day),
        cohorts=reports.first_purchase_cohorts(day),
    )


def rfm_rows(cells: list[RfmCell]) -> list[Row]:
    """Members by recency (down, the latest first) and frequency (across, the most often first)."""
    counts: dict[tuple[int, int], int] = {}
    for cell in cells:
        at = (cell.recency, cell.frequency)
        counts[at] = counts.get(at, 0) + cell.members
    most = max(counts.values(), default=0)
    return [
        Row(
            name=str(recency),
            cells=[_cell(counts.get((recency, frequency), 0), most) for frequency in SCORES],
        )
        for recency in SCORES
    ]


def cohort_rows(cohorts: list[Cohort], *, is_shares: bool) -> list[Row]:
    """The triangle in counts or shares; shaded by shares, but for the first month's whole."""
    return [
        Row(
            name=f"{cohort.month:%Y-%m}",
            cells=[
                Cell(
                    text=format_share(share) if is_shares else format_number(members),
                    shade=round(SHADES * float(share)) if age else 0,
                )
                for age, (members, share) in enumerate(
                    zip(cohort.active, cohort.shares, strict=True)
                )
            ],
        )
        for cohort in cohorts
    ]


def _cell(members: int, most: int) -> Cell:
    return Cell(text=format_number(members), shade=round(SHADES * members / most) if most else 0)


def _repurchase(day: date) -> Iterator[Sequence[object]]:
    found = reports.repurchase(day)
    yield [_("Counted by"), _("Members who bought"), _("Bought again"), _("Repurchase rate")]
    yield [_("orders"), found.buyers, found.repeated_by_orders, _rounded(found.rate_by_orders)]
    yield [_("days"), found.buyers, found.repeated_by_days, _rounded(found.rate_by_days)]


def _frequency(day: date) -> Iterator[Sequence[object]]:
    yield [_("Orders from"), _("to"), _("Members")]
    yield from ([band.lowest, band.highest, band.members] for band in reports.frequency_bands(day))


def _recency(day: date) -> Iterator[Sequence[object]]:
    yield [_("Days ago from"), _("to"), _("Members")]
    yield from ([band.lowest, band.highest, band.members] for band in reports.recency_bands(day))


def _rfm(day: date) -> Iterator[Sequence[object]]:
    yield [_("Recency"), _("Frequency"), _("Money"), _("Members")]
    for cell in reports.rfm_grid(day):
        yield [cell.recency, cell.frequency, cell.money, cell.members]


def _top(day: date) -> Iterator[Sequence[object]]:
    yield [_("Customer number"), _("Card number"), _("Net spend")]
    yield from (
        [member.external_number, member.card_number, member.amount]
        for member in reports.top_members(day, 100)
    )


def _cohorts(day: date) -> Iterator[Sequence[object]]:
    cohorts = reports.first_purchase_cohorts(day)
    ages = range(len(cohorts[0].active) if cohorts else 0)
    yield [_("First purchase"), *ages]
    yield from ([f"{cohort.month:%Y-%m}", *cohort.active] for cohort in cohorts)


def _cohort_shares(day: date) -> Iterator[Sequence[object]]:
    cohorts = reports.first_purchase_cohorts(day)
    ages = range(len(cohorts[0].active) if cohorts else 0)
    yield [_("First purchase"), *ages]
    yield from ([f"{one.month:%Y-%m}", *map(_rounded, one.shares)] for one in cohorts)


def _rounded(share: object) -> str:
    return "" if share is None else f"{share:.6f}"


TABLES = {
    table.name: table
    for table in (
        Table("repurchase", _repurchase),
        Table("frequency", _frequency),
        Table("recency", _recency),
        Table("rfm", _rfm),
        Table("top", _top),
        Table("cohorts", _cohorts),
        Table("cohort_shares", _cohort_shares),
    )
}
