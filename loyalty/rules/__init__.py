"""Arithmetic of points and tiers: pure functions of what they are given.

Points are whole numbers, amounts are money (`Decimal`), and every sum is exact.
"""

from .earning import (
    PURCHASE,
    UNSORTED,
    Conditions,
    Earning,
    Occasion,
    Step,
    Terms,
    decimal_text,
    earning_for,
    evaluate,
    holds,
)
from .points import clawback_claim, line_amounts, take_in_order, takeable
from .tiers import (
    Lift,
    Missing,
    TierFigures,
    check_ladder,
    earned_tier,
    effective_tier,
    satisfies_entry,
    satisfies_retention,
    tier_after_term,
    to_enter,
    to_stay,
)

__all__ = [
    "PURCHASE",
    "UNSORTED",
    "Conditions",
    "Earning",
    "Lift",
    "Missing",
    "Occasion",
    "Step",
    "Terms",
    "TierFigures",
    "check_ladder",
    "clawback_claim",
    "decimal_text",
    "earned_tier",
    "earning_for",
    "effective_tier",
    "evaluate",
    "holds",
    "line_amounts",
    "satisfies_entry",
    "satisfies_retention",
    "take_in_order",
    "takeable",
    "tier_after_term",
    "to_enter",
    "to_stay",
]
