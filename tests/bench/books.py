"""Books of any size, built set-wise: members who each hold five lots of base points."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.core.management import call_command
from django.db import connection, transaction

from common import clock
from common.append_only import drop_triggers
from common.models import JobRun, JobStatus
from loyalty.models import EarningRule, PointsEntry, PointType
from tests.loyalty.programmes import earning_rule, full_programme

LOTS = 5
# Lots end on this many nights: on each of them a tenth of the lots, of 28.6 % of the members.
NIGHTS = 10

# Two and two of a member's lots end together, for a fifth of the members only the first two:
# so a member that a night finds loses 1.75 lots.
_END = "(hashint8(m * 8 + CASE WHEN j = 2 THEN 1 WHEN j = 4 AND m %% 5 <> 0 THEN 3 ELSE j END)"
_NIGHT = f"{_END}::bigint & 2147483647) %% %(nights)s"
_POINTS = "(100 * j + m %% 50)"
_SUM = "(50 * j * (j + 1) + j * (m %% 50))"

_STATEMENTS = f"""
INSERT INTO members_member (
    id, card_number, source, family_name, given_name, birth_calendar, language, joined_at,
    joined_on, status
)
SELECT m, lpad(m::text, 16, '0'), 'bench', '', '', 'solar', '', %(joined_at)s, %(joined_on)s,
    'active'
FROM generate_series(1, %(members)s) m;

INSERT INTO loyalty_pointsaccount (
    id, member_id, point_type_id, is_spendable, balance, debt, entry_count, last_entry_at
)
SELECT m, m, %(kind)s, true, 1500 + 5 * (m %% 50), 0, {LOTS}, %(earned_at)s
FROM generate_series(1, %(members)s) m;

INSERT INTO loyalty_pointsentry (
    id, account_id, number, kind, points, debt_change, balance_after, debt_after, at,
    business_date, key, breakdown, recorded_at
)
SELECT (m - 1) * {LOTS} + j, m, j, 'earn', {_POINTS}, 0, {_SUM}, 0, %(earned_at)s,
    %(earned_on)s, 'start:' || j, '{{}}', %(earned_at)s
FROM generate_series(1, %(members)s) m, generate_series(1, {LOTS}) j;

INSERT INTO loyalty_pointslot (
    id, account_id, entry_id, points, remaining, available_at, expires_at, expiry, activated_on
)
SELECT (m - 1) * {LOTS} + j, m, (m - 1) * {LOTS} + j, {_POINTS}, {_POINTS}, %(earned_at)s,
    CAST(%(first_end)s AS timestamptz) + ({_NIGHT}) * INTERVAL '1 day', '12M', %(earned_on)s
FROM generate_series(1, %(members)s) m, generate_series(1, {LOTS}) j;

INSERT INTO loyalty_expiryevidence (lot_id, expires_at, business_date, waiver, recorded_at)
SELECT id, expires_at, %(told_on)s, 'first_night', %(told_at)s FROM loyalty_pointslot;
"""
# Each member redeems a number of times, soonest expiring first: what the redemptions take, laid end
# to end, is cut where the lots end, laid end to end as well.
_REDEMPTION = 150
_SPENDING = f"""
INSERT INTO loyalty_pointsentry (
    account_id, number, kind, points, debt_change, balance_after, debt_after, at, business_date,
    key, breakdown, recorded_at
)
SELECT a.id, {LOTS} + r, 'redeem', -{_REDEMPTION}, 0, a.balance - r * {_REDEMPTION}, 0,
    a.last_entry_at + r * INTERVAL '1 hour', CAST(%(spent_on)s AS date), 'spend:' || r, '{{}}',
    a.last_entry_at + r * INTERVAL '1 hour'
FROM loyalty_pointsaccount a, generate_series(1, %(times)s) r;

INSERT INTO loyalty_lotallocation (entry_id, lot_id, points)
SELECT e.id, l.id,
    -(LEAST((e.number - {LOTS}) * {_REDEMPTION}, l.until)
        - GREATEST((e.number - {LOTS} - 1) * {_REDEMPTION}, l.until - l.points))
FROM loyalty_pointsentry e
JOIN (
    SELECT id, account_id, points,
        SUM(points) OVER (PARTITION BY account_id ORDER BY expires_at, id) AS until
    FROM loyalty_pointslot
) l
    ON l.account_id = e.account_id
    AND l.until > (e.number - {LOTS} - 1) * {_REDEMPTION}
    AND l.until - l.points < (e.number - {LOTS}) * {_REDEMPTION}
WHERE e.kind = 'redeem';

UPDATE loyalty_pointslot SET remaining = loyalty_pointslot.points + x.points
FROM (SELECT lot_id, SUM(points) AS points FROM loyalty_lotallocation GROUP BY lot_id) x
WHERE x.lot_id = loyalty_pointslot.id;

UPDATE loyalty_pointsaccount
SET balance = balance - %(times)s * {_REDEMPTION}, entry_count = entry_count + %(times)s,
    last_entry_at = last_entry_at + %(times)s * INTERVAL '1 hour';
"""
_TABLES = (
    "members_member",
    "loyalty_pointsaccount",
    "loyalty_pointsentry",
    "loyalty_pointslot",
    "loyalty_expiryevidence",
)


def empty() -> None:
    """Take everything out; the triggers that this lifts come back with it."""
    drop_triggers(connection)
    call_command("flush", interactive=False, verbosity=0)


def build(members: int, *, first_end: date) -> PointType:
    """Books of so many members; a tenth of their lots end at the start of each of ten days.

    They hold 1,500 points and more, spendable at once, and were told of every end.
    """
    empty()
    kind, _growth = full_programme()
    EarningRule.objects.all().delete()
    earning_rule(kind)
    earned_on = first_end - timedelta(days=400)
    told_on = first_end - timedelta(days=1)
    _done("notify_expiring_points", told_on).save(force_insert=True)
    _insert(
        members=members,
        kind=kind.pk,
        nights=NIGHTS,
        joined_at=clock.start_of(earned_on),
        joined_on=earned_on,
        earned_at=clock.start_of(earned_on),
        earned_on=earned_on,
        first_end=clock.start_of(first_end),
        told_on=told_on,
        told_at=clock.start_of(told_on),
    )
    settle()
    return kind


def close_nights(step: str, *, before: date) -> None:
    """Note a step's nights as done: a floor notes none, and workers would catch them up first."""
    first = JobRun.objects.earliest("business_date").business_date
    JobRun.objects.bulk_create(
        (_done(step, first + timedelta(days=day)) for day in range((before - first).days)),
        ignore_conflicts=True,
    )


def _done(step: str, business_date: date) -> JobRun:
    cutoff = clock.cutoff(business_date)
    return JobRun(
        step=step,
        business_date=business_date,
        status=JobStatus.DONE,
        started_at=cutoff,
        finished_at=cutoff,
    )


def spend(times: int) -> None:
    """Let every member redeem so many times 150 points."""
    spent_on = PointsEntry.objects.values_list("business_date", flat=True)[0]
    _execute(_SPENDING, {"times": times, "spent_on": spent_on})
    settle()


def settle() -> None:
    """Leave nothing to autovacuum or to a checkpoint in the middle of a measurement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _insert(**params: int | date | datetime) -> None:
    _execute(_STATEMENTS, params)
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
            )


@transaction.atomic
def _execute(statements: str, params: Mapping[str, int | date | datetime]) -> None:
    with connection.cursor() as cursor:
        # The rows are right by construction: foreign keys are not looked up one by one.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements.split(";\n"):
            if statement.strip():
                cursor.execute(statement, params)
