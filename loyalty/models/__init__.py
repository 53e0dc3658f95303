from .activities import Activity
from .adjustments import AdjustmentApproval, AdjustmentRequest, ApprovalNote
from .catalogue import Channel, Partner, ProductCategory
from .earning import SCOPES, EarningRule, RuleCounter, RuleScope, Trigger
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
from .standings import DowngradeEvidence, Standing, TierChange, TierOverride
from .tiers import Ladder, LadderVersion, Tier, TierBenefit

__all__ = [
    "SCOPES",
    "Activity",
    "AdjustmentApproval",
    "AdjustmentRequest",
    "ApprovalNote",
    "Channel",
    "DowngradeEvidence",
    "EarningRule",
    "EntryNote",
    "ExpiryEvidence",
    "Ladder",
    "LadderVersion",
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
    "TierBenefit",
    "TierChange",
    "TierOverride",
    "Trigger",
    "UncollectedPoints",
]
