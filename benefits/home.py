"""The figures of the portal's home page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from benefits.agenda import ShownEvent, next_of
from benefits.birthdays import birthday_of, is_celebrated
from benefits.catalogue import ShownReward, within_reach
from benefits.models import BirthdayGrant, BirthdayPerk
from benefits.notices import birthday_title, gift_params, gift_text
from benefits.wallet import WalletCoupon, ending_soon
from common import clock
from loyalty import rules
from loyalty.check_ins import Streak, is_offered, streak_of
from loyalty.history import latest_entries
from loyalty.models import EarningRule, PointsEntry, PointType, Tier, Trigger
from loyalty.outlook import Place, figures_now, place_of
from loyalty.summary import PointsSummary, points_summary
from members.models import Member

LATEST = 5


@dataclass(frozen=True)
class Progress:
    """The tier that holds, and what is missing to the one above the earned tier; none above the
    highest."""

    tier: Tier | None
    valid_through: date | None
    next_tier: Tier | None
    goals: Sequence[rules.Missing]


@dataclass(frozen=True)
class Gift:
    """What a birthday perk brought, in words."""

    name: str
    text: str


@dataclass(frozen=True)
class BirthdayBanner:
    """A greeting and the gifts of a birthday, while their day, week or month lasts."""

    title: str
    gifts: list[Gift]


@dataclass(frozen=True)
class Home:
    """Everything the home page tells one member."""

    points: PointsSummary
    progress: Progress
    latest: list[PointsEntry]
    # None where no rule rewards check-ins.
    check_in: Streak | None
    coupons: list[WalletCoupon]
    rewards: list[ShownReward]
    event: ShownEvent | None
    birthday: BirthdayBanner | None
    # Whether a birthday that was never told would bring something.
    asks_birthday: bool


def home_of(member: Member, at: datetime) -> Home:
    """The home page's figures at an instant; as many queries for any member."""
    today = clock.business_date(at)
    points = points_summary(member, at)
    spendable = 0 if points.debt else points.spendable
    progress = _progress(member, at)
    return Home(
        points=points,
        progress=progress,
        latest=latest_entries(member, PointType.BASE, LATEST),
        check_in=streak_of(member, today) if is_offered(today) else None,
        coupons=ending_soon(member, at),
        rewards=within_reach(member, at, spendable=spendable, tier=progress.tier),
        event=next_of(member, at, spendable=spendable, tier=progress.tier),
        birthday=_birthday(member, today),
        asks_birthday=birthday_of(member) is None and _has_perks(today),
    )


def _birthday(member: Member, today: date) -> BirthdayBanner | None:
    if birthday_of(member) is None:
        return None
    grants = list(BirthdayGrant.objects.shown_to(member, today))
    is_today = is_celebrated(member, today)
    if not grants and not is_today:
        return None
    day = today if is_today else max(grants[0].celebrated_on, today)
    gifts = [Gift(name=grant.perk.name, text=gift_text(gift_params(grant))) for grant in grants]
    return BirthdayBanner(title=birthday_title(day, today), gifts=gifts)


def _has_perks(today: date) -> bool:
    """Whether a birthday brings something: by a perk, or by a rule for birthdays."""
    rules_for_it = EarningRule.objects.current().filter(trigger=Trigger.BIRTHDAY)
    return BirthdayPerk.objects.given_on(today).exists() or rules_for_it.exists()


def _progress(member: Member, at: datetime) -> Progress:
    place = place_of(member, at)
    return Progress(
        tier=place.tier,
        valid_through=place.valid_through(),
        next_tier=place.next_tier,
        goals=_goals(member, place, at),
    )


def _goals(member: Member, place: Place, at: datetime) -> Sequence[rules.Missing]:
    if place.next_tier is None:
        return []
    return rules.to_enter(place.next_tier, figures_now(member, place, at))
