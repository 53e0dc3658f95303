"""Members by what they spent in 90 days and whether they interacted in 30: four kinds.

Both: active. Interacts only: low-active. Spends only: churn risk. Neither: silent.
"""

ACTIVE, LOW_ACTIVE, CHURN_RISK, SILENT = "active", "low_active", "churn_risk", "silent"
QUADRANTS = (ACTIVE, LOW_ACTIVE, CHURN_RISK, SILENT)
