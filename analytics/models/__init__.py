"""Rows that analytics keeps: behaviour, members' and days' figures, what follows, and segments."""

from .behaviour import BehaviourDay, BehaviourEvent
from .care import CareTask, WarningLevel
from .companions import Article, Companion
from .daily import DailyFigure, DailySales
from .health import DailyBand, HealthVersion
from .lifetime import LifetimeFit, LifetimeRefusal
from .metrics import MemberMetrics
from .runs import MemberRun
from .segments import SegmentRule
from .targets import Kpi, Target

__all__ = [
    "Article",
    "BehaviourDay",
    "BehaviourEvent",
    "CareTask",
    "Companion",
    "DailyBand",
    "DailyFigure",
    "DailySales",
    "HealthVersion",
    "Kpi",
    "LifetimeFit",
    "LifetimeRefusal",
    "MemberMetrics",
    "MemberRun",
    "SegmentRule",
    "Target",
    "WarningLevel",
]
