"""Periods as data: one small grammar for how long something holds.

``30D 7W 12M 1Y``      start + period, inclusive; months clamp to the last day of a month
``12M/month``          the same, rounded up to the end of a month, ``/quarter`` or ``/year``
``anniversary``        through the day before the next anniversary of joining
``@12-31``             through the next such day (29 February is the 28th in common years)
``anniversary>30D``    and ``@12-31>30D``: the first such day that leaves at least 30 days
``inactive 12M``       12M after the last activity, which moves the end as long as it has not come;
                       ``inactive 12M/month`` rounds up as above
``never``              no end
``0D``                 no time at all: through the start itself (a holding period of nothing)
"""

import re
import unicodedata
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import DomainError

_SPAN = re.compile(r"(\d{1,5})([DWMY])")
_FIXED_DAY = re.compile(r"@(\d\d)-(\d\d)")
_ROUNDINGS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_ANNIVERSARY = "ANNIVERSARY"
_NEVER = "NEVER"
# How a period that counts from the last activity begins, where it is written.
INACTIVE = "inactive "
_INACTIVE = INACTIVE.strip().upper()
# A hundred years: longer is a slip of the pen, and "never" says it better.
_LARGEST = {"D": 36_525, "W": 5_218, "M": 1_200, "Y": 100}


class PeriodError(DomainError):
    """A text is not a period."""

    code = "period_invalid"
    message = _(
        "“%(text)s” is not a period. Write days, weeks, months or years such as 30D, 7W, 12M or "
        "1Y (at most 100 years); 12M/month, 12M/quarter or 1Y/year to round up; anniversary or "
        "@12-31, with >30D for a minimum; inactive 12M to count from the last activity; or never."
    )
    status = 422


class PeriodNotPlain(PeriodError):
    """A period has no fixed length where one is needed."""

    code = "period_not_plain"
    message = _("Use a plain number of days, weeks, months or years here, such as 7D or 12M.")


class PeriodNeedsJoining(PeriodError):
    """A period hangs on the day of joining where it must be the same for everyone."""

    code = "period_needs_joining"
    message = _(
        "The anniversary of joining has no meaning here. Write a length such as 12M or 12M/month, "
        "a fixed day such as @12-31, or never."
    )


class PeriodNeedsActivity(PeriodError):
    """A period hangs on what a member does where nothing of that is looked at."""

    code = "period_needs_activity"
    message = _(
        "Counting from the last activity has no meaning here. Write a length such as 12M or "
        "12M/month, a fixed day such as @12-31, or never."
    )


class PeriodIsZero(PeriodError):
    """A period lasts no time where it must last some."""

    code = "period_zero"
    message = _("This period must be at least one day long.")


@dataclass(frozen=True, slots=True)
class Span:
    """A count of days, weeks, months or years."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    def after(self, day: date) -> date:
        """The day this span after another; a day that the month lacks becomes its last."""
        return self._moved(day, self.count)

    def before(self, day: date) -> date:
        """The day this span before another, with the same clamping."""
        return self._moved(day, -self.count)

    def _moved(self, day: date, count: int) -> date:
        match self.unit:
            case "D":
                return day + timedelta(days=count)
            case "W":
                return day + timedelta(weeks=count)
            case "M":
                return _add_months(day, count)
            case _:
                return _add_months(day, 12 * count)


@dataclass(frozen=True, slots=True)
class Period:
    """How long something holds from a start day. Made by :meth:`parse`; ``str()`` writes it back.

    Exactly one of these shapes: a ``span``, possibly rounded up to the end of ``rounding`` and, if
    ``is_inactivity``, counted anew from each activity; the
    next ``anniversary`` of joining or the next ``fixed_day`` (month, day), each at least
    ``minimum`` away; or none of them, which is never.
    """

    span: Span | None = None
    rounding: str = ""
    is_anniversary: bool = False
    fixed_day: tuple[int, int] | None = None
    minimum: Span | None = None
    is_inactivity: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the grammar, in any case, width and spacing; refuse anything else kindly."""
        compact = "".join(unicodedata.normalize("NFKC", text).upper().split())
        if compact == _NEVER:
            return cls()
        is_inactivity = compact.startswith(_INACTIVE)
        length = compact.removeprefix(_INACTIVE)
        if is_inactivity or length[:1].isdigit():
            length, slash, rounding = length.partition("/")
            if bool(slash) != (rounding in _ROUNDINGS):
                raise PeriodError(text=text)
            allow_zero = not slash and not is_inactivity
            span = _parse_span(length, text, allow_zero=allow_zero)
            return cls(span=span, rounding=rounding.lower(), is_inactivity=is_inactivity)
        anchor, mark, least = compact.partition(">")
        minimum = _parse_span(least, text) if mark else None
        if anchor == _ANNIVERSARY:
            return cls(is_anniversary=True, minimum=minimum)
        return cls(fixed_day=_parse_fixed_day(anchor, text), minimum=minimum)

    @property
    def is_plain(self) -> bool:
        """Only days, weeks, months or years: the same length whoever asks."""
        return self.span is not None and not self.rounding and not self.is_inactivity

    @property
    def is_never(self) -> bool:
        return self.span is None and self.fixed_day is None and not self.is_anniversary

    @property
    def is_zero(self) -> bool:
        return self.span is not None and self.span.count == 0

    def __str__(self) -> str:
        if self.span is not None:
            length = f"{self.span}/{self.rounding}" if self.rounding else str(self.span)
            return f"{INACTIVE}{length}" if self.is_inactivity else length
        if self.is_never:
            return _NEVER.lower()
        anchor = "@{:02d}-{:02d}".format(*self.fixed_day) if self.fixed_day else "anniversary"
        return f"{anchor}>{self.minimum}" if self.minimum else anchor

    def valid_through(self, start: date, *, joined_on: date | None = None) -> date | None:
        """The last day that holds for something that starts on ``start``; None is for ever.

        ``joined_on`` is needed by anniversaries only; where activity moves the end, the start is
        the day of the last one. The result is never before the start, nor before the start + the
        safe minimum.
        """
        if self.span is not None:
            return _end_of(self.span.after(start), self.rounding)
        earliest = self.minimum.after(start) if self.minimum else start
        if self.is_anniversary:
            if joined_on is None:
                raise ValueError("An anniversary needs the day of joining.")
            return _next_anniversary(joined_on, after=earliest) - timedelta(days=1)
        if self.fixed_day is not None:
            return _next_fixed_day(*self.fixed_day, not_before=earliest)
        return None

    def expires_at(self, start: date, *, joined_on: date | None = None) -> datetime | None:
        """The instant at which it stops holding: the start of the day after the last valid day."""
        last_day = self.valid_through(start, joined_on=joined_on)
        return None if last_day is None else clock.start_of(last_day + timedelta(days=1))

    def before(self, day: date) -> date:
        """The first day of a rolling window that ends before ``day``. Plain periods only."""
        if self.span is None or not self.is_plain:
            raise PeriodNotPlain(text=str(self))
        return self.span.before(day)


class PeriodField(models.CharField):
    """A period of the grammar, kept as its text and written back in one spelling.

    ``plain_only`` refuses all but days, weeks, months and years (holding periods, windows), with
    ``allow_never`` a lifetime too; ``allow_zero=False`` refuses ``0D`` (windows);
    ``allow_anniversary=False`` what differs by the day of joining, ``allow_inactivity=False`` what
    activity moves (tiers). ``words`` are taken as they are, for what is no period but stands in
    the place of one.
    """

    description = _("Period")

    def __init__(
        self,
        *args: Any,
        plain_only: bool = False,
        allow_zero: bool = True,
        allow_never: bool = False,
        allow_anniversary: bool = True,
        allow_inactivity: bool = True,
        words: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("max_length", 24)
        super().__init__(*args, **kwargs)
        self.plain_only = plain_only
        self.allow_zero = allow_zero
        self.allow_never = allow_never
        self.allow_anniversary = allow_anniversary
        self.allow_inactivity = allow_inactivity
        self.words = words

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == 24:
            del kwargs["max_length"]
        if self.plain_only:
            kwargs["plain_only"] = True
        if not self.allow_zero:
            kwargs["allow_zero"] = False
        if self.allow_never:
            kwargs["allow_never"] = True
        if not self.allow_anniversary:
            kwargs["allow_anniversary"] = False
        if not self.allow_inactivity:
            kwargs["allow_inactivity"] = False
        if self.words:
            kwargs["words"] = self.words
        return name, str(path), list(args), dict(kwargs)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        text = super().clean(value, model_instance)
        if not text:
            return text
        word = text.strip().lower()
        if word in self.words:
            return word
        try:
            return str(self._parse(text))
        except PeriodError as error:
            raise ValidationError(str(error), code=error.code) from error

    def _parse(self, text: str) -> Period:
        period = Period.parse(text)
        if self.plain_only and not (period.is_plain or (self.allow_never and period.is_never)):
            raise PeriodNotPlain(text=text)
        if period.is_zero and not self.allow_zero:
            raise PeriodIsZero(text=text)
        if period.is_anniversary and not self.allow_anniversary:
            raise PeriodNeedsJoining(text=text)
        if period.is_inactivity and not self.allow_inactivity:
            raise PeriodNeedsActivity(text=text)
        return period


def _parse_span(compact: str, text: str, *, allow_zero: bool = False) -> Span:
    match = _SPAN.fullmatch(compact)
    if match is None:
        raise PeriodError(text=text)
    count, unit = int(match[1]), match[2]
    is_nothing = count == 0 and not (allow_zero and unit == "D")
    if is_nothing or count > _LARGEST[unit]:
        raise PeriodError(text=text)
    return Span(count, unit)


def _parse_fixed_day(compact: str, text: str) -> tuple[int, int]:
    match = _FIXED_DAY.fullmatch(compact)
    if match is None:
        raise PeriodError(text=text)
    month, day = int(match[1]), int(match[2])
    # 2024 is a leap year: 29 February is a day that an operator may name.
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
        raise PeriodError(text=text)
    return month, day


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of(day: date, rounding: str) -> date:
    if not rounding:
        return day
    size = _ROUNDINGS[rounding.upper()]
    month = -(-day.month // size) * size
    return date(day.year, month, monthrange(day.year, month)[1])


def _next_anniversary(joined_on: date, *, after: date) -> date:
    """The first anniversary strictly after a day; the first of all is a year after joining."""
    year = max(after.year, joined_on.year + 1)
    anniversary = _anniversary(joined_on, year)
    return anniversary if anniversary > after else _anniversary(joined_on, year + 1)


def _anniversary(joined_on: date, year: int) -> date:
    if (joined_on.month, joined_on.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return joined_on.replace(year=year)


def _next_fixed_day(month: int, day: int, *, not_before: date) -> date:
    for year in (not_before.year, not_before.year + 1):
        candidate = date(year, month, min(day, monthrange(year, month)[1]))
        if candidate >= not_before:
            return candidate
    raise AssertionError("A year holds every month and day.")
