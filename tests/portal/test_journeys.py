"""A member's whole way through the portal: both languages, phone and desktop, with and without a
script, and by keyboard alone."""

from datetime import timedelta
from typing import Any

import pytest

from common import clock
from loyalty.models import PointType, Tier
from loyalty.services.configuration import create_rule
from loyalty.services.points import earn_points
from members.models import Member
from tests.benefits.offers import offer, window
from tests.benefits.rewards import reward

from . import journeys
from .browsing import DESKTOP, LOCALES, PHONE, Open
from .journeys import Traveller

pytestmark = pytest.mark.browser

# In this order; what is built later finds its place here: joining before signing in, events after
# coupons, the export of one's data and its erasure before signing out.
WAY = (
    journeys.sign_in,
    journeys.look_at_card,
    journeys.check_in,
    journeys.claim_coupon,
    journeys.redeem_reward,
    journeys.cancel_order,
    journeys.read_history,
    journeys.sign_out,
)


@pytest.fixture
def shopper(member: Member) -> Member:
    """A thousand points to spend, an offer, a reward and a rule for check-ins."""
    earn_points(member=member, points=1_000, key="e", now=clock.now() - timedelta(days=20))
    base = PointType.objects.base()
    create_rule(code="visit", name_en="Check-in", points=5, trigger="check_in", point_type=base)
    window(offer(), Tier.objects.by_rank()[0], clock.now())
    reward(stock=2)
    return member


@pytest.mark.parametrize("has_scripts", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", LOCALES)
def test_goes_all_the_way(
    open_page: Open, shopper: Member, language: str, screen: dict[str, Any], has_scripts: bool
) -> None:
    page = open_page(
        **screen,
        locale=LOCALES[language],
        java_script_enabled=has_scripts,
        reduced_motion="reduce",
        color_scheme="dark" if has_scripts else "light",
    )
    travel(Traveller(page, shopper, has_scripts=has_scripts, has_only_keys=False))


def test_goes_all_the_way_by_keyboard(open_page: Open, shopper: Member) -> None:
    page = open_page(**DESKTOP, locale=LOCALES["zh"], reduced_motion="reduce")
    travel(Traveller(page, shopper, has_scripts=True, has_only_keys=True))


def travel(traveller: Traveller) -> None:
    for step in WAY:
        step(traveller)
