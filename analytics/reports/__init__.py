"""Figures across tables, as of the beginning of a business day: facts of the days before it count.

Members only: a guest's purchase belongs to nobody. A purchase counts when something in it had a
price and it was not given back as a whole by refunds that name it; money is net of all refunds,
each on its own day.
"""

from .buyers import Band, Repurchase, frequency_bands, recency_bands, repurchase
from .cohorts import Cohort, first_purchase_cohorts
from .rfm import RfmCell, rfm_grid
from .spend import TopMember, top_members

__all__ = [
    "Band",
    "Cohort",
    "Repurchase",
    "RfmCell",
    "TopMember",
    "first_purchase_cohorts",
    "frequency_bands",
    "recency_bands",
    "repurchase",
    "rfm_grid",
    "top_members",
]
