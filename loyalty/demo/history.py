"""A year and two months of a shop, drawn from a seed: the same for the same seed and instant."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .facts import Cancellation, CheckIn, Correction, Fact, Redemption, Return, Thanks, Visit
from .people import Person, draw_people, draw_shop
from .shopping import Pieces, draw_basket, draw_moment
from .story import check_in, told_facts, told_people

# Long enough for points to have expired and for tiers to have come to their end.
SPAN = timedelta(days=430)
YEAR_DAYS = 365.0

# Purchases a year: most members come a few times, a few every week.
VISITS_MEDIAN = 3.8
VISITS_SPREAD = 1.2
VISITS_MOST = 90.0
# The part who stop coming, and after how many days on average.
LOST_SHARE = 0.35
LOST_AFTER_DAYS = 120.0
TASTE_SPREAD = 0.6
NEVER_BOUGHT_SHARE = 0.04
GUEST_SHARE = 0.16
WEB_SHARE = 0.22
OTHER_SHOP_SHARE = 0.12

RETURN_SHARE = 0.055
RETURN_WHOLE_SHARE = 0.45
RETURN_AFTER_DAYS = 5.0
REDEMPTION_SHARE = 0.16
CANCELLED_SHARE = 0.08
CORRECTION_SHARE = 0.006
THANKS_SHARE = 0.03
# Who checks in does so for some weeks, on most mornings; who pays with points, with all that may.
CHECK_IN_SHARE = 0.05
CHECK_IN_DAYS = 20
CHECK_IN_MOST_DAYS = 0.8
PAYS_SHARE = 0.03
CORRECTIONS = (
    (50, "致歉积分 Apology for a late delivery"),
    (120, "补录小票 Receipt shown without the card"),
    (-30, "重复补录 Receipt added twice"),
)


@dataclass(frozen=True)
class History:
    """Members, and all that happened in order of time."""

    people: list[Person]
    facts: list[Fact]


def draw_history(*, seed: int, members: int, until: datetime) -> History:
    """Draw a shop with so many members, up to an instant in the programme's zone.

    Two of the members are told, not drawn: the one to sign in as, and one who owes points.
    """
    # Not for secrets: the same seed must draw the same shop.
    rng = random.Random(seed)  # noqa: S311
    opened_at = until - SPAN
    told = told_people(until)
    drawn = draw_people(rng, members - len(told), opened_at=opened_at, until=until)
    draft = _Draft(rng, opened_at, until)
    draft.add(*told_facts(until))
    for place, person in enumerate(drawn, start=len(told)):
        if rng.random() >= NEVER_BOUGHT_SHARE:
            draft.live(place, person)
    draft.welcome_guests()
    draft.pay_with_points()
    draft.check_in(drawn, first=len(told))
    return History([*told, *drawn], sorted(draft.facts, key=lambda fact: fact.at))


@dataclass
class _Draft:
    rng: random.Random
    opened_at: datetime
    until: datetime
    facts: list[Fact] = field(default_factory=list)
    visits: int = 0
    numbers: set[str] = field(default_factory=set)

    def add(self, *facts: Fact) -> None:
        """Keep what has happened by now."""
        self.facts.extend(fact for fact in facts if fact.at <= self.until)
        self.visits += sum(isinstance(fact, Visit) for fact in facts)
        self.numbers |= {fact.number for fact in facts if isinstance(fact, Visit)}

    def live(self, place: int, person: Person) -> None:
        """A member's purchases, and what follows from each."""
        taste = self.rng.lognormvariate(0, TASTE_SPREAD)
        for at in self._moments(person):
            is_web = at != person.joined_at and self.rng.random() < WEB_SHARE
            moment = draw_moment(self.rng, at, is_web=is_web) if at != person.joined_at else at
            if person.joined_at <= moment <= self.until:
                visit = self._visit(moment, place, None if is_web else self._shop(person), taste)
                self.add(visit, *self._follow(visit, place))

    def welcome_guests(self) -> None:
        """Purchases at tills without a card."""
        for _guest in range(round(self.visits * GUEST_SHARE / (1 - GUEST_SHARE))):
            week_of = self.opened_at + self.rng.random() * (self.until - self.opened_at)
            at = draw_moment(self.rng, week_of, is_web=False)
            if self.opened_at <= at <= self.until:
                visit = self._visit(at, None, draw_shop(self.rng), 0.7)
                self.add(visit, *self._brought_back(visit))

    def pay_with_points(self) -> None:
        """Let points pay for part of some purchases that nobody brings back."""
        returned = {fact.visit.number for fact in self.facts if isinstance(fact, Return)}
        for place, fact in enumerate(self.facts):
            if not isinstance(fact, Visit) or fact.person is None or fact.number in returned:
                continue
            if self.rng.random() < PAYS_SHARE and fact.points == 0:
                self.facts[place] = replace(fact, points=None)

    def check_in(self, people: Sequence[Person], *, first: int) -> None:
        """Mornings on which some members check in, up to yesterday's."""
        for place, person in enumerate(people, start=first):
            if self.rng.random() < CHECK_IN_SHARE:
                self.add(*self._mornings(place, person))

    def _mornings(self, place: int, person: Person) -> Iterator[CheckIn]:
        for days in range(CHECK_IN_DAYS, 0, -1):
            morning = self.until - timedelta(days=days)
            at = morning.replace(hour=8, minute=self.rng.randrange(60), second=5, microsecond=0)
            if at >= person.joined_at and self.rng.random() < CHECK_IN_MOST_DAYS:
                yield check_in(at, place)

    def _moments(self, person: Person) -> Iterator[datetime]:
        """About when a member comes: on joining, then as often as their habit is."""
        mean = math.log(VISITS_MEDIAN)
        rate = min(self.rng.lognormvariate(mean, VISITS_SPREAD), VISITS_MOST) / YEAR_DAYS
        is_lost = self.rng.random() < LOST_SHARE
        stay = self.rng.expovariate(1 / LOST_AFTER_DAYS) if is_lost else math.inf
        days = 0.0
        while person.joined_at + timedelta(days=days) <= self.until and days <= stay:
            yield person.joined_at + timedelta(days=days)
            days += self.rng.expovariate(rate)
            # Nobody needs a date beyond the end, which might lie beyond the calendar's.
            days = min(days, SPAN.days + 1)

    def _shop(self, person: Person) -> str:
        return draw_shop(self.rng) if self.rng.random() < OTHER_SHOP_SHARE else person.shop

    def _visit(self, at: datetime, place: int | None, shop: str | None, taste: float) -> Visit:
        pieces = draw_basket(self.rng, taste=taste)
        while (number := f"{shop or 'WEB'}-{at:%y%m%d-%H%M%S}") in self.numbers:
            at -= timedelta(seconds=1)
        return Visit(at, number, place, "till" if shop else "web-shop", shop, pieces)

    def _follow(self, visit: Visit, place: int) -> Iterator[Fact]:
        yield from self._brought_back(visit)
        if self.rng.random() < REDEMPTION_SHARE:
            at = self._later(visit.at, days=8 + self.rng.expovariate(1 / 20))
            wish = Redemption(at, f"D-{visit.number}", place, share=self.rng.randint(40, 100))
            yield wish
            if self.rng.random() < CANCELLED_SHARE:
                yield Cancellation(self._later(at, days=self.rng.uniform(0.1, 4)), wish)
        if self.rng.random() < CORRECTION_SHARE:
            points, reason = self.rng.choice(CORRECTIONS)
            at = self._later(visit.at, days=self.rng.uniform(9, 25))
            yield Correction(at, f"A-{visit.number}", place, points, reason)
        if self.rng.random() < THANKS_SHARE:
            at = self._later(visit.at, days=self.rng.uniform(1, 14))
            yield Thanks(at, f"H-{visit.number}", place, 20, "评价 Review")

    def _brought_back(self, visit: Visit) -> Iterator[Return]:
        if self.rng.random() >= RETURN_SHARE:
            return
        at = self._later(visit.at, days=self.rng.expovariate(1 / RETURN_AFTER_DAYS))
        is_whole = self.rng.random() < RETURN_WHOLE_SHARE
        pieces = visit.pieces if is_whole else (self._one_of(visit),)
        yield Return(at, f"R-{visit.number}", visit, pieces)

    def _one_of(self, visit: Visit) -> Pieces:
        line = self.rng.choice(visit.pieces)
        return Pieces(line.article, self.rng.randint(1, line.quantity))

    def _later(self, at: datetime, *, days: float) -> datetime:
        """Some days after, in opening hours, and never before."""
        day = at + timedelta(days=days)
        moment = day.replace(hour=self.rng.randint(10, 20), minute=self.rng.randrange(60))
        return moment if moment > at else at + timedelta(hours=1)
