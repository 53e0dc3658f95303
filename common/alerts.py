"""What stands above every page of the operators while the nights need somebody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from common.jobs.guards import jump_check
from common.jobs.status import NightlyStatus, nightly_status
from common.models import JobRun

# Pages ask the database only so often: an alert may come and go that much late.
CACHE_KEY = "common.alerts.1"
SECONDS = 20


@dataclass(frozen=True)
class Alert:
    """One sentence with what to do, and the page on which to do it."""

    text: str
    address: str
    action: str


def alerts_for(request: HttpRequest) -> list[Alert]:
    """The alerts for operators who may see the nights, in their language."""
    if not request.user.has_perm("common.view_jobrun"):
        return []
    facts: dict[str, Any] | None = cache.get(CACHE_KEY)
    if facts is None:
        facts = _facts(nightly_status())
        cache.set(CACHE_KEY, facts, SECONDS)
    return list(_in_words(facts))


def forget_alerts() -> None:
    """Ask anew for the next page: an operator has just done something about them."""
    cache.delete(CACHE_KEY)


def _facts(status: NightlyStatus) -> dict[str, Any]:
    """Plain values only: what is cached must be readable by the next version."""
    jump, proof = status.jump, status.broken_proof
    check = jump_check(jump) if jump else None
    return {
        "jump": {"owed": jump.owed, "check": check.pk if check else None} if jump else None,
        "overdue": status.owed[0] if status.is_overdue else None,
        "failed": [_named(run) for run in status.failed],
        "held": [_named(run) for run in status.held],
        "proof": {"pk": proof.pk, "broken": proof.broken} if proof else None,
    }


def _named(run: JobRun) -> dict[str, Any]:
    return {"pk": run.pk, "step": run.step, "date": run.business_date}


def _in_words(facts: dict[str, Any]) -> Iterator[Alert]:
    if jump := facts["jump"]:
        yield _jump(jump["owed"], jump["check"])
    yield from (_held(run) for run in facts["held"])
    yield from (_failed(run) for run in facts["failed"])
    is_explained = jump or facts["held"] or facts["failed"]
    if facts["overdue"] and not is_explained:
        yield _overdue(facts["overdue"])
    if proof := facts["proof"]:
        text = gettext(
            "The ledger is broken (%(broken)s). Nothing is mended by itself: "
            "find the cause before points are moved by hand."
        )
        address = reverse("admin:common_ledgerproof_change", args=[proof["pk"]])
        yield Alert(text % {"broken": proof["broken"]}, address, gettext("See what is broken"))


def _jump(owed: int, check: int | None) -> Alert:
    if check is None:
        # No tick has come since: whoever confirmed would wait in vain.
        return _not_ticking(owed)
    text = ngettext(
        "%(owed)d night is owed: more than are caught up unasked. "
        "Is the date right? Then confirm, and they are caught up.",
        "%(owed)d nights are owed: more than are caught up unasked. "
        "Is the date right? Then confirm, and they are caught up.",
        owed,
    )
    address = reverse("admin:common_guardcheck_confirm", args=[check])
    return Alert(text % {"owed": owed}, address, gettext("Look and confirm"))


def _not_ticking(owed: int) -> Alert:
    text = ngettext(
        "%(owed)d night is owed: more than are caught up unasked. "
        "Start beat, which then asks here for a confirmation; or run_nightly, which needs none.",
        "%(owed)d nights are owed: more than are caught up unasked. "
        "Start beat, which then asks here for a confirmation; or run_nightly, which needs none.",
        owed,
    )
    address = reverse("admin:common_jobrun_changelist")
    return Alert(text % {"owed": owed}, address, gettext("See the nights"))


def _held(run: dict[str, Any]) -> Alert:
    text = gettext(
        "“%(step)s” of %(date)s is held by its guard, and every night after it waits. "
        "Look at the figures, then confirm."
    )
    address = reverse("admin:common_jobrun_confirm", args=[run["pk"]])
    return Alert(text % _words(run), address, gettext("Look and confirm"))


def _failed(run: dict[str, Any]) -> Alert:
    text = gettext(
        "“%(step)s” of %(date)s has failed, and every night after it waits. "
        "Look at the error, then resume."
    )
    address = reverse("admin:common_jobrun_change", args=[run["pk"]])
    return Alert(text % _words(run), address, gettext("See the error"))


def _overdue(night: date) -> Alert:
    text = gettext(
        "The night of %(date)s is overdue. Do worker and beat run? "
        "run_nightly does a night without them."
    )
    address = reverse("admin:common_jobrun_changelist")
    return Alert(
        text % {"date": date_format(night, "DATE_FORMAT")}, address, gettext("See the nights")
    )


def _words(run: dict[str, Any]) -> dict[str, str]:
    step = JobRun(step=run["step"]).step_name
    return {"step": step, "date": date_format(run["date"], "DATE_FORMAT")}
