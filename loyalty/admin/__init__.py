"""The operators' pages about what members hold and what the programme gives."""

from .activities import ActivityAdmin
from .adjustments import AdjustmentRequestAdmin
from .birthdays import BirthdayChangeAdmin
from .catalogue import ChannelAdmin, PartnerAdmin, ProductCategoryAdmin
from .erasure import ErasureRequestAdmin
from .history import PointsEntryAdmin, TierChangeAdmin
from .imports import PurchaseImportAdmin
from .ladder_drafts import LadderDraftAdmin
from .lots import PointsLotAdmin
from .members import MemberAdmin
from .merges import MemberMergeAdmin
from .notices import NoticeAdmin
from .points_money import PointsMoneyAdmin
from .programme import LadderAdmin, PointTypeAdmin, TierAdmin
from .purchases import PurchaseAdmin, RefundAdmin
from .redating import RedateRunAdmin
from .rules import EarningRuleAdmin
from .standings import StandingAdmin, TierOverrideAdmin
from .tiers import LadderVersionAdmin, TierBenefitAdmin

__all__ = [
    "ActivityAdmin",
    "AdjustmentRequestAdmin",
    "BirthdayChangeAdmin",
    "ChannelAdmin",
    "EarningRuleAdmin",
    "ErasureRequestAdmin",
    "LadderAdmin",
    "LadderDraftAdmin",
    "LadderVersionAdmin",
    "MemberAdmin",
    "MemberMergeAdmin",
    "NoticeAdmin",
    "PartnerAdmin",
    "PointTypeAdmin",
    "PointsEntryAdmin",
    "PointsLotAdmin",
    "PointsMoneyAdmin",
    "ProductCategoryAdmin",
    "PurchaseAdmin",
    "PurchaseImportAdmin",
    "RedateRunAdmin",
    "RefundAdmin",
    "StandingAdmin",
    "TierAdmin",
    "TierBenefitAdmin",
    "TierChangeAdmin",
    "TierOverrideAdmin",
]
