"""The proof of the books as a step of the night: what is broken is told, never mended."""

import logging
from datetime import date

from common.models import LedgerProof
from common.proof import Finding, configured_checks, prove

from .steps import Counts, whole_step

logger = logging.getLogger(__name__)


@whole_step
def prove_ledger(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Check every statement of `LEDGER_CHECKS` and keep what breaks it.

    A broken statement is an error in the log and stands above every page of the operators until a
    later proof is clean. It does not stop the night: members are still told what they must know.
    """
    findings = list(prove(configured_checks()))
    broken = [finding for finding in findings if not finding.is_clean]
    violations = sum(finding.violations for finding in broken)
    LedgerProof.objects.create(
        business_date=business_date,
        checks=len(findings),
        violations=violations,
        findings=[_as_json(finding) for finding in broken],
    )
    for finding in broken:
        logger.error(
            "%s is broken by %s rows, first of them %s.",
            finding.check.id,
            finding.violations,
            finding.sample[0],
        )
    return {"checks": len(findings), "violations": violations}


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.check.id,
        "violations": finding.violations,
        "sample": [
            vars(violation) | {"found": str(violation.found), "expected": str(violation.expected)}
            for violation in finding.sample
        ],
    }
