"""The operators' pages about what members hold and what the programme gives."""

from .adjustments import AdjustmentRequestAdmin
from .history import PointsEntryAdmin, PointsLotAdmin, TierChangeAdmin
from .imports import PurchaseImportAdmin
from .members import MemberAdmin
from .notices import NoticeAdmin
from .points_money import PointsMoneyAdmin
from .programme import EarningRuleAdmin, LadderAdmin, PointTypeAdmin, TierAdmin
from .purchases import PurchaseAdmin, RefundAdmin
from .redating import RedateRunAdmin

__all__ = [
    "AdjustmentRequestAdmin",
    "EarningRuleAdmin",
    "LadderAdmin",
    "MemberAdmin",
    "NoticeAdmin",
    "PointTypeAdmin",
    "PointsEntryAdmin",
    "PointsLotAdmin",
    "PointsMoneyAdmin",
    "PurchaseAdmin",
    "PurchaseImportAdmin",
    "RedateRunAdmin",
    "RefundAdmin",
    "TierAdmin",
    "TierChangeAdmin",
]
