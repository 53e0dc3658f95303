from .attempts import JobAttempt
from .base import AppendOnly, Named, in_active_language
from .guards import GuardCheck, GuardConfirmation
from .jobs import MAX_ATTEMPTS, JobRange, JobRun, JobStatus
from .proofs import LedgerProof
from .tries import TryCounter, TryCounterQuerySet

__all__ = [
    "MAX_ATTEMPTS",
    "AppendOnly",
    "GuardCheck",
    "GuardConfirmation",
    "JobAttempt",
    "JobRange",
    "JobRun",
    "JobStatus",
    "LedgerProof",
    "Named",
    "TryCounter",
    "TryCounterQuerySet",
    "in_active_language",
]
