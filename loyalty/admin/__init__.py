"""The operators' pages about what members hold and what the programme gives."""

from .adjustments import AdjustmentRequestAdmin
from .history import PointsEntryAdmin, PointsLotAdmin, TierChangeAdmin
from .imports import PurchaseImportAdmin
from .members import MemberAdmin
from .notices import NoticeAdmin
from .programme import EarningRuleAdmin, LadderAdmin, PointTypeAdmin, TierAdmin
from .purchases import PurchaseAdmin, RefundAdmin
from .standings import StandingAdmin, TierOverrideAdmin
from .tiers import LadderVersionAdmin, TierBenefitAdmin

__all__ = [
    "AdjustmentRequestAdmin",
    "EarningRuleAdmin",
    "LadderAdmin",
    "LadderVersionAdmin",
    "MemberAdmin",
    "NoticeAdmin",
    "PointTypeAdmin",
    "PointsEntryAdmin",
    "PointsLotAdmin",
    "PurchaseAdmin",
    "PurchaseImportAdmin",
    "RefundAdmin",
    "StandingAdmin",
    "TierAdmin",
    "TierBenefitAdmin",
    "TierChangeAdmin",
    "TierOverrideAdmin",
]
