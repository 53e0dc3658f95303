"""`demo`: the programme of the demo's shop."""

from decimal import Decimal

from .parts import (
    BASE,
    Preset,
    RulePreset,
    SpendingPreset,
    TierPreset,
    kinds,
    per_activity,
    per_money,
)

# Points held for a week's returns and valid for a year to the month's end, growth points by the
# same spending, tiers that ask for spend and for less to stay.
DEMO = Preset(
    kinds=kinds(expiry="12M/month"),
    rules=(
        *per_money(1),
        *per_activity("check_in", 5),
        RulePreset(
            "week-of-check-ins",
            BASE.code,
            "A week of check-ins",
            "连续签到一周",
            trigger="check_in",
            points=20,
            per_amount=None,
            streak_every=7,
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
    spending=SpendingPreset(),
)
