"""A member asks to be erased and has seven full days to think again."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common.errors import DomainError
from common.integrity import broken_constraint
from members.jobs import erase_members
from members.models import ErasureRequest, Member, Notice
from members.notices import told
from members.services.erasure import (
    cancel_erasure,
    erase_at_once,
    erase_member,
    request_erasure,
)
from tests.factories import MemberFactory, OperatorFactory, member_with_login
from tests.loyalty.programmes import local

pytestmark = pytest.mark.django_db

EVERYONE = (1, 10**9)
NOON = local(2025, 3, 14, 12)


@pytest.fixture
def member(time_machine: Any) -> Member:
    time_machine.move_to(NOON)
    return member_with_login()


@pytest.fixture
def signed_in(client: Client, member: Member) -> Client:
    assert member.user is not None
    client.force_login(member.user, backend="members.adapters.LoginBackend")
    return client


def ask(member: Member, key: str = "k", at: datetime = NOON, **more: Any) -> ErasureRequest:
    return request_erasure(member=member, key=key, now=at, **more)


@pytest.mark.parametrize(
    ("at", "last_day"),
    [
        (local(2025, 3, 14, 0), date(2025, 3, 21)),
        (local(2025, 3, 14, 23, 59), date(2025, 3, 21)),
        (local(2025, 3, 15, 0), date(2025, 3, 22)),
        (local(2024, 2, 22, 12), date(2024, 2, 29)),
    ],
)
def test_seven_full_days_follow(member: Member, at: datetime, last_day: date) -> None:
    assert ask(member, at=at).last_day == last_day


def test_a_setting_says_how_many(member: Member, settings: Any) -> None:
    settings.ERASURE_COOLING_DAYS = 14
    assert ask(member).last_day == date(2025, 3, 28)


def test_the_night_after_the_last_day_erases(member: Member) -> None:
    ask(member)
    assert erase_members(date(2025, 3, 21), *EVERYONE) == {"erased": 0}
    assert erase_members(date(2025, 3, 22), *EVERYONE) == {"erased": 1}
    member.refresh_from_db()
    assert (member.status, member.phone) == ("closed", None)


def test_only_members_of_the_range_are_erased(member: Member) -> None:
    ask(member)
    assert erase_members(date(2025, 3, 22), member.pk + 1, 10**9) == {"erased": 0}
    assert erase_members(date(2025, 3, 22), 1, member.pk - 1) == {"erased": 0}
    assert erase_members(date(2025, 3, 22), member.pk, member.pk) == {"erased": 1}


def test_a_missed_night_is_caught_up(member: Member) -> None:
    ask(member)
    assert erase_members(date(2025, 5, 1), *EVERYONE) == {"erased": 1}


def test_asking_again_changes_nothing(member: Member) -> None:
    first = ask(member)
    assert ask(member) == ask(member, key="another tap") == first
    assert (ErasureRequest.objects.count(), Notice.objects.count()) == (1, 1)


def test_the_member_is_told(member: Member) -> None:
    ask(member)
    text = told(Notice.objects.get()).text
    assert text.title == "Your account will be erased after Mar 21, 2025"


def test_it_can_be_taken_back_and_asked_again(member: Member) -> None:
    first = cancel_erasure(request=ask(member), now=NOON)
    assert cancel_erasure(request=first, now=local(2025, 3, 15)).cancelled_at == NOON
    assert erase_members(date(2025, 3, 22), *EVERYONE) == {"erased": 0}
    assert ask(member, key="again") != first


def test_taken_back_late_it_still_counts_while_the_night_has_not_come(member: Member) -> None:
    request = ask(member)
    assert cancel_erasure(request=request, now=local(2025, 4, 1)).cancelled_at
    with pytest.raises(DomainError) as refused:
        erase_member(request=request)
    assert refused.value.code == "erasure_taken_back"


def test_what_is_done_cannot_be_taken_back(member: Member) -> None:
    request = erase_member(request=ask(member), now=NOON)
    with pytest.raises(DomainError) as refused:
        cancel_erasure(request=request)
    assert refused.value.code == "erasure_done"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_an_operator_says_why(member: Member, reason: str) -> None:
    with pytest.raises(DomainError) as refused:
        ask(member, operator=OperatorFactory.create(), reason=reason)
    assert refused.value.code == "erasure_reason_missing"
    assert ErasureRequest.objects.count() == 0


def test_an_operator_hears_of_a_request_that_waits(member: Member) -> None:
    ask(member)
    with pytest.raises(DomainError) as refused:
        ask(member, key="op", operator=OperatorFactory.create(), reason="By letter")
    assert refused.value.code == "erasure_asked"
    assert "after March 21, 2025" in str(refused.value)


def test_an_operator_may_do_it_at_once(member: Member) -> None:
    operator = OperatorFactory.create()
    request = erase_at_once(
        member=member, operator=operator, reason="By letter", key="op", now=NOON
    )
    assert (request.operator, request.erased_at) == (operator, NOON)
    assert ErasureRequest.objects.get().reason == ""


def test_at_once_carries_out_what_waits(member: Member) -> None:
    waiting = ask(member)
    done = erase_at_once(
        member=member, operator=OperatorFactory.create(), reason="Now", key="op", now=NOON
    )
    assert (done, done.operator) == (waiting, None)


def test_a_closed_membership_is_refused(member: Member) -> None:
    Member.objects.update(status="closed")
    with pytest.raises(DomainError) as refused:
        ask(member)
    assert refused.value.code == "member_closed"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"key": "k"}, "erasure_once_per_key"),
        ({"key": "other"}, "erasure_one_at_a_time"),
        ({"key": "o", "reason": "why"}, "erasure_reason_is_an_operators"),
        ({"key": "o", "cancelled_at": NOON, "erased_at": NOON}, "erasure_taken_back_or_done"),
        ({"key": "o", "swept_at": NOON}, "erasure_swept_after_it"),
    ],
)
def test_the_database_refuses(member: Member, values: dict[str, Any], constraint: str) -> None:
    whose = member if constraint.startswith(("erasure_once", "erasure_one")) else None
    asked = ask(member)
    if constraint == "erasure_once_per_key":
        cancel_erasure(request=asked)
    row = ErasureRequest(
        member=whose or MemberFactory.create(), asked_at=NOON, due_at=NOON, **values
    )
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
    assert broken_constraint(refused.value, ErasureRequest) == constraint


# --- The pages ---------------------------------------------------------------------------------


def page(client: Client, name: str) -> str:
    return client.get(reverse(name)).content.decode()


def test_the_page_asks_first(signed_in: Client) -> None:
    response = signed_in.post(reverse("erase"), {"key": "k"})
    assert response.status_code == 200
    assert "This field is required." in response.content.decode()
    assert ErasureRequest.objects.count() == 0


def test_every_page_tells_until_it_is_taken_back(signed_in: Client) -> None:
    pages = ("home", "points", "tier", "coupons", "rewards", "inbox", "me", "privacy", "help")
    assert not any("erasure-banner" in page(signed_in, name) for name in pages)
    signed_in.post(reverse("erase"), {"key": "k", "is_sure": "on"})
    for name in pages:
        assert "Your account will be erased after Mar 21, 2025" in page(signed_in, name), name
    assert "Through Mar 21, 2025 you can take that back" in page(signed_in, "erase")
    answer = signed_in.post(reverse("keep"), follow=True).content.decode()
    assert "You stay a member: nothing will be erased." in answer
    assert not any("erasure-banner" in page(signed_in, name) for name in pages)


def test_a_second_tap_asks_once(signed_in: Client) -> None:
    for _tap in range(2):
        signed_in.post(reverse("erase"), {"key": "k", "is_sure": "on"})
    assert ErasureRequest.objects.count() == 1


def test_nothing_to_keep_is_no_error(signed_in: Client) -> None:
    assert signed_in.post(reverse("keep")).status_code == 302


def test_another_member_keeps_their_own(signed_in: Client) -> None:
    request = ask(member_with_login())
    signed_in.post(reverse("keep"))
    request.refresh_from_db()
    assert request.cancelled_at is None
