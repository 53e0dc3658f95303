"""`experience` and `experience-upgrade`: the member experience plan (seed 002), in two readings."""

from dataclasses import replace

from .parts import LadderPreset, Preset, SpendingPreset, TierPreset, kinds, per_money


def _tiers(silver: int, gold: int, diamond: int) -> tuple[TierPreset, ...]:
    return (
        TierPreset("standard", "Classic", "普通会员", "#5f6b7a"),
        TierPreset("silver", "Silver", "银卡会员", "#7d8fa3", entry_growth=silver),
        TierPreset("gold", "Gold", "金卡会员", "#b08d3c", entry_growth=gold),
        TierPreset("diamond", "Diamond", "钻卡会员", "#2f4b7c", entry_growth=diamond),
    )


# The document's ranges leave gaps between tiers; these are their lower bounds. Points end on the
# anniversary of joining, and what was ever earned counts for the tier.
EXPERIENCE = Preset(
    kinds=kinds(expiry="anniversary"),
    rules=per_money(10),
    tiers=_tiers(10_000, 60_000, 110_000),
    ladder=LadderPreset(window="never"),
    spending=SpendingPreset(),
)

# The same document's rule for moving up, which asks for more.
EXPERIENCE_UPGRADE = replace(EXPERIENCE, tiers=_tiers(10_000, 100_000, 200_000))
