"""Members by what they spent in 90 days and on how many of the last 30 days they interacted."""

ACTIVE, LOW_ACTIVE, CHURN_RISK, SILENT = "active", "low_active", "churn_risk", "silent"
QUADRANTS = (ACTIVE, LOW_ACTIVE, CHURN_RISK, SILENT)


def quadrant_of(*, spends: bool, interacts: bool) -> str:
    """Both: active. Interacts only: low-active. Spends only: churn risk. Neither: silent."""
    if interacts:
        return ACTIVE if spends else LOW_ACTIVE
    return CHURN_RISK if spends else SILENT
