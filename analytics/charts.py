"""Charts drawn as SVG on the server: where each mark lies, for a template to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 900, 240
LEFT, BOTTOM, TOP = 44, 22, 8
TICKS = 4
# No more week numbers than this are written below the bars.
MOST_NAMES = 14


@dataclass(frozen=True)
class Bar:
    """One week's actual purchases; `name` is written below it where there is room."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    name: str
    is_held_out: bool


@dataclass(frozen=True)
class Tick:
    """A line across, and the number that it stands for."""

    y: float
    number: int


@dataclass(frozen=True)
class WeeksChart:
    """Bars of what happened, a line of what was expected, by week."""

    bars: Sequence[Bar]
    line: str
    ticks: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


def weeks_chart(weeks: Sequence[Mapping[str, Any]]) -> WeeksChart | None:
    """The chart of a fit's weeks; None where there are none."""
    if not weeks:
        return None
    step = _tick_step(max(max(week["actual"], week["expected"]) for week in weeks))
    tall = (HEIGHT - BOTTOM - TOP) / (step * TICKS)
    wide = (WIDTH - LEFT) / len(weeks)
    every = -(-len(weeks) // MOST_NAMES)

    def level(number: float) -> float:
        return round(HEIGHT - BOTTOM - number * tall, 1)

    bars = [
        Bar(
            x=round(LEFT + place * wide + wide * 0.15, 1),
            y=level(week["actual"]),
            width=round(wide * 0.7, 1),
            height=round(week["actual"] * tall, 1),
            middle=round(LEFT + (place + 0.5) * wide, 1),
            name=str(week["number"]) if place % every == 0 else "",
            is_held_out=week["is_held_out"],
        )
        for place, week in enumerate(weeks)
    ]
    line = " ".join(
        f"{bar.middle},{level(week['expected'])}" for bar, week in zip(bars, weeks, strict=True)
    )
    ticks = [Tick(y=level(step * number), number=step * number) for number in range(TICKS + 1)]
    return WeeksChart(bars=bars, line=line, ticks=ticks)


def _tick_step(highest: float) -> int:
    """The least round number that reaches the highest mark in so many steps."""
    magnitude = 1
    while True:
        for lead in (1, 2, 3, 4, 5, 6, 8):
            if lead * magnitude * TICKS >= highest:
                return lead * magnitude
        magnitude *= 10
