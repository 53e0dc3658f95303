"""The operators' pages about what it adds up to."""

from .behaviour import BehaviourEventAdmin
from .care import CareTaskAdmin
from .daily import DailyFigureAdmin, TargetAdmin
from .health import HealthVersionAdmin
from .lifetime import LifetimeFitAdmin
from .metrics import MemberMetricsAdmin
from .runs import MemberRunAdmin
from .segments import SegmentAdmin
from .warnings import WarningLevelAdmin

__all__ = [
    "BehaviourEventAdmin",
    "CareTaskAdmin",
    "DailyFigureAdmin",
    "HealthVersionAdmin",
    "LifetimeFitAdmin",
    "MemberMetricsAdmin",
    "MemberRunAdmin",
    "SegmentAdmin",
    "TargetAdmin",
    "WarningLevelAdmin",
]
