from .activities import Activity
from .adjustments import AdjustmentApproval, AdjustmentRequest, ApprovalNote
from .catalogue import Channel, Partner, ProductCategory
from .earning import CAPS, SCOPES, EarningRule, RuleCounter, RuleScope, Trigger
from .evidence import ExpiryEvidence
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
    "CAPS",
    "SCOPES",
    "Activity",
    "AdjustmentApproval",
    "AdjustmentRequest",
    "ApprovalNote",
    "Channel",
    "EarningRule",
    "EntryNote",
    "ExpiryEvidence",
    "Ladder",
    "LotAllocation",
    "Partner",
    "PointType",
    "PointsAccount",
    "PointsEntry",
    "PointsLot",
    "ProductCategory",
    "Purchase",
    "PurchaseImport",
    "PurchaseLine",
    "Refund",
    "RefundLine",
    "RuleCounter",
    "RuleScope",
    "StagedInvoice",
    "StagedRow",
    "Standing",
    "Tier",
    "TierChange",
    "Trigger",
    "UncollectedPoints",
]
