"""An operator gives points that are out another validity: previewed, then applied and logged."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from common.jobs.ranges import Outcome
from common.periods import PeriodError
from loyalty.errors import (
    KeyReused,
    NotSpendable,
    RedateDatesReversed,
    RedateFindsNothing,
    RedateNotPreviewed,
    RedatePreviewTooOld,
    RedateReasonMissing,
    RedateUnderWay,
)
from loyalty.jobs import expire_points, notify_expiring_points
from loyalty.models import ExpiryEvidence, LotChange, PointsLot, PointType, RedateRange, RedateRun
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.redating.applying import REDATING, redate_lots
from loyalty.services.redating.runs import confirm_redating, resume_redating, withdraw_redating
from members.models import Member
from tests.factories import MemberFactory

from .ledgers import buy, lots_of, new_member
from .programmes import base_points, growth_points, local, plain_programme
from .redatings import lines, preview, redate
from .reviews import EVERYONE
from .tampering import broken

pytestmark = pytest.mark.django_db

EARNED = local(2025, 1, 10, 12)
TODAY = local(2025, 6, 1, 9)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def holder(*points: int, at: datetime = EARNED, **who: Any) -> Member:
    member = MemberFactory.create(joined_at=who.pop("joined_at", local(2024, 1, 1)), **who)
    for number, count in enumerate(points):
        earn_points(member=member, points=count, key=f"e{number}", now=at)
    return member


def ends(member: Member) -> list[datetime | None]:
    return [lot.expires_at for lot in lots_of(member)]


# What is foreseen


def test_foresees_lots_members_and_points_by_old_and_new_day() -> None:
    base_points(expiry="12M")
    holder(100, 20)
    holder(7)
    holder(5, at=local(2025, 2, 10))
    run = preview("24M")
    assert run.status == "previewed"
    assert {name: run.preview[name] for name in ("lots", "members", "points", "clamped")} == {
        "lots": 4,
        "members": 3,
        "points": 132,
        "clamped": 0,
    }
    assert lines(run.preview) == [
        ("2026-01-10", "2027-01-10", 3, 2, 127),
        ("2026-02-10", "2027-02-10", 1, 1, 5),
    ]
    assert not LotChange.objects.exists()
    assert set(PointsLot.objects.values_list("redated_to", flat=True)) == {""}


@pytest.mark.parametrize(
    ("choice", "points"),
    [
        ({"only_policy": "12m"}, 30),
        ({"only_policy": "6M"}, 5),
        ({"earned_from": date(2025, 1, 10)}, 35),
        ({"earned_from": date(2025, 1, 11)}, 25),
        ({"earned_until": date(2025, 1, 10)}, 10),
        ({"earned_from": date(2025, 2, 10), "earned_until": date(2025, 2, 10)}, 20),
    ],
)
def test_means_lots_of_one_validity_or_days_of_earning(choice: dict[str, Any], points: int) -> None:
    kind = base_points(expiry="12M")
    holder(10)
    holder(20, at=local(2025, 2, 10, 23, 59))
    PointType.objects.filter(pk=kind.pk).update(expiry="6M")
    holder(5, at=local(2025, 3, 1))
    assert preview("24M", **choice).preview["points"] == points


def test_counts_from_the_day_of_the_purchase() -> None:
    plain_programme(expiry="12M")
    member = new_member()
    with time_machine.travel(local(2025, 3, 1), tick=False):
        buy(member, "40.00", local(2025, 1, 10))
    redate("12M/month")
    assert ends(member) == [local(2026, 2, 1)]


def test_leaves_alone_what_a_restore_opened_and_what_has_ended_or_gone() -> None:
    base_points(expiry="6M")
    member = holder(100, 50)
    redemption = redeem_points(member=member, points=100, key="r", now=local(2025, 5, 1))
    late = local(2025, 7, 1)
    restore_points(redemption=redemption, points=30, key="back", now=late)
    holder(9, at=local(2024, 11, 1))
    run = preview("12M", now=late)
    assert (run.preview["lots"], run.preview["points"]) == (1, 50)


ENDS = [
    # A longer validity, and one that ends sooner but not too soon.
    ("24M", (2026, 1, 10), (2027, 1, 10)),
    ("never", (2026, 1, 10), None),
    ("@12-31", (2026, 1, 10), (2025, 12, 31)),
    ("@06-10>30D", (2026, 1, 10), (2025, 7, 1)),
    ("6M", (2026, 1, 10), (2025, 7, 10)),
    # On the day that leaves 30 days, a day before it, and long ago: never before it.
    ("172D", (2026, 1, 10), (2025, 7, 1)),
    ("171D", (2026, 1, 10), (2025, 7, 1)),
    ("1M", (2026, 1, 10), (2025, 7, 1)),
    # What ends sooner than that already stays as it is.
    ("1M", (2025, 6, 20), (2025, 6, 20)),
    ("6M", (2025, 6, 20), (2025, 7, 10)),
    ("inactive 6M", (2025, 6, 20), (2025, 7, 10)),
    ("6M", None, (2025, 7, 10)),
    ("1M", None, (2025, 7, 1)),
]


@pytest.mark.parametrize(("expiry", "before", "after"), ENDS)
def test_never_ends_points_before_their_members_can_be_told(
    expiry: str, before: tuple[int, int, int] | None, after: tuple[int, int, int] | None
) -> None:
    base_points(expiry="12M")
    member = holder(10)
    end = local(*before) + timedelta(days=1) if before else None
    PointsLot.objects.update(expires_at=end)
    run = redate(expiry)
    assert ends(member) == [local(*after) + timedelta(days=1) if after else None]
    is_clamped = expiry in ("171D", "1M", "@06-10>30D")
    assert run.preview["clamped"] == int(is_clamped)


# What is applied


def test_gives_lots_their_new_ends_and_logs_each() -> None:
    base_points(expiry="12M")
    member = holder(100, 20)
    redeem_points(member=member, points=30, key="r", now=TODAY)
    run = redate("24M")
    assert run.status == "done"
    assert lines(run.applied) == lines(run.preview) == [("2026-01-10", "2027-01-10", 2, 1, 90)]
    lot = lots_of(member)[0]
    assert (lot.expires_at, lot.expiry, lot.redated_to) == (local(2027, 1, 11), "12M", "24M")
    change = LotChange.objects.get(lot=lot)
    assert (change.field, change.cause, change.run, change.operator) == (
        "expires_at",
        "redated",
        run,
        run.operator,
    )
    assert (change.before, change.after) == (local(2026, 1, 11), local(2027, 1, 11))
    assert (change.points, change.at, change.after_entry) == (70, TODAY, 3)
    assert broken() == {}


def test_changes_each_lot_once_however_often_a_range_is_done() -> None:
    base_points(expiry="12M")
    holder(100)
    run = redate("24M")
    assert redate_lots(run, 1, EVERYONE) == {"lots": 0, "members": 0, "points": 0}
    (row,) = run.ranges.all()
    assert REDATING.work_on_range(row.pk) is Outcome.NOT_OURS
    assert LotChange.objects.count() == 1


def test_is_done_in_ranges_of_members(settings: Any) -> None:
    settings.NIGHTLY_RANGE_SIZE = 2
    base_points(expiry="12M")
    for points in (1, 2, 3, 4, 5):
        holder(points)
    run = redate("24M")
    assert (run.ranges_total, run.ranges_done) == (3, 3)
    assert [row.counts["points"] for row in run.ranges.order_by("number")] == [3, 7, 5]
    assert (run.applied["members"], run.applied["points"]) == (5, 15)


def test_redates_by_the_anniversary_of_each_member() -> None:
    base_points(expiry="12M")
    leap = holder(10, joined_at=local(2024, 2, 29))
    march = holder(10, joined_at=local(2024, 3, 15))
    redate("anniversary")
    # The member of 29 February: through 28 February 2025, which is gone; so 30 days are left.
    assert ends(leap) == [local(2025, 7, 2)]
    assert ends(march) == [local(2025, 7, 2)]
    redate("anniversary>12M", key="again", now=TODAY)
    assert ends(leap) == [local(2026, 3, 1)]
    assert ends(march) == [local(2026, 3, 15)]
    assert broken() == {}


def test_follows_activity_from_then_on_and_stops_when_redated_again() -> None:
    plain_programme(expiry="12M")
    member = new_member()
    buy(member, "40.00", EARNED)
    redate("inactive 6M")
    assert ends(member) == [local(2025, 7, 11)]
    redeem_points(member=member, points=1, key="r", now=TODAY)
    assert ends(member) == [local(2025, 12, 2)]
    redate("12M", key="back")
    with time_machine.travel(local(2025, 6, 2), tick=False):
        redeem_points(member=member, points=1, key="s")
    assert ends(member) == [local(2026, 1, 11)]
    assert broken() == {}


def test_a_new_end_needs_evidence_of_its_own(settings: Any) -> None:
    settings.NIGHTLY_WAIVES_FIRST_EXPIRY = False
    base_points(expiry="12M")
    member = holder(10)
    PointsLot.objects.update(expires_at=local(2025, 6, 11))
    notify_expiring_points(date(2025, 6, 2), 1, EVERYONE)
    redate("6M")
    assert ends(member) == [local(2025, 7, 11)]
    assert expire_points(date(2025, 7, 12), 1, EVERYONE)["points"] == 0
    notify_expiring_points(date(2025, 7, 1), 1, EVERYONE)
    told = ExpiryEvidence.objects.order_by("id").values_list("expires_at", flat=True)
    assert list(told) == [local(2025, 6, 11), local(2025, 7, 11)]
    assert expire_points(date(2025, 7, 13), 1, EVERYONE)["points"] == 10
    assert broken() == {}


# The way of a run


def test_the_same_key_gives_the_first_run_back() -> None:
    base_points(expiry="12M")
    holder(10)
    assert preview("24M") == preview("24M")
    with pytest.raises(KeyReused):
        preview("36M")


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        ({"expiry": "12M"}, RedateFindsNothing),
        ({"expiry": "24M", "reason": "  "}, RedateReasonMissing),
        ({"expiry": "0D"}, PeriodError),
        ({"expiry": "soon"}, PeriodError),
        ({"expiry": "24M", "only_policy": "soon"}, PeriodError),
        (
            {"expiry": "24M", "earned_from": date(2025, 2, 2), "earned_until": date(2025, 2, 1)},
            RedateDatesReversed,
        ),
    ],
)
def test_refuses_what_cannot_be_meant(choice: dict[str, Any], refusal: type[Exception]) -> None:
    base_points(expiry="12M")
    holder(10)
    with pytest.raises(refusal):
        preview(**choice)
    assert not RedateRun.objects.exists()


def test_refuses_kinds_that_have_no_lots() -> None:
    base_points()
    with pytest.raises(NotSpendable):
        preview("24M", point_type=growth_points())


def test_confirming_again_changes_nothing() -> None:
    base_points(expiry="12M")
    holder(10)
    run = redate("24M")
    assert confirm_redating(run=run).status == "done"
    assert RedateRange.objects.count() == 1


def test_a_preview_of_another_day_is_not_applied() -> None:
    base_points(expiry="12M")
    holder(10)
    run = preview("24M")
    with pytest.raises(RedatePreviewTooOld):
        confirm_redating(run=run, now=local(2025, 6, 2))


def test_a_withdrawn_preview_is_not_applied() -> None:
    base_points(expiry="12M")
    holder(10)
    run = withdraw_redating(run=preview("24M"))
    assert withdraw_redating(run=run).status == "withdrawn"
    with pytest.raises(RedateNotPreviewed):
        confirm_redating(run=run)


def test_one_run_of_a_kind_at_a_time() -> None:
    base_points(expiry="12M")
    holder(10)
    first = confirm_redating(run=preview("24M"))
    second = preview("36M", key="second")
    with pytest.raises(RedateUnderWay):
        confirm_redating(run=second)
    with pytest.raises(RedateNotPreviewed):
        withdraw_redating(run=first)


def test_workers_are_sent_each_range_until_it_is_done() -> None:
    base_points(expiry="12M")
    holder(10)
    run = confirm_redating(run=preview("24M"))
    sent: list[int] = []
    REDATING.send_due(send=sent.append)
    REDATING.send_due(send=sent.append)
    (row,) = run.ranges.all()
    assert sent == [row.pk]
    with time_machine.travel(TODAY + timedelta(minutes=4), tick=False):
        REDATING.send_due(send=sent.append)
    assert sent == [row.pk, row.pk]
    assert REDATING.work_on_range(row.pk) is Outcome.DONE
    REDATING.send_due(send=sent.append)
    assert sent == [row.pk, row.pk]


def test_stops_when_a_range_fails_three_times_and_can_be_resumed(capsys: Any) -> None:
    base_points(expiry="12M")
    member = holder(10)
    run = confirm_redating(run=preview("24M"))
    RedateRun.objects.filter(pk=run.pk).update(expiry="nonsense")
    (row,) = run.ranges.all()
    outcomes = [REDATING.work_on_range(row.pk) for _ in range(4)]
    assert outcomes == [Outcome.FAILED] * 3 + [Outcome.NOT_OURS]
    run.refresh_from_db()
    row.refresh_from_db()
    assert (run.status, "PeriodError" in row.error) == ("failed", True)
    RedateRun.objects.filter(pk=run.pk).update(expiry="24M")
    assert resume_redating(run=run).status == "applying"
    call_command("redate_lots", str(run.pk))
    assert "1 lots of 1 members with 10 points were re-dated." in capsys.readouterr().out
    assert ends(member) == [local(2027, 1, 11)]


def test_the_command_says_what_there_is_to_do(capsys: Any) -> None:
    base_points(expiry="12M")
    holder(10)
    call_command("redate_lots")
    assert "No re-date run waits" in capsys.readouterr().out
    run = preview("24M")
    for number in (run.pk, run.pk + 1):
        with pytest.raises(CommandError):
            call_command("redate_lots", str(number))
    confirm_redating(run=run)
    call_command("redate_lots")
    assert "1 lots of 1 members" in capsys.readouterr().out
