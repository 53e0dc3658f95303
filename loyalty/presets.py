"""Ready programmes: what `load_preset` writes, as plain data.

Amounts are in the programme's currency, whatever it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class KindPreset:
    """A kind of points and its policy."""

    code: str
    name_en: str
    name_zh: str
    is_spendable: bool = False
    expiry: str = "never"
    holding: str = "0D"


@dataclass(frozen=True)
class RulePreset:
    """So many points of a kind for every so much money paid."""

    code: str
    kind: str
    name_en: str
    name_zh: str
    points: int = 1
    per_amount: Decimal = Decimal(1)


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
class Preset:
    """A whole programme."""

    kinds: tuple[KindPreset, ...]
    rules: tuple[RulePreset, ...]
    tiers: tuple[TierPreset, ...]
    ladder: LadderPreset = LadderPreset()


BASE = KindPreset("base", "Points", "积分", is_spendable=True)
GROWTH = KindPreset("growth", "Growth points", "成长值")
HONOUR = KindPreset("honour", "Honour points", "荣誉值")

# One point per 1.00 paid, floor per purchase, spendable at once and for ever; tiers by twelve
# months' net spend, kept by the same bounds, without days of grace.
PLAIN = Preset(
    kinds=(BASE, GROWTH, HONOUR),
    rules=(RulePreset("purchase", "base", "1 point per 1.00", "每消费 1.00 得 1 积分"),),
    tiers=(
        TierPreset("standard", "Standard", "普通", "#64748b"),
        TierPreset("silver", "Silver", "银卡", "#8a94a6", entry_spend=Decimal(500)),
        TierPreset("gold", "Gold", "金卡", "#b8860b", entry_spend=Decimal(2_000)),
        TierPreset("diamond", "Diamond", "钻石", "#3b5b8c", entry_spend=Decimal(10_000)),
    ),
    ladder=LadderPreset(grace_days=0),
)

# The demo's programme: points held for a week's returns and valid for a year to the month's end,
# growth points by the same spending, tiers that ask for spend or growth and for less to stay.
DEMO = Preset(
    kinds=(
        KindPreset("base", "Points", "积分", is_spendable=True, expiry="12M/month", holding="7D"),
        GROWTH,
        HONOUR,
    ),
    rules=(
        RulePreset("purchase", "base", "1 point per 1.00", "每消费 1.00 得 1 积分"),
        RulePreset(
            "purchase-growth", "growth", "1 growth point per 1.00", "每消费 1.00 得 1 成长值"
        ),
    ),
    tiers=(
        TierPreset("standard", "Classic", "普通会员", "#5f6b7a"),
        TierPreset(
            "silver",
            "Silver",
            "银卡会员",
            "#7d8fa3",
            entry_spend=Decimal(1_000),
            retention_spend=Decimal(800),
        ),
        TierPreset(
            "gold",
            "Gold",
            "金卡会员",
            "#b08d3c",
            entry_spend=Decimal(5_000),
            retention_spend=Decimal(4_000),
        ),
        TierPreset(
            "diamond",
            "Diamond",
            "钻石会员",
            "#2f4b7c",
            entry_spend=Decimal(20_000),
            retention_spend=Decimal(16_000),
        ),
    ),
)

PRESETS: Mapping[str, Preset] = {"plain": PLAIN, "demo": DEMO}
