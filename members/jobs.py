"""The members, cut for the night's work."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Min

from members.models import Member


def population(size: int) -> Iterator[tuple[int, int]]:
    """All members as ranges of ids with at most `size` members each, first and last inclusive."""
    last = 0
    while ids := list(Member.objects.after(last).values_list("pk", flat=True)[:size]):
        last = ids[-1]
        yield ids[0], last


def earliest_night() -> date | None:
    """The day on which the first member joined: before it a night has nothing to close.

    None as long as there is nobody.
    """
    first: date | None = Member.objects.aggregate(first=Min("joined_on"))["first"]
    return first
