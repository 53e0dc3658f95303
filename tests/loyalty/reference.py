"""The ledger of one member in plain objects, written from the rules and not from the code.

Base points: 101 for every 100.00 paid, held for 3 days, debt for what is missing; valid for some
days from earning or, while the programme says so, from the last activity. Growth points: 1 for
every 10.00. The zone is Asia/Shanghai, eight hours ahead all year.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

HOLDING, VALIDITY, RENEWAL, NOTICE = 3, 60, 30, 30
AHEAD = timedelta(hours=8)
NEW_DAY = timedelta(days=1)


class Refused(Exception):
    """The model refuses; the argument is the refusal's code."""


def day_of(at: datetime) -> date:
    return (at + AHEAD).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC) - AHEAD


def after_days(day: date, days: int) -> datetime:
    """Valid or held through day + days: over when the next day begins."""
    return midnight(day + timedelta(days=days) + NEW_DAY)


# Two lots with the same numbers are still two lots.
@dataclass(eq=False)
class Lot:
    points: int
    remaining: int
    available_at: datetime
    expires_at: datetime
    is_activated: bool
    purchase: str = ""
    earned_on: date = date.min
    by_activity: int = 0
    """Days after the last activity at which it ends; 0 for a lot whose end stays."""
    is_renewed: bool = False

    def is_pending(self, at: datetime) -> bool:
        return at < self.available_at and at < self.expires_at

    def is_live(self, at: datetime) -> bool:
        return self.available_at <= at < self.expires_at


@dataclass
class Redemption:
    points: int
    taken: list[tuple[Lot, int]]
    """By lot, what was taken and is not given back yet."""

    @property
    def left(self) -> int:
        return sum(points for _lot, points in self.taken)


@dataclass
class PaidPurchase:
    at: datetime
    cents: int
    base: int
    growth: int
    refunded: int = 0
    claimed: dict[str, int] = field(default_factory=lambda: {"base": 0, "growth": 0})


@dataclass
class Ledger:
    """What one member has; every method refuses before it changes anything."""

    lots: list[Lot] = field(default_factory=list)
    debt: int = 0
    last: datetime | None = None
    entries: int = 0
    growth: int = 0
    nights: set[date] = field(default_factory=set)
    validity: int = VALIDITY
    is_by_activity: bool = False
    active_on: date | None = None
    prolonged: int = 0

    @property
    def balance(self) -> int:
        return sum(lot.remaining for lot in self.lots)

    def instant(self, now: datetime) -> datetime:
        return max(now, self.last or now)

    def spendable(self, now: datetime) -> int:
        return sum(lot.remaining for lot in self.lots if lot.is_live(now))

    def pending(self, now: datetime) -> int:
        return sum(lot.remaining for lot in self.lots if lot.is_pending(now))

    def _book(self, at: datetime) -> None:
        self.entries += 1
        self.last = at

    def _be_active(self, at: datetime, touched: list[Lot]) -> None:
        """Lots that end by inactivity and have not ended live on; what was just emptied too."""
        self.active_on = max(self.active_on or day_of(at), day_of(at))
        self._prolong(at, touched)

    def _prolong(self, at: datetime, touched: list[Lot]) -> None:
        for lot in self.lots:
            if lot.by_activity and lot.expires_at > at and (lot.remaining or lot in touched):
                end = after_days(self.active_on or date.min, lot.by_activity)
                self.prolonged += end > lot.expires_at
                lot.expires_at = max(lot.expires_at, end)

    def _in_order(self, lots: list[Lot]) -> list[Lot]:
        return sorted(lots, key=lambda lot: (lot.expires_at, self.lots.index(lot)))

    def _credit(
        self, points: int, at: datetime, *, earned_on: date, is_held: bool, purchase: str = ""
    ) -> None:
        paid = min(self.debt, points)
        self.debt -= paid
        held_until = after_days(earned_on, HOLDING) if is_held else at
        since = day_of(at) if self.is_by_activity else earned_on
        if points > paid:
            self.lots.append(
                Lot(
                    points=points - paid,
                    remaining=points - paid,
                    available_at=max(at, held_until),
                    expires_at=after_days(since, self.validity),
                    is_activated=held_until <= at,
                    purchase=purchase,
                    earned_on=earned_on,
                    by_activity=self.validity if self.is_by_activity else 0,
                )
            )
        self._book(at)

    def _take(self, lots: list[Lot], points: int) -> list[tuple[Lot, int]]:
        """As much of the points as these lots hold, in the order given."""
        taken = []
        for lot in lots:
            part = min(lot.remaining, points)
            if part:
                lot.remaining -= part
                points -= part
                taken.append((lot, part))
        return taken

    def earn(self, points: int, now: datetime) -> None:
        at = self.instant(now)
        self._credit(points, at, earned_on=day_of(at), is_held=True)

    def purchase(self, number: str, cents: int, bought: datetime, now: datetime) -> PaidPurchase:
        paid = PaidPurchase(bought, cents, base=cents * 101 // 10_000, growth=cents // 1_000)
        if paid.base:
            at = self.instant(now)
            self._credit(paid.base, at, earned_on=day_of(bought), is_held=True, purchase=number)
            self._be_active(at, [])
        self.growth += paid.growth
        return paid

    def refund(self, cents: int, now: datetime) -> None:
        """A refund that names no purchase."""
        self._claw_back(cents * 101 // 10_000, now)
        self.growth -= cents // 1_000

    def refund_of(self, number: str, paid: PaidPurchase, cents: int, now: datetime) -> None:
        if now < paid.at:
            raise Refused("refund_before_purchase")
        if cents > paid.cents - paid.refunded:
            raise Refused("refund_exceeds_purchase")
        paid.refunded += cents
        if paid.cents:
            self._claw_back(self._claim(paid, "base", paid.base), now, own=number)
            self.growth -= self._claim(paid, "growth", paid.growth)

    def _claim(self, paid: PaidPurchase, kind: str, earned: int) -> int:
        claim = earned * paid.refunded // paid.cents - paid.claimed[kind]
        paid.claimed[kind] += claim
        return claim

    def _claw_back(self, points: int, now: datetime, own: str = "") -> None:
        if points == 0:
            return
        at = self.instant(now)
        pending = self._in_order([lot for lot in self.lots if lot.is_pending(at)])
        first = [lot for lot in pending if own and lot.purchase == own]
        others = [lot for lot in pending if lot not in first]
        live = self._in_order([lot for lot in self.lots if lot.is_live(at)])
        taken = sum(part for _lot, part in self._take([*first, *others, *live], points))
        self.debt += points - taken
        self._book(at)

    def redeem(self, points: int, now: datetime) -> Redemption:
        if self.debt:
            raise Refused("debt_outstanding")
        at = self.instant(now)
        live = self._in_order([lot for lot in self.lots if lot.is_live(at)])
        if points > sum(lot.remaining for lot in live):
            raise Refused("insufficient_points")
        taken = self._take(live, points)
        self._book(at)
        self._be_active(at, [lot for lot, _part in taken])
        return Redemption(points, taken)

    def restore(self, redemption: Redemption, points: int | None, now: datetime) -> int:
        """Latest-expiring first; what has 30 days or less moves to a new lot; debt before both."""
        asked = redemption.left if points is None else points
        if asked > redemption.left or redemption.left == 0:
            raise Refused("restore_exceeds_redemption")
        at = self.instant(now)
        back = self._taken_back(redemption, asked)
        kept = [(lot, part) for lot, part in back if lot.expires_at > at + timedelta(days=RENEWAL)]
        moved = asked - sum(part for _lot, part in kept)
        owed = min(self.debt, asked)
        self.debt -= owed
        from_moved = min(moved, owed)
        swallowed = owed - from_moved
        for lot, part in reversed(kept):
            lost = min(part, swallowed)
            lot.remaining += part - lost
            swallowed -= lost
        if moved > from_moved:
            fresh, ends = moved - from_moved, after_days(day_of(at), RENEWAL)
            self.lots.append(Lot(fresh, fresh, at, ends, is_activated=True, is_renewed=True))
        self._book(at)
        self._prolong(at, [lot for lot, _part in back])
        return asked

    def _taken_back(self, redemption: Redemption, points: int) -> list[tuple[Lot, int]]:
        order = self._in_order([lot for lot, _part in redemption.taken])[::-1]
        by_lot = {id(lot): part for lot, part in redemption.taken}
        back = []
        for lot in order:
            part = min(by_lot[id(lot)], points)
            if part:
                points -= part
                by_lot[id(lot)] -= part
                back.append((lot, part))
        redemption.taken = [(lot, by_lot[id(lot)]) for lot, _part in redemption.taken]
        return back

    def adjust(self, points: int, now: datetime) -> None:
        at = self.instant(now)
        if points > 0:
            self._credit(points, at, earned_on=day_of(at), is_held=False)
            return
        live = self._in_order([lot for lot in self.lots if lot.is_live(at)])
        pending = self._in_order([lot for lot in self.lots if lot.is_pending(at)])
        lots = [*live, *pending]
        if -points > sum(lot.remaining for lot in lots):
            raise Refused("insufficient_points")
        self._take(lots, -points)
        self._book(at)

    def activate_early(self, lot: Lot, now: datetime) -> None:
        """An operator lets a pending lot be spent."""
        at = self.instant(now)
        if not (lot.is_pending(at) and lot.remaining):
            raise Refused("lot_not_pending")
        lot.available_at, lot.is_activated = at, True

    def redate(self, days: int, by_activity: bool, now: datetime) -> int:
        """An operator gives what is out another validity; an end leaves the days of notice."""
        at, moved = self.instant(now), 0
        floor = after_days(day_of(now), NOTICE)
        for lot in self.lots:
            if lot.is_renewed or not lot.remaining or lot.expires_at <= at:
                continue
            since = max(self.active_on or lot.earned_on, lot.earned_on)
            end = after_days(since if by_activity else lot.earned_on, days)
            if end < lot.expires_at:
                end = max(end, min(floor, lot.expires_at))
            moved += end != lot.expires_at
            lot.expires_at, lot.by_activity = end, days if by_activity else 0
        return moved

    def activate(self, night: date) -> None:
        for lot in self.lots:
            lot.is_activated = lot.is_activated or lot.available_at <= midnight(night)

    def expire(self, night: date) -> None:
        """Everything left in lots whose time was over when the night's day began; once a night."""
        due = [lot for lot in self.lots if lot.expires_at <= midnight(night) and lot.remaining]
        if night in self.nights or not due:
            return
        for lot in due:
            lot.remaining = 0
        self.nights.add(night)
        self._book(max(midnight(night), self.last or midnight(night)))
