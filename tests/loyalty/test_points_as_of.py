"""What a member held at an instant, rebuilt from the ledger alone."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common import clock
from common.errors import DomainError
from common.jobs.nights import run_nights
from loyalty.as_of import AccountAsOf, end_of, instant_of, points_as_of
from loyalty.errors import HappensInFuture
from loyalty.jobs import expire_points
from loyalty.models import PointsAccount, PointsEntry, PointsLot, PointType
from loyalty.services.adjustments import adjust_points
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import record_refund
from members.models import Member
from tests.factories import MemberFactory

from .ledgers import buy, give_back, healthy_ledger, new_member, programme
from .programmes import base_points, local, plain_programme

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)


def base_of(member: Member, at: datetime) -> AccountAsOf:
    accounts = points_as_of(member, at).accounts
    return next(held for held in accounts if held.account.point_type.code == PointType.BASE)


def figures(member: Member, at: datetime) -> tuple[int, int, int, int, int]:
    """Balance, debt, spendable, pending, ended."""
    held = base_of(member, at)
    return held.balance, held.debt, held.spendable, held.pending, held.ended


def cached(account: PointsAccount, at: datetime) -> dict[str, Any]:
    """What the caches say of an account now."""
    lots = account.lots.all()
    return {
        "balance": account.balance,
        "debt": account.debt,
        "spendable": lots.spendable(at).points_left(),
        "pending": lots.pending(at).points_left(),
        "lots": dict(lots.filter(remaining__gt=0).values_list("pk", "remaining")),
    }


def rebuilt(held: AccountAsOf) -> dict[str, Any]:
    return {
        "balance": held.balance,
        "debt": held.debt,
        "spendable": held.spendable,
        "pending": held.pending,
        "lots": {lot.lot.pk: lot.remaining for lot in held.lots},
    }


def test_equals_the_caches_for_now() -> None:
    healthy_ledger()
    now = clock.now()
    seen = 0
    for member in Member.objects.all():
        for held in points_as_of(member, now).accounts:
            account = PointsAccount.objects.get(pk=held.account.pk)
            assert rebuilt(held) == cached(account, now)
            assert not account.is_spendable or held.balance == (
                held.spendable + held.pending + held.ended
            )
            seen += 1
    assert seen == PointsAccount.objects.filter(entry_count__gt=0).count() > 4


def test_tells_the_story_again() -> None:
    """300 earned and held for 7 days, 100 spent, the purchase refunded, earned again."""
    programme()
    member = new_member()
    first = buy(member, "300.00", local(2024, 1, 10, 12))
    redemption = redeem_points(member=member, points=100, key="a", now=local(2024, 2, 1))
    give_back(first, "300.00", local(2024, 2, 5))
    restore_points(redemption=redemption, key="b", now=local(2024, 2, 6))
    assert not points_as_of(member, local(2024, 1, 10, 12) - INSTANT).accounts
    assert figures(member, local(2024, 1, 10, 12)) == (300, 0, 0, 300, 0)
    assert figures(member, local(2024, 1, 18) - INSTANT) == (300, 0, 0, 300, 0)
    assert figures(member, local(2024, 1, 18)) == (300, 0, 300, 0, 0)
    assert figures(member, local(2024, 2, 1)) == (200, 0, 200, 0, 0)
    assert figures(member, local(2024, 2, 5)) == (0, 100, 0, 0, 0)
    assert figures(member, local(2024, 2, 6)) == (0, 0, 0, 0, 0)


def test_tells_expired_points_that_no_night_had_booked() -> None:
    base_points(expiry="30D")
    member = new_member()
    earn_points(member=member, points=40, key="e", now=local(2024, 1, 10, 12))
    run_nights(date(2024, 2, 20))
    end = local(2024, 2, 10)
    assert figures(member, end - INSTANT) == (40, 0, 40, 0, 0)
    assert figures(member, end) == (40, 0, 0, 0, 40)
    assert figures(member, local(2024, 2, 20)) == (0, 0, 0, 0, 0)


def test_points_that_never_expire_stay(db: None) -> None:
    base_points()
    member = new_member()
    earn_points(member=member, points=40, key="e", now=local(2024, 1, 10))
    (lot,) = base_of(member, local(2099, 1, 1)).lots
    assert (lot.remaining, lot.expires_at) == (40, None)


@pytest.mark.parametrize("lots", [1, 10])
def test_needs_three_queries_whatever_is_held(lots: int) -> None:
    base_points()
    member = new_member()
    for number in range(lots):
        earn_points(member=member, points=10, key=f"{number}", now=local(2024, 1, 10))
    with CaptureQueriesContext(connection) as captured:
        points_as_of(member, clock.now())
    assert len(captured) == 4


# The instant that is meant

NOW = local(2025, 3, 14, 12)


@pytest.mark.parametrize(
    ("day", "at"),
    [
        (date(2025, 3, 13), local(2025, 3, 14) - INSTANT),
        (date(2025, 3, 14), NOW),
        (date(2024, 2, 29), local(2024, 3, 1) - INSTANT),
    ],
)
def test_a_day_means_its_last_instant_and_today_means_now(day: date, at: datetime) -> None:
    assert end_of(day, now=NOW) == at


def test_refuses_what_is_to_come() -> None:
    with pytest.raises(HappensInFuture):
        end_of(date(2025, 3, 15), now=NOW)
    with pytest.raises(HappensInFuture):
        instant_of(NOW + INSTANT, now=NOW)
    assert instant_of(datetime(2025, 3, 14, 12), now=NOW) == NOW  # noqa: DTZ001


# The command


@pytest.fixture
def anna() -> Member:
    base_points(holding="7D", expiry="12M")
    anna = MemberFactory(
        external_number="C-7",
        phone="+8613800138000",
        email="anna@example.com",
        joined_at=local(2024, 1, 1),
    )
    earn_points(member=anna, points=1200, key="e", now=local(2024, 3, 1, 12))
    redeem_points(member=anna, points=200, key="r", now=local(2024, 4, 1, 12))
    return anna


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("points_as_of", *arguments)
    return capsys.readouterr().out


def test_prints_a_table(anna: Member, capsys: pytest.CaptureFixture[str]) -> None:
    head, account, lot = asked(capsys, "C-7", "2024-04-01").splitlines()
    assert head == f"{anna.card_number}  王小明  2024-04-01 23:59:59 +0800"
    assert account == (
        "Points: balance 1,000, spendable 1,000, pending 0, expired, not booked 0, debt 0"
    )
    assert lot.split("  ")[-2:] == [
        "1,000 / 1,200",
        "spendable from 2024-03-09, valid through 2025-03-01",
    ]


def test_prints_json_for_an_instant(anna: Member, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(asked(capsys, "C-7", "2024-03-05T10:00", "--json"))
    lot = PointsLot.objects.get()
    assert report == {
        "member": anna.pk,
        "card_number": anna.card_number,
        "at": "2024-03-05T10:00:00+08:00",
        "accounts": [
            {
                "point_type": "base",
                "balance": 1200,
                "debt": 0,
                "spendable": 0,
                "pending": 1200,
                "ended": 0,
                "lots": [
                    {
                        "lot": lot.pk,
                        "entry": lot.entry_id,
                        "points": 1200,
                        "remaining": 1200,
                        "available_at": "2024-03-08T16:00:00+00:00",
                        "expires_at": "2025-03-01T16:00:00+00:00",
                    }
                ],
            }
        ],
    }


def test_says_when_there_was_nothing(anna: Member, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "C-7", "2024-02-28").splitlines()[1:] == ["No points yet."]


@pytest.mark.parametrize(
    "name", ["card", "C-7", "+86 138 0013 8000", "13800138000", "Anna@example.com", "id"]
)
def test_finds_the_member_by(name: str, anna: Member, capsys: pytest.CaptureFixture[str]) -> None:
    text = {"card": anna.card_number, "id": str(anna.pk)}.get(name, name)
    assert asked(capsys, text, "2024-04-01").startswith(anna.card_number)


@pytest.mark.parametrize(
    ("member", "day", "words"),
    [
        ("C-8", "2024-04-01", "There is no member “C-8”."),
        ("9" * 30, "2024-04-01", "There is no member"),
        ("C-7", "yesterday", "“yesterday” is no day and no instant: write 2025-03-31"),
        ("C-7", "2024-02-30", "is no day and no instant"),
        ("C-7", "0001-01-01T00:00+14:00", "is no day and no instant"),
        ("C-7", "2999-01-01", "This lies in the future"),
        ("C-7", "2999-01-01T00:00Z", "This lies in the future"),
    ],
)
def test_refuses_in_words(member: str, day: str, words: str, anna: Member) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("points_as_of", member, day)


def test_asks_which_of_two_is_meant(anna: Member) -> None:
    MemberFactory(external_number="+8613800138000")
    with pytest.raises(CommandError, match="names several members"):
        call_command("points_as_of", "+8613800138000", "2024-04-01")


# Any history: asked for any moment afterwards, the answer is what the caches said then


class AnyHistory(TestCase):
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["earn", "redeem", "adjust", "refund", "restore", "night"]),
                st.integers(1, 120),
                st.integers(0, 40),
            ),
            min_size=3,
            max_size=10,
        )
    )
    @settings(max_examples=40, deadline=None, phases=[Phase.generate])
    def test_gives_what_the_caches_said_then(self, deeds: list[tuple[str, int, int]]) -> None:
        plain_programme(holding="7D", expiry="30D")
        member = new_member()
        at, said = local(2024, 1, 5, 12), []
        for number, (deed, points, days) in enumerate(deeds):
            at += timedelta(days=days, hours=1)
            act(member, deed, points, number, at)
            account = PointsAccount.objects.filter(member=member).first()
            if account:
                said.append((at, open_then(cached(account, at), at)))
        for then, expected in said:
            # A night books what had ended at its cutoff, which may lie before this instant.
            assert open_then(rebuilt(base_of(member, then)), then) == expected


def open_then(figures: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The figures without points that had ended by then, booked or not."""
    ended = set(PointsLot.objects.filter(expires_at__lte=at).values_list("pk", flat=True))
    left = {pk: points for pk, points in figures["lots"].items() if pk not in ended}
    return {**figures, "lots": left, "balance": sum(left.values())}


def act(member: Member, deed: str, points: int, number: int, at: datetime) -> None:
    """One deed, or its refusal."""
    key = f"{number}"
    try:
        match deed:
            case "earn":
                earn_points(member=member, points=points, key=key, now=at)
            case "redeem":
                redeem_points(member=member, points=points, key=key, now=at)
            case "adjust":
                signed = points if points % 2 else -points
                adjust_points(member=member, points=signed, key=key, reason="Why", now=at)
            case "refund":
                record_refund(
                    source="till",
                    external_id=key,
                    at=at,
                    amount=Decimal(points),
                    member=member,
                    now=at,
                )
            case "restore":
                redemption = PointsEntry.objects.filter(kind="redeem").latest("pk")
                restore_points(redemption=redemption, key=key, now=at)
            case "night":
                expire_points(clock.business_date(at), member.pk, member.pk)
    except (DomainError, PointsEntry.DoesNotExist):
        return
