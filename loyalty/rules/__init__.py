"""Arithmetic of points and tiers: pure functions of what they are given.

Points are whole numbers, amounts are money (`Decimal`), and every sum is exact.
"""

from .conditions import PURCHASE, UNSORTED, Conditions, Occasion, eligible, failing
from .earning import (
    GROUP,
    Earning,
    Step,
    Terms,
    Unmet,
    decimal_text,
    earning_for,
    evaluate,
    holds,
    unmet,
)
from .money import (
    MoneyTerms,
    PointsQuote,
    QuoteLimit,
    line_refund,
    net_parts,
    point_shares,
    points_part,
    quote,
    restore_claim,
    worth,
)
from .points import clawback_claim, is_beyond_forecast, line_amounts, take_in_order, takeable
from .tiers import TierFigures, check_ladder, earned_tier, satisfies_entry
from .wording import check_rule

__all__ = [
    "GROUP",
    "PURCHASE",
    "UNSORTED",
    "Conditions",
    "Earning",
    "MoneyTerms",
    "Occasion",
    "PointsQuote",
    "QuoteLimit",
    "Step",
    "Terms",
    "TierFigures",
    "Unmet",
    "check_ladder",
    "check_rule",
    "clawback_claim",
    "decimal_text",
    "earned_tier",
    "earning_for",
    "eligible",
    "evaluate",
    "failing",
    "holds",
    "is_beyond_forecast",
    "line_amounts",
    "line_refund",
    "net_parts",
    "point_shares",
    "points_part",
    "quote",
    "restore_claim",
    "satisfies_entry",
    "take_in_order",
    "takeable",
    "unmet",
    "worth",
]
