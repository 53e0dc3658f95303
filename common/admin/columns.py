"""How lists and pages for operators write points, money, counts and states."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from common import clock
from common.numbers import format_number


def progress_bar(done: int, total: int) -> SafeString:
    """A bar with its numbers beside it; a whole of nothing is done."""
    percent = 100 * done // total if total else 100
    return format_html(
        '<span class="progress"><span class="progress-bar" aria-hidden="true">'
        '<span style="width: {}%"></span></span> {} / {}</span>',
        percent,
        format_number(done),
        format_number(total),
    )


def counts_text(counts: Mapping[str, int]) -> str:
    """What a job counted, in words."""
    names = settings.NIGHTLY_COUNT_NAMES
    return " · ".join(
        f"{names.get(name, name)} {format_number(count)}" for name, count in counts.items()
    )


def figures_text(figures: Mapping[str, int | str | None]) -> str:
    """What a guard goes by, in words; what is not known is left out."""
    names = settings.NIGHTLY_COUNT_NAMES
    return " · ".join(
        f"{names.get(name, name)}: {_figure(figure)}"
        for name, figure in figures.items()
        if figure is not None
    )


def _figure(figure: int | str) -> str:
    return format_number(figure) if isinstance(figure, int) else figure


def guard_text(name: str) -> str:
    """What operators call a guard."""
    return str(settings.NIGHTLY_GUARD_NAMES.get(name, name))


def spoken_date(day: date) -> str:
    """A date inside a sentence."""
    return date_format(day, "DATE_FORMAT")


def spoken_last_day(expires_at: datetime | None) -> str:
    """The last day before an end, as lists and pages write it; what has no end is for ever."""
    return spoken_date(clock.last_valid_day(expires_at)) if expires_at else gettext("for ever")


def traceback_text(summary: str, error: str) -> SafeString | None:
    """A traceback folded away under a line with its last words; None for none."""
    if not error:
        return None
    last = error.rstrip().rsplit("\n", 1)[-1]
    return format_html(
        '<details class="traceback"><summary>{}{}</summary>{}</details>',
        f"{summary}: " if summary else "",
        last,
        preformatted(error),
    )


def duration_text(start: datetime | None, end: datetime | None) -> str | None:
    """How long something took; None while it has not ended."""
    if start is None or end is None:
        return None
    seconds = round((end - start).total_seconds())
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    return str(timedelta(seconds=seconds))


def state(text: str, look: str) -> SafeString:
    """A state as a small label; looks are good, busy, bad, plain and note."""
    return format_html('<span class="state state-{}">{}</span>', look, text)


def badge(text: str, colour: str) -> SafeString:
    """A word with a dot of a colour: the word stays readable whatever the colour."""
    return format_html(
        '<span class="colour-badge"><span class="colour-dot" style="background: {}"></span>'
        "{}</span>",
        colour,
        text,
    )


def preformatted(text: str) -> SafeString | None:
    """Text that keeps its lines; None for none, which pages show as a dash."""
    return format_html('<pre class="preformatted">{}</pre>', text) if text else None
