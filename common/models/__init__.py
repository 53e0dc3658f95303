from .base import AppendOnly, Named, in_active_language
from .jobs import MAX_ATTEMPTS, JobRange, JobRun, JobStatus

__all__ = [
    "MAX_ATTEMPTS",
    "AppendOnly",
    "JobRange",
    "JobRun",
    "JobStatus",
    "Named",
    "in_active_language",
]
