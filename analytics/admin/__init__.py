"""The operators' pages about what it adds up to."""

from .lifetime import LifetimeFitAdmin
from .metrics import MemberMetricsAdmin

__all__ = ["LifetimeFitAdmin", "MemberMetricsAdmin"]
