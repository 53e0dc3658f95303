"""Judging members by a draft of the ladder, and what that comes to, for any range of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from common import clock
from common.money import from_minor, quantize
from common.periods import Period
from common.sql import execute_many_sql, execute_sql, fetch_sql, run_script
from loyalty.models import LadderDraft, PointType
from loyalty.models.tiers import SINCE_TIER
from loyalty.services.windows import EVER, INSTANT, window_start

from .rungs import Rungs, held_ranks

# What a change costs is counted on the purchases of this time.
A_YEAR = Period.parse("12M")


@dataclass(frozen=True)
class Line:
    """Members who go from one tier to another (or stay), with their year's points and spend.

    `points_more` is how many more points that year would have brought, `discount_more` how much
    more the tiers' discounts would have cost; both are negative where it would have been less.
    """

    before: str
    after: str
    members: int
    points: int
    spend: Decimal
    points_more: int
    discount_more: Decimal
    is_up: bool
    is_down: bool


@dataclass(frozen=True)
class Effect:
    """A change as a whole."""

    lines: list[Line]

    @property
    def members(self) -> int:
        return sum(line.members for line in self.lines)

    @property
    def up(self) -> int:
        return sum(line.members for line in self.lines if line.is_up)

    @property
    def down(self) -> int:
        return sum(line.members for line in self.lines if line.is_down)

    @property
    def points_more(self) -> int:
        return sum(line.points_more for line in self.lines)

    @property
    def discount_more(self) -> Decimal:
        return sum((line.discount_more for line in self.lines), Decimal(0))

    def members_of(self, before: str, after: str) -> int:
        """One field of the matrix."""
        return sum(
            line.members for line in self.lines if (line.before, line.after) == (before, after)
        )


def judge(draft: LadderDraft, first: int, last: int, *, at: datetime) -> dict[str, object]:
    """Fill the connection's table with a range of members and where the draft leaves each.

    Judged on the window of the draft that ends at the instant; gives the statements' parameters.
    """
    return place(draft, list_members(first, last), at=at)


def list_members(first: int, last: int) -> dict[str, object]:
    """Fill the connection's table with the members of a range who stand on the ladder."""
    params: dict[str, object] = {"first": first, "last": last}
    run_script("loyalty", "prepare_review")
    execute_sql("loyalty", "ladder/list_standings", params)
    return params


def place(draft: LadderDraft, listed: Mapping[str, object], *, at: datetime) -> dict[str, object]:
    """Find out where the draft leaves each of the members that were `listed`."""
    base, rungs = Rungs(draft.base), Rungs(draft.content)
    params = {**listed, **_terms(draft, rungs, at)}
    execute_sql("loyalty", "ladder/begin", {})
    execute_many_sql("loyalty", "ladder/add_rung", rungs.rows())
    execute_many_sql("loyalty", "ladder/add_held", held_ranks(base, rungs))
    execute_sql("loyalty", "ladder/judge", params)
    execute_sql("loyalty", "ladder/decide", params)
    return params


def counts_of(params: Mapping[str, object]) -> dict[str, Any]:
    """What the range comes to: tier before, tier after, cause, members, points, spend."""
    return {"lines": [list(row) for row in fetch_sql("loyalty", "ladder/lines", params)]}


def summed(draft: LadderDraft) -> dict[str, Any]:
    """The finished ranges of what a draft is at, together: no member is in two of them."""
    totals: Counter[tuple[str, str, str, str]] = Counter()
    counted = draft.ranges.filter(phase=draft.status).values_list("counts", flat=True)
    for counts in counted:
        for before, after, cause, *numbers in counts.get("lines", []):
            for name, number in zip(("members", "points", "spend"), numbers, strict=True):
                totals[before, after, cause, name] += number
    keys = sorted({key[:3] for key in totals})
    return {
        "lines": [
            [*key, *(totals[(*key, name)] for name in ("members", "points", "spend"))]
            for key in keys
        ]
    }


def effect_of(draft: LadderDraft, figures: Mapping[str, Any]) -> Effect:
    """Kept figures of a draft with what they mean in points and money, by rank."""
    base, rungs = Rungs(draft.base).by_code, Rungs(draft.content).by_code
    lines = [_line(base, rungs, *row) for row in figures.get("lines", [])]
    lines.sort(key=lambda line: (base[line.before].rank, rungs[line.after].rank))
    return Effect(lines)


def _line(
    base: Mapping[str, Any],
    rungs: Mapping[str, Any],
    before: str,
    after: str,
    cause: str,
    members: int,
    points: int,
    spend: int,
) -> Line:
    old, new = base[before], rungs[after]
    more = Decimal(points) / old.multiplier * (new.multiplier - old.multiplier)
    amount = from_minor(spend)
    return Line(
        before=before,
        after=after,
        members=members,
        points=points,
        spend=amount,
        points_more=int(more.quantize(Decimal(1), rounding=ROUND_HALF_UP)),
        discount_more=quantize(amount * (old.discount_rate - new.discount_rate)),
        is_up=cause == "up",
        is_down=cause == "down",
    )


def _terms(draft: LadderDraft, rungs: Rungs, at: datetime) -> dict[str, object]:
    kinds = dict(PointType.objects.values_list("code", "pk"))
    today = clock.business_date(at)
    return {
        "draft": draft.pk,
        "now": at,
        "cutoff": at + INSTANT,
        "business_date": today,
        "ever": EVER,
        "year_from": clock.start_of(A_YEAR.before(today)),
        "base": kinds.get(PointType.BASE, 0),
        "growth": kinds.get(PointType.GROWTH, 0),
        "counts_days": int(rungs.counts_days),
        "since_tier": int(rungs.ladder.window == SINCE_TIER),
        "window_from": window_start(rungs.ladder, at) or EVER,
        "at_once": int(draft.downward == LadderDraft.Downward.AT_ONCE),
        "valid_until": Period.parse(rungs.ladder.validity).expires_at(today),
    }
