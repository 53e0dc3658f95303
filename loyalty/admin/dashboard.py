"""The operators' first page: a search for a member, last night, what operators did."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from common.admin.columns import counts_text, progress_bar, state
from common.admin.nights import STATUS_LOOKS
from common.models import JobRun
from loyalty.models import PointsEntry

LATEST = 8


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows, of what this operator may see."""
    context["title"] = gettext("Overview")
    may_see_nights = request.user.has_perm("common.view_jobrun")
    may_see_ledger = request.user.has_perm("loyalty.view_pointsentry")
    context["may_search"] = request.user.has_perm("members.view_member")
    context["may_see_nights"] = may_see_nights
    context["may_see_ledger"] = may_see_ledger
    if may_see_nights:
        context["steps"] = [_step(run) for run in JobRun.objects.current()]
    if may_see_ledger:
        context["adjustments"] = PointsEntry.objects.by_operators()[:LATEST]
    return context


def _step(run: JobRun) -> dict[str, Any]:
    return {
        "run": run,
        "name": settings.NIGHTLY_STEP_NAMES.get(run.step, run.step),
        "state": state(run.get_status_display(), STATUS_LOOKS[run.status]),
        "progress": progress_bar(run.ranges_done, run.ranges_total),
        "counts": counts_text(run.counts),
    }
