"""What a preset is made of, and the parts that several share."""

from dataclasses import dataclass, replace
from decimal import Decimal

PURCHASE = "purchase"


@dataclass(frozen=True)
class KindPreset:
    """A kind of points and its policy."""

    code: str
    name_en: str
    name_zh: str
    is_spendable: bool = False
    expiry: str = "never"
    holding: str = "0D"
    clawback: str = "debt"


@dataclass(frozen=True)
class CategoryPreset:
    """A kind of article that a rule of the preset asks for."""

    code: str
    name_en: str
    name_zh: str


@dataclass(frozen=True)
class RulePreset:
    """An earning rule: so many points for every so much paid or for an activity, or a multiplier.

    `yearly_on` is the month and day of a campaign of one day: it is loaded with its next date.
    """

    code: str
    kind: str
    name_en: str
    name_zh: str
    trigger: str = PURCHASE
    points: int = 1
    per_amount: Decimal | None = Decimal(1)
    factor: Decimal | None = None
    group: str = ""
    member_from: str = ""
    member_until: str = ""
    yearly_on: tuple[int, int] | None = None
    streak_every: int | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class TierPreset:
    """A rung; ranks follow the order in which a preset lists them."""

    code: str
    name_en: str
    name_zh: str
    colour: str
    entry_spend: Decimal | None = None
    entry_orders: int | None = None
    entry_growth: int | None = None
    entry_active_days: int | None = None
    retention_spend: Decimal | None = None
    retention_orders: int | None = None
    retention_growth: int | None = None
    retention_active_days: int | None = None
    join: str = "all"
    multiplier: Decimal = Decimal(1)
    discount_rate: Decimal = Decimal(1)
    points_per_money: int | None = None


@dataclass(frozen=True)
class LadderPreset:
    """Window of the figures, validity of a tier, and how a member comes down."""

    window: str = "12M"
    validity: str = "12M/month"
    grace_days: int = 30
    downgrade: str = "one_step"
    step_interval: str = "0D"
    refunds: str = "keep"


@dataclass(frozen=True)
class SpendingPreset:
    """What points are worth at the till. Without one, points buy goods and services only."""

    points_per_money: int = 100
    minimum_purchase: Decimal = Decimal(100)
    maximum_share: Decimal = Decimal(50)
    multiple: int = 100


@dataclass(frozen=True)
class Preset:
    """A whole programme."""

    kinds: tuple[KindPreset, ...]
    rules: tuple[RulePreset, ...]
    tiers: tuple[TierPreset, ...]
    ladder: LadderPreset = LadderPreset()
    spending: SpendingPreset | None = None
    categories: tuple[CategoryPreset, ...] = ()


BASE = KindPreset("base", "Points", "积分", is_spendable=True)
GROWTH = KindPreset("growth", "Growth points", "成长值")
HONOUR = KindPreset("honour", "Honour points", "荣誉值")


def kinds(*, expiry: str, holding: str = "7D") -> tuple[KindPreset, ...]:
    """The three kinds, base points held for the return window and valid for so long."""
    return (replace(BASE, expiry=expiry, holding=holding), GROWTH, HONOUR)


def base_and_growth(rule: RulePreset) -> tuple[RulePreset, RulePreset]:
    """The same rule for base points and for growth points."""
    growth = replace(rule, code=f"{rule.code}-growth", kind=GROWTH.code)
    return replace(rule, kind=BASE.code), growth


def per_money(amount: int) -> tuple[RulePreset, RulePreset]:
    """One point of each kind for every so much paid."""
    rule = RulePreset(
        "purchase",
        BASE.code,
        f"1 point per {amount}.00",
        f"每消费 {amount}.00 得 1 积分",
        per_amount=Decimal(amount),
    )
    base, growth = base_and_growth(rule)
    return base, replace(
        growth,
        code="purchase-growth",
        name_en=f"1 growth point per {amount}.00",
        name_zh=f"每消费 {amount}.00 得 1 成长值",
    )


def per_activity(trigger: str, points: int) -> tuple[RulePreset, RulePreset]:
    """So many points of each kind for an activity."""
    name_en, name_zh = ACTIVITIES[trigger]
    rule = RulePreset(
        trigger.replace("_", "-"),
        BASE.code,
        name_en,
        name_zh,
        trigger=trigger,
        points=points,
        per_amount=None,
    )
    return base_and_growth(rule)


def multiplier(
    code: str,
    name_en: str,
    name_zh: str,
    factor: str,
    *,
    group: str = "",
    member_from: str = "",
    member_until: str = "",
    yearly_on: tuple[int, int] | None = None,
    categories: tuple[str, ...] = (),
) -> RulePreset:
    """A multiplier of the base points that a purchase earns."""
    return RulePreset(
        code,
        BASE.code,
        name_en,
        name_zh,
        points=0,
        per_amount=None,
        factor=Decimal(factor),
        group=group,
        member_from=member_from,
        member_until=member_until,
        yearly_on=yearly_on,
        categories=categories,
    )


ACTIVITIES = {
    "check_in": ("Check-in", "签到"),
    "review": ("Review", "评价"),
    "share": ("Share", "分享"),
}
