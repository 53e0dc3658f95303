from .attempts import JobAttempt
from .base import AppendOnly, Named, in_active_language
from .guards import GuardCheck, GuardConfirmation
from .jobs import JobRange, JobRun
from .proofs import LedgerProof
from .ranges import MAX_ATTEMPTS, JobStatus, MemberRange, MemberRangeQuerySet
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
    "MemberRange",
    "MemberRangeQuerySet",
    "Named",
    "TryCounter",
    "TryCounterQuerySet",
    "in_active_language",
]
