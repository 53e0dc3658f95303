"""`plain`: one point per 1.00, nothing else; for a first look at real purchases."""

from decimal import Decimal

from .parts import BASE, GROWTH, HONOUR, LadderPreset, Preset, RulePreset, TierPreset

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
