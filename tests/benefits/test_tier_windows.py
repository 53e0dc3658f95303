"""Times from which a tier may have something read as the shop's clock shows them."""

from datetime import UTC, datetime

import pytest

from benefits.models import ClaimWindow, EventWindow, RewardWindow
from benefits.models.windows import TierWindow
from loyalty.models import Tier


@pytest.mark.parametrize("window", [ClaimWindow, EventWindow, RewardWindow])
def test_says_the_tier_and_the_programmes_time(window: type[TierWindow]) -> None:
    gold = Tier(code="gold", name_en="Gold", rank=2)
    late = datetime(2025, 3, 14, 16, 30, tzinfo=UTC)
    assert str(window(tier=gold, opens_at=late)) == "Gold 2025-03-15 00:30"
