"""Members are told before points expire, and points of which nobody was told are held."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from common import clock
from common.jobs.nights import run_nights
from common.models import JobRun, JobStatus
from loyalty.errors import LotNotHeld
from loyalty.jobs import expire_points, notify_expiring_points
from loyalty.models import ExpiryEvidence, PointsAccount, PointsEntry, PointsLot, PointType
from loyalty.services.expiry import waive_notice
from loyalty.services.points import earn_points
from members.models import Member, Notice
from members.notices import told
from tests.factories import MemberFactory, OperatorFactory

from .programmes import base_points, local
from .tampering import broken, overwrite

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 6, 1)
EARNED = local(2025, 1, 10, 12)


@pytest.fixture(autouse=True)
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(EARNED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def base() -> PointType:
    return base_points(expiry="never")


@pytest.fixture
def member(base: PointType) -> Member:
    return MemberFactory.create(joined_at=local(2024, 1, 1))


def earn(member: Member, points: int, ends_on: date, *, kind: PointType | None = None) -> PointsLot:
    """A lot that is valid through that day."""
    key = f"e{PointsEntry.objects.count()}"
    entry = earn_points(member=member, points=points, key=key, point_type=kind)
    overwrite(entry.lot, expires_at=clock.start_of(ends_on + timedelta(days=1)))
    return PointsLot.objects.get(pk=entry.lot.pk)


def tell(night: date = NIGHT) -> dict[str, int]:
    counts = notify_expiring_points(night, 1, 10**9)
    now = clock.now()
    JobRun.objects.get_or_create(
        step="notify_expiring_points",
        business_date=night,
        defaults={"status": JobStatus.DONE, "started_at": now, "finished_at": now},
    )
    return counts


def expire(night: date = NIGHT) -> dict[str, int]:
    return expire_points(night, 1, 10**9)


def notices() -> list[tuple[str, int, int]]:
    rows = Notice.objects.order_by("pk").values_list("params", flat=True)
    return [(row["last_day"], row["days"], row["points"]) for row in rows]


def balance(member: Member) -> int:
    return PointsAccount.objects.get(member=member).balance


@pytest.mark.parametrize(
    ("days_left", "period"),
    [(0, None), (1, 1), (2, 7), (7, 7), (8, 30), (30, 30), (31, None)],
)
def test_tells_at_30_7_and_1_days(member: Member, days_left: int, period: int | None) -> None:
    last_day = NIGHT + timedelta(days=days_left - 1)
    earn(member, 120, last_day)
    counts = tell()
    expected = [(last_day.isoformat(), period, 120)] if period else []
    assert notices() == expected
    assert counts == {"notices": len(expected), "lots": len(expected)}


def test_tells_once_for_all_lots_of_a_day_and_records_each(member: Member) -> None:
    day, other = date(2025, 6, 7), date(2025, 6, 20)
    lots = [earn(member, 100, day), earn(member, 50, day), earn(member, 7, other)]
    assert tell() == {"notices": 2, "lots": 3}
    assert sorted(notices()) == [("2025-06-07", 7, 150), ("2025-06-20", 30, 7)]
    evidence = ExpiryEvidence.objects.order_by("lot_id")
    assert list(evidence.values_list("lot_id", "business_date", "waiver", "expires_at")) == [
        (lot.pk, NIGHT, "", lot.expires_at) for lot in lots
    ]
    assert {row.notice.key for row in evidence if row.notice} == {
        "expiring:base:2025-06-07:7",
        "expiring:base:2025-06-20:30",
    }


def test_changes_nothing_when_run_again(member: Member) -> None:
    earn(member, 100, date(2025, 6, 7))
    tell()
    assert tell() == {"notices": 0, "lots": 0}
    assert (Notice.objects.count(), ExpiryEvidence.objects.count()) == (1, 1)


def test_tells_again_at_each_period_only(member: Member) -> None:
    earn(member, 100, date(2025, 6, 30))
    for offset in range(31):
        tell(NIGHT + timedelta(days=offset))
    assert [days for _, days, _ in notices()] == [30, 7, 1]
    nights = Notice.objects.order_by("pk").values_list("business_date", flat=True)
    assert list(nights) == [date(2025, 6, 1), date(2025, 6, 24), date(2025, 6, 30)]
    assert ExpiryEvidence.objects.get().business_date == date(2025, 6, 1)


def test_tells_nothing_of_what_is_spent_or_lasts(member: Member) -> None:
    overwrite(earn(member, 100, date(2025, 6, 7)), remaining=0)
    earn_points(member=member, points=5, key="for ever")
    assert tell() == {"notices": 0, "lots": 0}


def test_tells_each_member_of_a_range_of_their_own(member: Member) -> None:
    other = MemberFactory.create()
    earn(member, 100, date(2025, 6, 7))
    earn(other, 30, date(2025, 6, 7))
    counts = notify_expiring_points(NIGHT, member.pk, member.pk)
    assert counts == {"notices": 1, "lots": 1}
    assert Notice.objects.get().member == member


def test_speaks_of_other_kinds_by_name(member: Member) -> None:
    stars = PointType.objects.create(
        code="stars", name_en='"Gold" stars', name_zh="金星", is_spendable=True
    )
    earn(member, 1, date(2025, 6, 7), kind=stars)
    tell()
    text = told(Notice.objects.get()).text
    assert text.title == "1 point expires soon"
    assert text.body == (
        '"Gold" stars: their last valid day is Jun 7, 2025. '
        "After it they are gone: spend them by then."
    )
    with translation.override("zh-hans"):
        assert told(Notice.objects.get()).text.body.startswith("金星")


def test_reads_in_both_languages(member: Member) -> None:
    earn(member, 1200, date(2025, 6, 7))
    tell()
    notice = Notice.objects.get()
    assert told(notice).text.title == "1,200 points expire soon"
    assert told(notice).text.body.startswith("Their last valid day is Jun 7, 2025.")
    with translation.override("zh-hans"):
        assert "1,200" in told(notice).text.title
        assert "2025年6月7日" in told(notice).text.body


@pytest.mark.parametrize("periods", [[], [0], [-1, 30]])
def test_refuses_periods_that_tell_nothing(settings: Any, periods: list[int]) -> None:
    settings.EXPIRY_NOTICE_DAYS = periods
    with pytest.raises(ImproperlyConfigured, match="EXPIRY_NOTICE_DAYS"):
        tell()


# What may expire


def test_expires_what_was_told_on_an_earlier_night(member: Member) -> None:
    earn(member, 100, date(2025, 6, 1))
    tell(date(2025, 6, 1))
    counts = expire(date(2025, 6, 2))
    assert counts == {"members": 1, "lots": 1, "points": 100}
    assert balance(member) == 0


def test_holds_what_was_told_on_the_same_night(member: Member) -> None:
    lot = earn(member, 100, date(2025, 6, 1))
    tell(date(2025, 5, 31))
    overwrite(ExpiryEvidence.objects.get(lot=lot), business_date=date(2025, 6, 2))
    counts = expire(date(2025, 6, 2))
    assert counts == {"members": 0, "lots": 0, "points": 0, "held": 1}
    assert balance(member) == 100


def test_holds_what_nobody_was_told_of_and_takes_the_rest(member: Member) -> None:
    tell(date(2025, 5, 1))
    held, told_of = earn(member, 40, date(2025, 6, 1)), earn(member, 60, date(2025, 6, 2))
    tell(date(2025, 6, 2))
    counts = expire(date(2025, 6, 3))
    assert counts == {"members": 1, "lots": 1, "points": 60, "held": 1}
    assert balance(member) == 40
    assert list(ExpiryEvidence.objects.held_lots(clock.cutoff(date(2025, 6, 3)))) == [held]
    assert not ExpiryEvidence.objects.held_lots(clock.cutoff(date(2025, 6, 1))).exists()
    assert ExpiryEvidence.objects.get().lot == told_of


def test_holds_a_lot_that_was_given_another_date(member: Member) -> None:
    lot = earn(member, 100, date(2025, 6, 20))
    tell(date(2025, 6, 1))
    overwrite(lot, expires_at=clock.start_of(date(2025, 6, 2)))
    assert expire(date(2025, 6, 2))["held"] == 1
    assert expire(date(2025, 6, 21))["held"] == 1
    assert balance(member) == 100


@pytest.mark.parametrize(("is_waived", "left"), [(True, 0), (False, 100)])
def test_waives_the_first_night_if_the_setting_says_so(
    member: Member, settings: Any, is_waived: bool, left: int
) -> None:
    settings.NIGHTLY_WAIVES_FIRST_EXPIRY = is_waived
    lot = earn(member, 100, date(2025, 5, 31))
    assert ("held" in expire(NIGHT)) is not is_waived
    assert balance(member) == left
    evidence = ExpiryEvidence.objects.filter(lot=lot)
    waivers = list(evidence.values_list("waiver", "business_date", "notice"))
    assert waivers == ([("first_night", NIGHT, None)] if is_waived else [])


def test_waives_nothing_on_the_second_night(member: Member) -> None:
    tell(NIGHT - timedelta(days=1))
    earn(member, 100, date(2025, 5, 30))
    assert expire(NIGHT) == {"members": 0, "lots": 0, "points": 0, "held": 1}


@pytest.mark.parametrize(("microseconds", "is_waived"), [(-1, False), (0, False), (1, True)])
def test_waives_what_was_recorded_after_the_last_notice(
    member: Member, microseconds: int, is_waived: bool
) -> None:
    tell(date(2025, 5, 1))
    lot = earn(member, 100, date(2025, 5, 31))
    last_told = clock.cutoff(NIGHT - timedelta(days=1))
    overwrite(lot.entry, recorded_at=last_told + timedelta(microseconds=microseconds))
    assert ("held" in expire(NIGHT)) is not is_waived
    assert balance(member) == (0 if is_waived else 100)
    waivers = list(ExpiryEvidence.objects.values_list("waiver", flat=True))
    assert waivers == (["short"] if is_waived else [])


def test_a_longer_shortest_period_waives_more(member: Member, settings: Any) -> None:
    settings.EXPIRY_NOTICE_DAYS = [30, 7]
    tell(date(2025, 5, 1))
    lot = earn(member, 100, date(2025, 5, 31))
    overwrite(lot.entry, recorded_at=clock.cutoff(date(2025, 5, 25)) + timedelta(hours=1))
    assert "held" not in expire(NIGHT)


# By nights


def history(traveller: time_machine.Traveller, *nights: date) -> None:
    """Each of these nights at one in the morning, in order."""
    for night in nights:
        traveller.move_to(clock.start_of(night) + timedelta(hours=1))
        run_nights(night)


@pytest.fixture
def nights_of_points(settings: Any) -> None:
    """Nights of this floor's steps only, in the product's order: the others leave lots alone."""
    settings.NIGHTLY_STEPS = [path for path in settings.NIGHTLY_STEPS if path.startswith("loyalty")]


@pytest.mark.usefixtures("nights_of_points")
def test_a_lots_life_by_nights(
    member: Member, base: PointType, traveller: time_machine.Traveller
) -> None:
    PointType.objects.filter(pk=base.pk).update(expiry="1M")
    traveller.move_to(local(2025, 3, 1, 12))
    earn_points(member=member, points=120, key="e", point_type=PointType.objects.base())
    first = date(2025, 3, 2)
    history(traveller, *(first + timedelta(days=offset) for offset in range(31)))
    # Valid through 1 April: told 30, 7 and 1 days before its end, gone on the night after.
    days = Notice.objects.order_by("pk").values_list("business_date", flat=True)
    assert list(days) == [date(2025, 3, 3), date(2025, 3, 26), date(2025, 4, 1)]
    assert balance(member) == 120
    history(traveller, date(2025, 4, 2))
    assert balance(member) == 0
    assert broken() == {}


@pytest.mark.usefixtures("nights_of_points")
def test_nights_caught_up_in_one_go_tell_before_they_expire(
    member: Member, traveller: time_machine.Traveller
) -> None:
    lot = earn(member, 100, date(2025, 6, 3))
    history(traveller, date(2025, 5, 1), date(2025, 6, 5))
    assert balance(member) == 0
    evidence = ExpiryEvidence.objects.get(lot=lot)
    assert (evidence.waiver, evidence.business_date) == ("", date(2025, 5, 5))
    expired = PointsEntry.objects.get(kind="expire")
    assert expired.business_date == date(2025, 6, 4)
    assert JobRun.objects.get(step="expire_points", business_date=date(2025, 6, 4)).counts == {
        "members": 1,
        "lots": 1,
        "points": 100,
    }
    assert broken() == {}


# An operator's word


@pytest.fixture
def held(member: Member, traveller: time_machine.Traveller) -> PointsLot:
    """A lot of 100 that the night of 1 June held."""
    tell(date(2025, 5, 1))
    lot = earn(member, 100, date(2025, 5, 31))
    traveller.move_to(clock.cutoff(NIGHT) + timedelta(hours=1))
    assert expire(NIGHT)["held"] == 1
    return lot


def test_an_operator_lets_the_next_night_take_held_points(held: PointsLot, member: Member) -> None:
    operator = OperatorFactory()
    evidence = waive_notice(lot=held, operator=operator)
    assert (evidence.waiver, evidence.operator, evidence.notice) == ("operator", operator, None)
    assert waive_notice(lot=held, operator=operator) == evidence
    assert balance(member) == 100
    assert expire(NIGHT + timedelta(days=1))["points"] == 100
    assert broken() == {}


def test_refuses_to_waive_for_a_lot_that_is_not_held(member: Member, held: PointsLot) -> None:
    operator = OperatorFactory()
    lots = [
        earn(member, 1, NIGHT),
        earn_points(member=member, points=1, key="for ever").lot,
        earn(member, 1, date(2025, 6, 9)),
    ]
    tell()
    overwrite(held, remaining=0)
    for lot in [*lots, held]:
        with pytest.raises(LotNotHeld):
            waive_notice(lot=lot, operator=operator)
    assert not ExpiryEvidence.objects.filter(waiver="operator").exists()
