"""Rows that analytics keeps: fits, each member's figures, each day's, targets, companions."""

from .companions import Article, Companion
from .daily import DailyFigure, DailySales
from .lifetime import LifetimeFit, LifetimeRefusal
from .metrics import MemberMetrics
from .targets import Kpi, Target

__all__ = [
    "Article",
    "Companion",
    "DailyFigure",
    "DailySales",
    "Kpi",
    "LifetimeFit",
    "LifetimeRefusal",
    "MemberMetrics",
    "Target",
]
