"""When a session takes place, as the portal writes it."""

from datetime import datetime

import pytest
from django.utils.translation import override

from benefits.models import EventSession
from benefits.templatetags.events import leaf_day, leaf_month, span
from tests.loyalty.programmes import local

NOON = local(2026, 12, 8, 12)


def session(ends_at: datetime) -> EventSession:
    return EventSession(starts_at=NOON, ends_at=ends_at)


def plain(text: str) -> str:
    """Without what keeps a line together."""
    return text.replace("\u2060", "").replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "ends_at", "told"),
    [
        ("en", local(2026, 12, 8, 14), "Tue, Dec 8, 2026 12:00 PM – 2:00 PM"),
        ("zh-hans", local(2026, 12, 8, 14), "2026年12月8日周二 12:00 – 14:00"),
        ("en", local(2026, 12, 9, 0), "Dec 8, 2026 12:00 PM – Dec 9, 2026 12:00 AM"),
        ("zh-hans", local(2026, 12, 9, 0), "2026年12月8日 12:00 – 2026年12月9日 00:00"),
    ],
)
def test_says_one_day_once_and_two_days_both(language: str, ends_at: datetime, told: str) -> None:
    with override(language):
        assert plain(span(session(ends_at))) == told


def test_writes_the_day_of_the_programmes_zone_on_the_leaf() -> None:
    late = EventSession(starts_at=local(2026, 12, 9, 0, 30), ends_at=local(2026, 12, 9, 2))
    with override("zh-hans"):
        assert (leaf_month(late), leaf_day(late)) == ("12月", "9")
