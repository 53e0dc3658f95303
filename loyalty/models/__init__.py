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
from .points_money import PointsMoney, PointsPayment
from .purchases import (
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
    UncollectedPoints,
)
from .tiers import Ladder, Standing, Tier, TierChange

__all__ = [
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
    "PointsMoney",
    "PointsPayment",
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
