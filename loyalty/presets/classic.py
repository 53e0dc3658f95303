"""`classic`: membership against churn (seed 004): four tiers by spend, points by the year."""

from decimal import Decimal

from .parts import Preset, TierPreset, kinds, per_activity, per_money

# Points buy goods, services and lottery entries, not money off.
CLASSIC = Preset(
    kinds=kinds(expiry="12M/year"),
    rules=(
        *per_money(1),
        *per_activity("check_in", 5),
        *per_activity("review", 20),
        *per_activity("share", 10),
    ),
    tiers=(
        TierPreset("standard", "Classic", "普通会员", "#5f6b7a"),
        TierPreset(
            "silver",
            "Silver",
            "银卡会员",
            "#7d8fa3",
            entry_spend=Decimal(1_000),
            multiplier=Decimal("1.2"),
        ),
        TierPreset(
            "gold",
            "Gold",
            "金卡会员",
            "#b08d3c",
            entry_spend=Decimal(5_000),
            multiplier=Decimal("1.5"),
        ),
        TierPreset(
            "diamond",
            "Diamond",
            "钻石会员",
            "#2f4b7c",
            entry_spend=Decimal(20_000),
            multiplier=Decimal(2),
        ),
    ),
)
