"""`private`: private-domain member operations (seed 001): new and loyal members, categories."""

from decimal import Decimal

from .parts import (
    CategoryPreset,
    Preset,
    SpendingPreset,
    TierPreset,
    kinds,
    multiplier,
    per_money,
)

# The document names coefficients by category without giving any: these two are ours, and rows
# that an operator edits.
FEATURED = CategoryPreset("featured", "Featured articles", "主推商品")
CLEARANCE = CategoryPreset("clearance", "Clearance articles", "特价商品")

PRIVATE = Preset(
    kinds=kinds(expiry="180D"),
    categories=(FEATURED, CLEARANCE),
    rules=(
        *per_money(1),
        multiplier(
            "new-member",
            "Double points for the first 30 days",
            "入会 30 天内双倍积分",
            "2",
            group="time-as-member",
            member_until="30D",
        ),
        multiplier(
            "loyal-member",
            "10 % more after two years",
            "入会满两年积分加 10%",
            "1.1",
            group="time-as-member",
            member_from="2Y",
        ),
        multiplier("featured", "Featured articles", "主推商品", "1.5", categories=(FEATURED.code,)),
        multiplier(
            "clearance", "Clearance articles", "特价商品", "0.5", categories=(CLEARANCE.code,)
        ),
    ),
    tiers=(
        TierPreset("gold", "Gold", "黄金会员", "#b08d3c"),
        TierPreset("platinum", "Platinum", "白金会员", "#7d8fa3", entry_spend=Decimal(5_000)),
        TierPreset("black", "Black Gold", "黑金会员", "#2b2b2b", entry_spend=Decimal(20_000)),
    ),
    spending=SpendingPreset(),
)
