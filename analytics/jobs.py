"""What a night computes: members' figures, scores and worth; days' figures; what goes together."""

import logging
import traceback
from datetime import date, timedelta

from django.conf import settings

from analytics.errors import LifetimeRefused
from analytics.models import LifetimeFit, LifetimeRefusal, MemberRun, SegmentRule
from analytics.services.behaviour import forget_before
from analytics.services.care import measure_tasks, open_tasks
from analytics.services.companions import find_companions
from analytics.services.figures import record_days, record_joined, stale_spans
from analytics.services.health import measuring, record_bands, rejudge_range
from analytics.services.lifetime import fit_programme, refuse_fit
from analytics.services.predictions import predict_range
from analytics.services.runs import stop_run, work_on_next
from analytics.services.segments import compute_range, count_rule
from common.jobs.steps import Counts, latest_only, ranged_step, whole_step
from common.sql import execute_sql

logger = logging.getLogger(__name__)


@whole_step
def fit_lifetimes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Fit the lifetime models anew when the last fit, or refusal, is LIFETIME_FIT_DAYS old.

    A refusal is kept in words and counted; the fit that there is stays in use.
    """
    if not _is_due(business_date):
        return {}
    try:
        fit = fit_programme(night=business_date)
    except LifetimeRefused as refusal:
        refuse_fit(night=business_date, refusal=refusal)
        return {"refused": 1}
    return {"members": fit.customers}


@ranged_step
def measure_members(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Write each member's figures of before the night, and their health by the present version."""
    params = measuring(business_date, first=first_member_id, last=last_member_id)
    (members,) = execute_sql("analytics", "measure_members", params)
    return {"members": members}


@latest_only
@whole_step
def count_bands(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Write how many members are in each band of the health score."""
    return {"members": record_bands(business_date)}


@whole_step
def score_members(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Score everyone who bought by fifths of recency, frequency and money; counts who changed."""
    _cleared, scored = execute_sql("analytics", "score_members", {})
    return {"members": scored}


@ranged_step
def predict_lifetimes(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Predict by the latest fit who comes again, how often, and what that is worth.

    For LIFETIME_HORIZON_DAYS from the night on, without interest: purchases expected, times the
    amount, net of refunds, that is expected of each. The Loyalty Index follows. Closed memberships
    have neither.
    """
    return {"members": predict_range(business_date, first_member_id, last_member_id)}


@ranged_step
def open_care_tasks(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Measure who came back of those cared for, and open tasks for those who are missed now."""
    measured = measure_tasks(business_date, first_member_id, last_member_id)
    return measured | open_tasks(business_date, first_member_id, last_member_id)


@latest_only
@ranged_step
def compute_segments(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Have members join and leave the segments whose conditions hold, from this date on."""
    joined = left = 0
    for rule in SegmentRule.objects.computed():
        came, went = compute_range(rule, business_date, first_member_id, last_member_id)
        joined, left = joined + came, left + went
    return {"joined": joined, "left": left}


@latest_only
@whole_step
def count_segments(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Note how many members each computed segment has."""
    counted = [count_rule(rule, business_date) for rule in SegmentRule.objects.computed()]
    return {"segments": sum(counted)}


@whole_step
def prune_behaviour(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Forget portal events older than BEHAVIOUR_KEEP_DAYS, and the counts of their days."""
    return {"events": forget_before(business_date - timedelta(days=settings.BEHAVIOUR_KEEP_DAYS))}


def work_on_runs() -> None:
    """Go on with runs over members until they are done. Any number of workers may be at it.

    A range that fails stops its run, with the error, until an operator resumes it.
    """
    for run_id in list(MemberRun.objects.unfinished().values_list("pk", flat=True)):
        try:
            while work_on_next(run_id=run_id, work=_work, finish=_finish):
                pass
        except Exception:
            logger.exception("Run %s over members failed.", run_id)
            stop_run(run_id=run_id, error=traceback.format_exc())


def _work(run: MemberRun, first: int, last: int) -> int:
    if run.version:
        return rejudge_range(run.version, first, last)
    assert run.rule is not None
    return sum(compute_range(run.rule, run.business_date, first, last))


def _finish(run: MemberRun) -> None:
    if run.rule:
        count_rule(run.rule, run.business_date)


@whole_step
def record_figures(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Write the figures of every day before the night that has none, or has had facts since.

    The first night writes the whole history; a purchase told late has its own day written anew.
    """
    spans = stale_spans(business_date)
    days = sum(record_days(first=first, last=last, night=business_date) for first, last in spans)
    record_joined()
    return {"days": days}


@whole_step
def recommend_articles(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Find anew which articles the same members buy; counts the pairs that are kept."""
    return {"pairs": find_companions(night=business_date)}


def _is_due(night: date) -> bool:
    latest = (
        LifetimeFit.objects.until(night).first(),
        LifetimeRefusal.objects.until(night).first(),
    )
    tried = [attempt.business_date for attempt in latest if attempt]
    return not tried or max(tried) + timedelta(days=settings.LIFETIME_FIT_DAYS) <= night
