"""Rows that analytics keeps: fits of the lifetime models, and each member's figures."""

from .lifetime import LifetimeFit, LifetimeRefusal
from .metrics import MemberMetrics

__all__ = ["LifetimeFit", "LifetimeRefusal", "MemberMetrics"]
