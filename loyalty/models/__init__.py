from .activities import Activity
from .adjustments import AdjustmentApproval, AdjustmentRequest, ApprovalNote
from .catalogue import Channel, Partner, ProductCategory
from .earning import CAPS, SCOPES, EarningRule, RuleCounter, RuleScope, Trigger
from .evidence import ExpiryEvidence
from .forecasts import ExpiryForecast
from .imports import PurchaseImport, StagedInvoice, StagedRow
from .ladder_drafts import LadderDraft, LadderDraftRange, LadderMove
from .lots import LotAllocation, LotChange, LotChangeNote, PointsLot
from .merges import MergeMove
from .multipliers import MemberMultiplier
from .points import EntryNote, PointsAccount, PointsEntry, PointType
from .points_money import PointsMoney, PointsPayment
from .purchases import (
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
    UncollectedPoints,
)
from .redating import RedateRange, RedateRun
from .standings import DowngradeEvidence, Standing, TierChange, TierOverride
from .tiers import Ladder, LadderVersion, Tier, TierBenefit

__all__ = [
    "CAPS",
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
    "ExpiryForecast",
    "Ladder",
    "LadderDraft",
    "LadderDraftRange",
    "LadderMove",
    "LadderVersion",
    "LotAllocation",
    "LotChange",
    "LotChangeNote",
    "MemberMultiplier",
    "MergeMove",
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
    "RedateRange",
    "RedateRun",
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
