"""`super`: the super-member system of a shop (seed 000): spending and taking part, three tiers."""

from decimal import Decimal

from .parts import Preset, SpendingPreset, TierPreset, kinds, multiplier, per_activity, per_money

# 高级 asks for ¥3,000 of spend (the text's other reading, ¥5,000 a year, is not this one); VIP
# for 5,000 growth points, with 1.5 times the points (the text also says 2).
SUPER = Preset(
    kinds=kinds(expiry="12M"),
    rules=(
        *per_money(1),
        *per_activity("check_in", 5),
        *per_activity("review", 20),
        *per_activity("share", 10),
        multiplier(
            "double-points-day",
            "Double points on 11 November",
            "双十一双倍积分",
            "2",
            group="campaign",
            yearly_on=(11, 11),
        ),
    ),
    tiers=(
        TierPreset("standard", "Classic", "普通会员", "#5f6b7a", discount_rate=Decimal("0.98")),
        TierPreset(
            "premium",
            "Premium",
            "高级会员",
            "#b08d3c",
            entry_spend=Decimal(3_000),
            multiplier=Decimal("1.2"),
            discount_rate=Decimal("0.97"),
        ),
        TierPreset(
            "vip",
            "VIP",
            "VIP 会员",
            "#2f4b7c",
            entry_growth=5_000,
            multiplier=Decimal("1.5"),
            discount_rate=Decimal("0.95"),
        ),
    ),
    spending=SpendingPreset(),
)
