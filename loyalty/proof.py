"""What must always be true of the ledger, proved from its rows: one query for each statement."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common import clock
from common.models import JobRun, JobStatus
from common.proof import Check
from loyalty.models import Ladder, PointType, Tier
from loyalty.services.ladder import digest_of, snapshot
from loyalty.services.windows import EVER


def last_expiry() -> Mapping[str, object]:
    """The cutoff of the last completed expiry and when that run began.

    Without one nothing is due: no instant lies before NULL.
    """
    runs = JobRun.objects.filter(step="expire_points", status=JobStatus.DONE)
    run = runs.order_by("-business_date").first()
    if run is None:
        return {"cutoff": None, "started_at": None, "business_date": None}
    return {
        "cutoff": clock.cutoff(run.business_date),
        "started_at": run.started_at or run.finished_at,
        "business_date": run.business_date,
    }


def last_wording() -> Mapping[str, object]:
    """By what standings are judged again: only those that the present ladder has judged are."""
    ladder, tiers = Ladder.objects.solo(), list(Tier.objects.by_rank())
    growth = PointType.objects.filter(code=PointType.GROWTH).first()
    return {
        "digest": digest_of(snapshot(ladder, tiers)),
        "growth": growth.pk if growth else 0,
        "counts_days": int(any(tier.counts_days for tier in tiers)),
        "ever": EVER,
    }


CHECKS = [
    Check(
        "I01",
        _("Per account, balance − debt is the sum of the entries."),
        "loyalty",
        "verify/i01_balance",
    ),
    Check(
        "I02",
        _("The balance of points that can be spent is what remains in their lots."),
        "loyalty",
        "verify/i02_lots",
    ),
    Check(
        "I03",
        _("What remains in a lot is its points less what was taken and not put back."),
        "loyalty",
        "verify/i03_remaining",
    ),
    Check(
        "I04",
        _("An entry moves in lots what it says: points + change of debt."),
        "loyalty",
        "verify/i04_entry",
    ),
    Check(
        "I05",
        _("Debt is the sum of its changes and was never negative."),
        "loyalty",
        "verify/i05_debt",
    ),
    Check(
        "I06",
        _("No allocation, lot or restore joins two accounts, no purchase or refund two members."),
        "loyalty",
        "verify/i06_accounts",
    ),
    Check(
        "I07",
        _("A purchase earns and a refund claws back at most once per kind of points."),
        "loyalty",
        "verify/i07_facts",
    ),
    Check(
        "I08",
        _("A key has at most one effect per account."),
        "loyalty",
        "verify/i08_keys",
    ),
    Check(
        "I10",
        _("No more is given back than was redeemed, in total and per lot."),
        "loyalty",
        "verify/i10_restores",
    ),
    Check(
        "I11",
        _("No more is clawed back of a purchase than it earned."),
        "loyalty",
        "verify/i11_clawbacks",
    ),
    Check(
        "I13",
        _("Redemptions took the soonest expiring points first."),
        "loyalty",
        "verify/i13_order",
    ),
    Check(
        "I14",
        _("Nothing was redeemed outside its validity or expired before its end."),
        "loyalty",
        "verify/i14_validity",
    ),
    Check(
        "I15",
        _("No points are left that had expired at the last completed expiry, unless held."),
        "loyalty",
        "verify/i15_expired",
        last_expiry,
    ),
    Check(
        "I19",
        _("Entries are numbered without a gap and never go back in time."),
        "loyalty",
        "verify/i19_numbers",
    ),
    Check(
        "I21",
        _("Every adjustment was posted as asked, above the limit approved by others."),
        "loyalty",
        "verify/i21_adjustments",
    ),
    Check(
        "I24",
        _("A standing is its last change's, and no tier above it was earned at its last review."),
        "loyalty",
        "verify/i24_standings",
        last_wording,
    ),
    Check(
        "I26",
        _("No points expired without a notice on an earlier night or a recorded waiver."),
        "loyalty",
        "verify/i26_notices",
    ),
    Check(
        "I27",
        _("Changes of a lot's dates follow one another and end at the dates that it has."),
        "loyalty",
        "verify/i27_changes",
    ),
    Check(
        "I28",
        _("Accounts with lots that end by inactivity know the day of their last activity."),
        "loyalty",
        "verify/i28_activity",
    ),
    Check(
        "I29",
        _("Nobody came down a tier without a notice on an earlier night or a recorded waiver."),
        "loyalty",
        "verify/i29_told_of_tiers",
    ),
    Check(
        "I30",
        _("Points that paid for a purchase are its member's and go back only with its refunds."),
        "loyalty",
        "verify/i30_payments",
    ),
    Check(
        "I31",
        _("What moved by merges of members came in pairs that cancel one another."),
        "loyalty",
        "verify/i31_merges",
    ),
]
