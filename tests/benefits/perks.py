"""Birthday perks and birthday children for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from benefits.jobs import grant_birthday_perks
from benefits.models import BirthdayPerk
from loyalty.models import Tier
from members.models import Member
from tests.factories import MemberFactory
from tests.loyalty.programmes import local

EVERYONE = (1, 10**9)
LONG_AGO = local(2020, 1, 1, 12)


def lowest_tier() -> Tier:
    """The tier that is everyone's."""
    tier, _made = Tier.objects.get_or_create(
        code="member", defaults={"name_en": "Member", "rank": 0}
    )
    return tier


def gold_tier() -> Tier:
    """The tier above it, by net spend."""
    lowest_tier()
    return Tier.objects.create(code="gold", name_en="Gold", rank=1, entry_spend=Decimal(2000))


def perk(tier: Tier | None = None, **terms: Any) -> BirthdayPerk:
    """200 points on the day, unless told otherwise."""
    details: dict[str, Any] = {"name_en": "Birthday points", "name_zh": "生日积分"}
    details |= {"kind": "points", "starts_on": date(2020, 1, 1)} | terms
    if details["kind"] == "points":
        details.setdefault("points", 200)
    return BirthdayPerk.objects.create(tier=tier or lowest_tier(), **details)


def born(month: int, day: int, **details: Any) -> Member:
    """Who joined long ago and told the birthday when joining."""
    joined_at = details.pop("joined_at", LONG_AGO)
    return MemberFactory.create(
        birth_month=month,
        birth_day=day,
        joined_at=joined_at,
        **{"birthday_set_on": joined_at.date(), **details},
    )


def night(on: date) -> tuple[int, int]:
    """How many gifts a night gave, and how many it could not."""
    counts = grant_birthday_perks(on, *EVERYONE)
    return counts["gifts"], counts.get("refused_gifts", 0)
