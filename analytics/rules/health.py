"""How a member's health score, band and quadrant follow from figures; one set of rules a version.

All arithmetic is whole numbers, thousandths until the last step, each division rounded down: SQL
on both databases and this file agree to the point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from common.money import to_minor

THOUSAND = 1000
MOST_BANDS = 6
# A bound that no score reaches: bands that there are not.
NEVER = 101


class Quadrant(StrEnum):
    """Spending of 90 days against interaction of 30 days."""

    ACTIVE = "active"
    LOW_ACTIVE = "low_active"
    CHURN_RISK = "churn_risk"
    SILENT = "silent"


@dataclass(frozen=True)
class HealthBand:
    """Scores from a bound on, by name, and what is advised for members there."""

    from_score: int
    name_en: str
    name_zh: str
    action_en: str
    action_zh: str


DEFAULT_BANDS = (
    HealthBand(
        0,
        "Weak",
        "较弱",
        "Give a reason to come: a welcome or come-back coupon, an invitation to the portal.",
        "给一个来店的理由：迎新或召回优惠券，并邀请使用会员中心。",
    ),
    HealthBand(
        25,
        "Fair",
        "一般",
        "Write in person; a coupon with a short validity for what they like.",
        "人工问候，按偏好赠送短期有效的优惠券。",
    ),
    HealthBand(
        50,
        "Good",
        "良好",
        "Keep in touch; invite to events and new goods.",
        "保持联系，邀请参加活动、尝试新品。",
    ),
    HealthBand(
        75,
        "Excellent",
        "优秀",
        "Thank, and ask for a review or a friend.",
        "表示感谢，邀请评价或推荐好友。",
    ),
)


@dataclass(frozen=True)
class HealthRules:
    """Weights and thresholds. Each figure gives its share of `…_full`, at most the whole.

    Spending is the mean of recency (none left after `recency_days`), orders and net spend of 365
    days; interaction and behaviour are the mean of 30 and of 90 days. The three weights add up to
    100. `quadrant_…` are where high begins. The score is compared with one that is between
    `fall_days` and twice as many days old. The Loyalty Index is the weighted geometric mean of
    predicted value, later purchase days per 30 days, and average order, each as its share of its
    `index_…_full`.
    """

    spending_weight: int = 50
    interaction_weight: int = 30
    behaviour_weight: int = 20
    recency_days: int = 180
    orders_full: int = 12
    money_full: Decimal = Decimal(3000)
    interactions_30_full: int = 8
    interactions_90_full: int = 20
    events_30_full: int = 40
    events_90_full: int = 100
    quadrant_money: Decimal = Decimal(300)
    quadrant_interactions: int = 2
    fall_days: int = 30
    index_value_weight: int = 1
    index_frequency_weight: int = 1
    index_order_weight: int = 1
    index_value_full: Decimal = Decimal(5000)
    index_frequency_full: Decimal = Decimal(2)
    index_order_full: Decimal = Decimal(500)
    bands: tuple[HealthBand, ...] = field(default=DEFAULT_BANDS)

    @property
    def bounds(self) -> tuple[int, ...]:
        """Where each band after the first begins."""
        return tuple(band.from_score for band in self.bands[1:])


DEFAULT_RULES = HealthRules()
# Amounts of money among the rules; the others are counts, days, weights and a rate.
MONEY_RULES = frozenset({"money_full", "quadrant_money", "index_value_full", "index_order_full"})
DECIMAL_RULES = MONEY_RULES | {"index_frequency_full"}
NUMBER_RULES = tuple(rule.name for rule in fields(HealthRules) if rule.name != "bands")


@dataclass(frozen=True)
class HealthFigures:
    """What of a member decides. `gone_days` is from the last purchase to the night, if any."""

    gone_days: int | None
    orders_365: int
    money_365: Decimal
    money_90: Decimal
    interactions_30: int
    interactions_90: int
    events_30: int
    events_90: int


@dataclass(frozen=True)
class Health:
    """What follows: three parts and the whole from 0 to 100, the band's place, the quadrant."""

    spending: int
    interaction: int
    behaviour: int
    score: int
    band: int
    quadrant: Quadrant


def judge(figures: HealthFigures, rules: HealthRules) -> Health:
    """The health of a member with these figures."""
    spending = (
        _left(figures.gone_days, rules.recency_days)
        + _share(figures.orders_365, rules.orders_full)
        + _share(to_minor(figures.money_365), to_minor(rules.money_full))
    ) // 3
    interaction = (
        _share(figures.interactions_30, rules.interactions_30_full)
        + _share(figures.interactions_90, rules.interactions_90_full)
    ) // 2
    behaviour = (
        _share(figures.events_30, rules.events_30_full)
        + _share(figures.events_90, rules.events_90_full)
    ) // 2
    score = (
        rules.spending_weight * spending
        + rules.interaction_weight * interaction
        + rules.behaviour_weight * behaviour
    ) // THOUSAND
    return Health(
        spending=spending // 10,
        interaction=interaction // 10,
        behaviour=behaviour // 10,
        score=score,
        band=sum(score >= bound for bound in rules.bounds),
        quadrant=quadrant_of(figures.money_90, figures.interactions_30, rules),
    )


def quadrant_of(money_90: Decimal, interactions_30: int, rules: HealthRules) -> Quadrant:
    """High begins at the bound itself."""
    spends = money_90 >= rules.quadrant_money
    interacts = interactions_30 >= rules.quadrant_interactions
    if spends:
        return Quadrant.ACTIVE if interacts else Quadrant.CHURN_RISK
    return Quadrant.LOW_ACTIVE if interacts else Quadrant.SILENT


def loyalty_index(
    *,
    value: float,
    later_days: int,
    age_days: int,
    order_amount: float,
    rules: HealthRules,
) -> float:
    """From 0 to 100. `age_days` is from the first purchase to the night; 30 at least count.

    Whoever never came again has 0 where frequency weighs anything.
    """
    frequency = later_days * 30 / max(age_days, 30)
    shares = (
        (value / float(rules.index_value_full), rules.index_value_weight),
        (frequency / float(rules.index_frequency_full), rules.index_frequency_weight),
        (order_amount / float(rules.index_order_full), rules.index_order_weight),
    )
    total = sum(weight for _share, weight in shares)
    index = 100.0
    for share, weight in shares:
        if weight:
            index *= min(max(share, 0.0), 1.0) ** (weight / total)
    return index


def rules_from(content: Mapping[str, Any]) -> HealthRules:
    """The rules as a version keeps them; what it does not name is as by default."""
    numbers: dict[str, Any] = {
        name: Decimal(content[name]) if name in DECIMAL_RULES else int(content[name])
        for name in NUMBER_RULES
        if name in content
    }
    if "bands" in content:
        numbers["bands"] = tuple(HealthBand(**band) for band in content["bands"])
    return HealthRules(**numbers)


def content_of(rules: HealthRules) -> dict[str, Any]:
    """The rules as JSON keeps them: decimals as text."""
    content: dict[str, Any] = {
        name: str(found) if isinstance(found := getattr(rules, name), Decimal) else found
        for name in NUMBER_RULES
    }
    return content | {"bands": [asdict(band) for band in rules.bands]}


def has_ordered_bands(bands: Sequence[HealthBand]) -> bool:
    """Whether there are bands, the first from 0, each beginning above the one before, up to 100."""
    bounds = [band.from_score for band in bands]
    return (
        bool(bounds)
        and len(bounds) <= MOST_BANDS
        and bounds[0] == 0
        and bounds == sorted(set(bounds))
        and bounds[-1] < NEVER
    )


def params_of(rules: HealthRules) -> dict[str, object]:
    """The rules as parameters of statements: amounts in minor units, a bound for each band."""
    params: dict[str, object] = {
        name: to_minor(getattr(rules, name)) if name in MONEY_RULES else getattr(rules, name)
        for name in NUMBER_RULES
        if not name.startswith("index_")
    }
    bounds = [*rules.bounds, *[NEVER] * MOST_BANDS]
    return params | {f"bound_{place}": bounds[place - 1] for place in range(1, MOST_BANDS)}


def _share(count: int, full: int) -> int:
    """Thousandths of the full count, none below zero, at most all."""
    if count <= 0:
        return 0
    return THOUSAND if count >= full else count * THOUSAND // full


def _left(gone: int | None, days: int) -> int:
    """Thousandths left of so many days."""
    if gone is None or gone >= days:
        return 0
    return (days - gone) * THOUSAND // days
