from .adjustments import AdjustmentApproval, AdjustmentRequest, ApprovalNote
from .earning import EarningRule
from .imports import PurchaseImport, StagedInvoice, StagedRow
from .points import (
    EntryNote,
    LotAllocation,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointType,
)
from .purchases import (
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
    UncollectedPoints,
)
from .tiers import Ladder, Standing, Tier, TierChange

__all__ = [
    "AdjustmentApproval",
    "AdjustmentRequest",
    "ApprovalNote",
    "EarningRule",
    "EntryNote",
    "Ladder",
    "LotAllocation",
    "PointType",
    "PointsAccount",
    "PointsEntry",
    "PointsLot",
    "Purchase",
    "PurchaseImport",
    "PurchaseLine",
    "Refund",
    "RefundLine",
    "StagedInvoice",
    "StagedRow",
    "Standing",
    "Tier",
    "TierChange",
    "UncollectedPoints",
]
