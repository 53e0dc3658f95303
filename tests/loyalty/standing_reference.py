"""One member's place on a ladder in plain objects, written from the rules and not from the code.

Everything is replayed from nothing: a list of facts in order, and nights of a date. The zone is
Asia/Shanghai, eight hours ahead all year; amounts are cents.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from .reference import NEW_DAY, after_days, day_of, midnight

TICK = timedelta(microseconds=1)
EVER = datetime(1900, 1, 1, tzinfo=UTC)
PERIODS = (7, 30)
FOUR = ("spend", "orders", "growth", "days")


def months_before(day: date, count: int) -> date:
    return months_after(day, -count)


def months_after(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Asked:
    """What a tier asks to enter and to stay, by measure; a measure that is missing asks nothing."""

    entry: dict[str, int]
    stay: dict[str, int]
    is_any: bool = False

    def met(self, bounds: dict[str, int], figures: dict[str, int]) -> bool:
        found = [figures[name] >= bound for name, bound in bounds.items()]
        return any(found) if self.is_any else all(found)

    def enters(self, figures: dict[str, int]) -> bool:
        return self.met(self.entry, figures)

    def stays(self, figures: dict[str, int]) -> bool:
        return self.met({**self.entry, **self.stay}, figures)


@dataclass(frozen=True)
class Policy:
    """The ladder; `tiers` are those above the lowest, lowest first."""

    tiers: tuple[Asked, ...]
    window: str
    validity: str
    grace: int
    downgrade: str
    refunds: str
    interval: int

    def earned(self, figures: dict[str, int]) -> int:
        ranks = [rank for rank, tier in enumerate(self.tiers, start=1) if tier.enters(figures)]
        return max(ranks, default=0)

    def kept(self, rank: int, figures: dict[str, int]) -> int:
        lower = list(enumerate(self.tiers, start=1))[:rank]
        return max((found for found, tier in lower if tier.stays(figures)), default=0)

    def ends(self, rank: int, won_on: date) -> datetime | None:
        if rank == 0:
            return None
        if self.validity == "20D":
            return after_days(won_on, 20)
        month = months_after(won_on, 1)
        return midnight(month.replace(day=monthrange(month.year, month.month)[1]) + NEW_DAY)

    @property
    def counts_days(self) -> bool:
        return any("days" in tier.entry for tier in self.tiers)


@dataclass(frozen=True)
class Fact:
    """What happened: which measure, how much, when. A refund is negative spend."""

    kind: str
    count: int
    at: datetime


@dataclass
class Reference:
    policy: Policy
    facts: list[Fact] = field(default_factory=list)
    rank: int | None = None
    since: datetime = EVER
    ends: datetime | None = None
    counts_from: datetime = EVER
    reviewed_at: datetime = EVER
    no_step_before: datetime = EVER
    told: dict[tuple[int, datetime], date] = field(default_factory=dict)
    keys: set[tuple[int, date, int]] = field(default_factory=set)
    moves: list[tuple[str, int]] = field(default_factory=list)

    def figures(self, start: datetime, end: datetime) -> dict[str, int]:
        inside = [fact for fact in self.facts if start <= fact.at < end]
        active = {day_of(fact.at) for fact in inside if fact.kind in ("buy", "visit", "check_in")}
        return {
            "spend": sum(fact.count for fact in inside if fact.kind in ("buy", "refund")),
            "orders": sum(fact.kind == "buy" for fact in inside),
            "growth": sum(fact.count for fact in inside if fact.kind == "grow"),
            "days": len(active),
        }

    def start(self, at: datetime, last_day: date) -> datetime:
        match self.policy.window:
            case "never":
                return EVER
            case "year":
                return midnight(date(last_day.year, 1, 1))
            case "tier":
                return self.counts_from
            case _:
                day = day_of(at)
                return midnight(months_before(day, 2)) + (at - midnight(day))

    def _move(self, cause: str, rank: int, at: datetime, won_on: date, begins: datetime) -> None:
        if cause != "retained":
            self.since = at
        if self.rank is None:
            self.reviewed_at = at
        self.counts_from = EVER if cause == "entry" and rank == 0 else begins
        self.rank, self.ends = rank, self.policy.ends(rank, won_on)
        self.moves.append((cause, rank))

    def happen(self, fact: Fact) -> None:
        self.facts.append(fact)
        if fact.kind == "refund" or (fact.kind == "visit" and not self.policy.counts_days):
            return
        if fact.kind == "grow" and fact.count < 0:
            return
        start = self.start(fact.at, day_of(fact.at))
        earned = self.policy.earned(self.figures(start, fact.at + TICK))
        if self.rank is None or earned > self.rank:
            cause = "entry" if self.rank is None else "upgrade"
            self._move(cause, earned, fact.at, day_of(fact.at), fact.at + TICK)

    def night(self, night: date) -> None:
        self.review(night)
        self.tell(night)

    def review(self, night: date) -> None:
        cutoff = midnight(night)
        if not self._is_looked_at(cutoff):
            return
        start = self.start(cutoff, night - NEW_DAY)
        figures = self.figures(start, cutoff)
        earned = self.policy.earned(figures)
        cause, rank = self._decide(night, figures, earned, start)
        if cause:
            self._move(cause, rank, cutoff, night - NEW_DAY, cutoff)
        if cause in ("downgrade", "refunded") and self.policy.interval:
            self.no_step_before = after_days(night - NEW_DAY, self.policy.interval)
        self.reviewed_at = cutoff

    def _is_looked_at(self, cutoff: datetime) -> bool:
        if self.rank is None or (self.ends is not None and self.ends <= cutoff):
            return True
        silent = () if self.policy.counts_days else ("visit", "check_in")
        fresh = [fact for fact in self.facts if self.reviewed_at <= fact.at < cutoff]
        return any(fact.kind not in silent for fact in fresh)

    def _decide(
        self, night: date, figures: dict[str, int], earned: int, start: datetime
    ) -> tuple[str, int]:
        cutoff = midnight(night)
        if self.rank is None:
            return "entry", earned
        if earned > self.rank:
            return "upgrade", earned
        if self.rank == 0:
            return "", 0
        kept = self.policy.kept(self.rank, figures)
        never = self.policy.downgrade == "none"
        lower = kept if self.policy.downgrade == "matching" else self.rank - 1
        may_step = self.no_step_before <= cutoff
        if not never and may_step and kept < self.rank and self._is_undone(cutoff, figures, start):
            return "refunded", lower
        if self.ends is None or self.ends > cutoff:
            return "", 0
        if never or kept == self.rank:
            return "retained", self.rank
        is_over = self.ends <= midnight(night - timedelta(days=self.policy.grace))
        told = self.told.get((self.rank, self.ends))
        is_told = told is not None and told < night
        is_short = self.counts_from > midnight(night - NEW_DAY)
        if is_over and may_step and (is_told or (is_short and told is None)):
            return "downgrade", lower
        return "", 0

    def _is_undone(self, cutoff: datetime, figures: dict[str, int], start: datetime) -> bool:
        refunds = [fact for fact in self.facts if fact.kind == "refund" and fact.at < cutoff]
        if self.policy.refunds == "keep" or not any(
            fact.at >= self.reviewed_at for fact in refunds
        ):
            return False
        term = max(self.counts_from, start)
        back = -sum(fact.count for fact in refunds if fact.at >= term)
        assert self.rank is not None
        tier = self.policy.tiers[self.rank - 1]
        return tier.stays({**figures, "spend": figures["spend"] + back})

    def tell(self, night: date) -> None:
        cutoff = midnight(night)
        if not self.rank or self.ends is None or self.policy.downgrade == "none":
            return
        ends_on = day_of(self.ends)
        left = (ends_on - night).days
        down_on = max(ends_on + timedelta(days=self.policy.grace), night + NEW_DAY)
        if left > PERIODS[-1] or self.no_step_before > midnight(down_on):
            return
        term = (self.rank, self.ends)
        if left <= 0 and term in self.told:
            return
        decides = max(ends_on, night + NEW_DAY)
        start = self.start(midnight(decides), decides - NEW_DAY)
        figures = self.figures(start, cutoff)
        if self.policy.kept(self.rank, figures) == self.rank:
            return
        if self.policy.earned(figures) > self.rank:
            return
        key = (self.rank, ends_on, next(period for period in PERIODS if period >= left))
        if key not in self.keys:
            self.keys.add(key)
            self.told.setdefault(term, night)
