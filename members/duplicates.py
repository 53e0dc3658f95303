"""Memberships that may be one person's, for an operator to look at side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.sql import fetch_sql
from members.models import Member

PAGE_SIZE = 25

# By the number that the statement gives to each sort.
SIGNS: dict[int, str | Promise] = {
    1: _("same phone number"),
    2: _("same e-mail address"),
    3: _("same name and birthday"),
}


@dataclass(frozen=True)
class LikelyPair:
    """Two open memberships and the surest sign that they are one person's."""

    older: Member
    newer: Member
    sign: str | Promise


@dataclass(frozen=True)
class LikelyPairs:
    """One page of them, the surest first."""

    pairs: Sequence[LikelyPair]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def likely_duplicates(number: int = 1) -> LikelyPairs:
    """A page of likely duplicates: two queries, whatever it holds."""
    start = (number - 1) * PAGE_SIZE
    params = {"size": PAGE_SIZE + 1, "start": start}
    rows = fetch_sql("members", "likely_duplicates", params)
    shown = rows[:PAGE_SIZE]
    ids = {pk for first, second, _sort in shown for pk in (first, second)}
    members = Member.objects.filter(pk__in=ids).in_bulk()
    pairs = [LikelyPair(members[one], members[other], SIGNS[sort]) for one, other, sort in shown]
    return LikelyPairs(pairs, number, len(rows) > PAGE_SIZE)
