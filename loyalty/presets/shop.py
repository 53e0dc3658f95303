"""`shop`: the member e-commerce plan (seed 003): tiers by spend or by coming often."""

from decimal import Decimal

from .parts import Preset, TierPreset, kinds, per_activity, per_money

# Points buy goods, coupons and services, not money off.
SHOP = Preset(
    kinds=kinds(expiry="12M"),
    rules=(*per_money(1), *per_activity("check_in", 5), *per_activity("share", 10)),
    tiers=(
        TierPreset("standard", "Classic", "普通会员", "#5f6b7a"),
        TierPreset(
            "silver",
            "Silver",
            "银牌会员",
            "#7d8fa3",
            join="any",
            entry_spend=Decimal(1_000),
            entry_active_days=60,
        ),
        TierPreset(
            "gold",
            "Gold",
            "金牌会员",
            "#b08d3c",
            join="any",
            entry_spend=Decimal(5_000),
            entry_active_days=150,
        ),
    ),
)
