from .attempts import JobAttempt
from .base import AppendOnly, Named
from .guards import GuardCheck, GuardConfirmation
from .jobs import MAX_ATTEMPTS, JobRange, JobRun, JobStatus
from .proofs import LedgerProof

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
]
