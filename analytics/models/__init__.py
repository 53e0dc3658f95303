"""Rows that analytics keeps: behaviour, each member's figures, what follows, and segments."""

from .behaviour import BehaviourDay, BehaviourEvent
from .care import CareTask, WarningLevel
from .health import HealthVersion
from .lifetime import LifetimeFit, LifetimeRefusal
from .metrics import MemberMetrics
from .runs import MemberRun
from .segments import SegmentRule

__all__ = [
    "BehaviourDay",
    "BehaviourEvent",
    "CareTask",
    "HealthVersion",
    "LifetimeFit",
    "LifetimeRefusal",
    "MemberMetrics",
    "MemberRun",
    "SegmentRule",
    "WarningLevel",
]
