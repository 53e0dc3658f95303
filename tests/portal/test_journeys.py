"""A member's whole way through the portal, from joining to being forgotten.

Every value of language, screen, scheme, script, keyboard and beginning meets every value of each
of the others in some journey; six journeys suffice for that.
"""

from dataclasses import dataclass

import pytest

from common import clock
from loyalty.models import PointType, Tier
from loyalty.services.configuration import create_rule
from tests.benefits import events as made
from tests.benefits.offers import offer, window
from tests.benefits.rewards import reward
from tests.factories import MemberFactory
from tests.members.codes import Capsys

from . import journeys
from .browsing import DESKTOP, LOCALES, PHONE, Open
from .journeys import Traveller

pytestmark = pytest.mark.browser

NUMBER = "+8613800138000"
WAY = (
    journeys.join,
    journeys.buy_at_the_till,
    journeys.look_at_card,
    journeys.check_in,
    journeys.claim_coupon,
    journeys.register_for_event,
    journeys.redeem_reward,
    journeys.cancel_order,
    journeys.cancel_seat,
    journeys.read_history,
    journeys.take_data_away,
    journeys.leave,
    journeys.is_forgotten,
)


@dataclass(frozen=True)
class Journey:
    """How somebody goes all the way; `is_known` where a till began their membership."""

    language: str
    screen: str
    scheme: str
    has_scripts: bool
    has_only_keys: bool
    is_known: bool

    def __str__(self) -> str:
        script = "script" if self.has_scripts else "no-script"
        hands = "keys" if self.has_only_keys else "taps"
        begins = "claims" if self.is_known else "joins"
        return "-".join((self.language, self.screen, self.scheme, script, hands, begins))


JOURNEYS = (
    Journey("en", "phone", "light", has_scripts=True, has_only_keys=False, is_known=True),
    Journey("zh", "desktop", "dark", has_scripts=True, has_only_keys=True, is_known=True),
    Journey("zh", "phone", "dark", has_scripts=False, has_only_keys=False, is_known=False),
    Journey("zh", "phone", "light", has_scripts=False, has_only_keys=True, is_known=True),
    Journey("en", "desktop", "dark", has_scripts=True, has_only_keys=True, is_known=False),
    Journey("en", "desktop", "light", has_scripts=False, has_only_keys=False, is_known=False),
)


@pytest.fixture
def shop(programme: None) -> None:
    """An offer, an event, a reward, and a rule for check-ins."""
    now = clock.now()
    base = PointType.objects.base()
    create_rule(code="visit", name_en="Check-in", points=5, trigger="check_in", point_type=base)
    window(offer(), Tier.objects.by_rank()[0], now)
    reward(stock=2)
    made.event(now=now, starts_at=now + 7 * made.DAY)


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_goes_all_the_way(open_page: Open, shop: None, capsys: Capsys, journey: Journey) -> None:
    screen = PHONE if journey.screen == "phone" else DESKTOP
    if journey.is_known:
        MemberFactory.create(phone=NUMBER)
    page = open_page(
        **screen,
        locale=LOCALES[journey.language],
        java_script_enabled=journey.has_scripts,
        reduced_motion="reduce",
        color_scheme=journey.scheme,
    )
    traveller = Traveller(
        page, NUMBER, capsys, has_scripts=journey.has_scripts, has_only_keys=journey.has_only_keys
    )
    for step in WAY:
        step(traveller)


def test_every_value_meets_every_other() -> None:
    """Of any two of the six sides all four pairs are travelled."""
    travelled = [
        (one.language, one.screen, one.scheme, one.has_scripts, one.has_only_keys, one.is_known)
        for one in JOURNEYS
    ]
    for first in range(6):
        for second in range(first):
            assert len({(values[first], values[second]) for values in travelled}) == 4
