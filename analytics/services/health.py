"""Versions of the health score: previewed over all members, then applied."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Max

from analytics.errors import HealthNotChanged
from analytics.models import DailyBand, HealthVersion, MemberMetrics, MemberRun
from analytics.models.health import rules_of
from analytics.rules.health import HealthRules, content_of, params_of
from analytics.services.predictions import predict_range
from analytics.services.runs import begin_run
from analytics.spans import LAST_ID, as_of
from common import clock
from common.sql import execute_sql, fetch_sql
from members.models import User


@dataclass(frozen=True)
class HealthMoves:
    """How many members would move from which place to which: bands by place, quadrants by code."""

    bands: Counter[tuple[int, int]]
    quadrants: Counter[tuple[str, str]]

    @property
    def members(self) -> int:
        return self.bands.total()

    @property
    def moved(self) -> int:
        """Members whose band becomes another."""
        return sum(count for (old, new), count in self.bands.items() if old != new)


def measuring(night: date, *, first: int, last: int) -> dict[str, object]:
    """What it takes to measure and judge members of a range as of a night."""
    version = HealthVersion.objects.latest_version()
    rules = rules_of(version)
    own: dict[str, object] = {
        "version": version.pk if version else 0,
        "mark_before": night - timedelta(days=rules.fall_days),
        "zone": str(clock.zone()),
    }
    return as_of(night, first=first, last=last) | params_of(rules) | own


def preview_health(rules: HealthRules) -> HealthMoves:
    """Where these rules would put the members whom the last night measured; writes nothing."""
    params = params_of(rules) | {"first": 0, "last": LAST_ID}
    bands: Counter[tuple[int, int]] = Counter()
    quadrants: Counter[tuple[str, str]] = Counter()
    for old_band, band, old_quadrant, quadrant, members in fetch_sql(
        "analytics", "health_moves", params
    ):
        bands[old_band, band] += members
        quadrants[old_quadrant, quadrant] += members
    return HealthMoves(bands=bands, quadrants=quadrants)


@transaction.atomic
def apply_health(*, rules: HealthRules, reason: str, operator: User, key: str) -> HealthVersion:
    """Put these rules in force as the next version, once for each key.

    Everybody is judged anew by a run over members; until it has come to them, members keep what
    the version before says. Scores of different versions are never compared. Refused: rules that
    are in force already (HealthNotChanged).
    """
    if replayed := HealthVersion.objects.filter(key=key).first():
        return replayed
    if rules == rules_of(HealthVersion.objects.latest_version()):
        raise HealthNotChanged
    version = HealthVersion.objects.create(
        content=content_of(rules), reason=reason, operator=operator, key=key
    )
    begin_run(kind=MemberRun.Kind.HEALTH, version=version, operator=operator)
    return version


@transaction.atomic
def record_bands(night: date) -> int:
    """Write how many members are in each band as of a night, whole and anew; gives how many.

    Only members whom that night measured count; bands without any are written, too.
    """
    measured = MemberMetrics.objects.filter(business_date=night).order_by()
    counts = Counter(
        {
            (version, band): members
            for version, band, members in measured.values_list("health_version", "band").annotate(
                members=Count("pk")
            )
        }
    )
    versions = {version for version, _band in counts}
    known = HealthVersion.objects.in_bulk([pk for pk in versions if pk])
    DailyBand.objects.filter(business_date=night).delete()
    DailyBand.objects.bulk_create(
        DailyBand(business_date=night, version_id=pk, band=band, members=counts[pk, band])
        for pk in versions
        for band in range(len(rules_of(known.get(pk)).bands))
    )
    return counts.total()


def rejudge_range(version: HealthVersion, first: int, last: int) -> int:
    """Judge measured members of a range by a version, if it is still the latest; gives how many.

    Belongs to its caller's transaction.
    """
    if version != HealthVersion.objects.latest_version():
        return 0
    params = params_of(version.rules) | {"version": version.pk, "first": first, "last": last}
    (judged,) = execute_sql("analytics", "rejudge_members", params)
    measured = MemberMetrics.objects.filter(member__gte=first, member__lte=last)
    if night := measured.aggregate(night=Max("business_date"))["night"]:
        # The Loyalty Index has weights of this version, too.
        predict_range(night, first, last)
    return judged
