"""The operators' pages about what it adds up to."""

from .daily import DailyFigureAdmin, TargetAdmin
from .lifetime import LifetimeFitAdmin
from .metrics import MemberMetricsAdmin

__all__ = ["DailyFigureAdmin", "LifetimeFitAdmin", "MemberMetricsAdmin", "TargetAdmin"]
