"""A member is erased: nothing that tells who they were is left, and the books stay right."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from time_machine import travel

from benefits.models import BirthdayGrant, Coupon, Reward, RewardOrder
from common.jobs.nights import run_nights
from loyalty.errors import InsufficientPoints
from loyalty.models import (
    AdjustmentRequest,
    PointsAccount,
    PointsEntry,
    Purchase,
    StagedInvoice,
    Standing,
    TierOverride,
)
from loyalty.services.points import redeem_points
from loyalty.services.purchases import record_refund
from members.jobs import erase_members
from members.models import (
    Consent,
    ErasureRequest,
    Member,
    MemberTag,
    Notice,
    SegmentMembership,
    User,
)
from members.notices import told
from members.services import register_member
from members.services.erasure import (
    erase_at_once,
    erase_member,
    request_erasure,
    sweep_member,
)
from tests.factories import OperatorFactory
from tests.loyalty.tampering import broken
from tests.sharing import shared

from .markers import STAYS, columns_to_mark, found, plant, text_columns
from .story import PHONE, whole_member

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 3, 21, 4, tzinfo=UTC)
DUE = datetime(2025, 3, 29, 4, tzinfo=UTC)


def whole_member_by_now() -> Member:
    with travel(NOW):
        return whole_member()


whole = shared(whole_member_by_now)


@pytest.fixture
def member(whole: Member, time_machine: Any) -> Member:
    time_machine.move_to(NOW)
    return deepcopy(whole)


@pytest.fixture
def asked(member: Member) -> ErasureRequest:
    return request_erasure(member=member, key="mine", now=NOW)


@pytest.fixture
def erased(asked: ErasureRequest, time_machine: Any) -> Member:
    time_machine.move_to(DUE)
    erase_member(request=asked, now=DUE)
    asked.member.refresh_from_db()
    return asked.member


def test_no_word_about_the_member_is_left_anywhere(
    asked: ErasureRequest, client: Client, time_machine: Any
) -> None:
    assert asked.member.user is not None
    client.force_login(asked.member.user, backend="members.adapters.LoginBackend")
    planted = plant(asked.member)
    # Every text that the member's rows have, but for those of the list, was marked and is found.
    assert planted == columns_to_mark()
    assert len(found()) == len(planted)
    LogEntry.objects.update(object_repr="QZ7K", change_message="QZ7K")
    asked.member.refresh_from_db()
    AccessAttempt.objects.create(
        username=str(asked.member.phone), user_agent="QZ7K", failures_since_start=1
    )
    StagedInvoice.objects.update(customer=asked.member.external_number)
    time_machine.move_to(DUE)
    erase_member(request=asked, now=DUE)
    assert found() == []
    assert broken() == {}


@pytest.mark.parametrize(
    "part", ["forget_audit", "forget_benefits", "forget_holdings", "forget_person"]
)
def test_no_part_of_it_can_be_left_out(asked: ErasureRequest, settings: Any, part: str) -> None:
    """The control: without any of them the mark is found again."""
    plant(asked.member)
    LogEntry.objects.update(object_repr="QZ7K")
    settings.MEMBER_ERASURE = [
        path for path in settings.MEMBER_ERASURE if not path.endswith(f".{part}")
    ]
    asked.member.refresh_from_db()
    erase_member(request=asked, now=DUE)
    assert found() != []


def test_what_stays_in_words_is_named_once() -> None:
    """A column that is gone, or is forgotten by now, leaves the list."""
    assert set(STAYS) <= text_columns()


def test_the_person_is_gone(erased: Member) -> None:
    assert erased.status == "closed"
    assert (erased.family_name, erased.given_name, erased.language) == ("", "", "")
    assert (erased.phone, erased.email, erased.external_number) == (None, None, None)
    assert (erased.birth_month, erased.birthday_set_on, erased.home_store) == (None, None, None)
    assert (erased.user, User.objects.filter(username__startswith="m-").count()) == (None, 0)
    assert MemberTag.objects.count() == 0
    assert SegmentMembership.objects.get().until_on == date(2025, 3, 29)
    assert AccessAttempt.objects.count() == 0
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {"–"}
    assert Consent.objects.filter(member=erased).count() == 4
    days = BirthdayGrant.objects.values_list("celebrated_on", "starts_on", "ends_on")
    assert set(days) == {(date(2025, 1, 1),) * 3}


def test_the_card_finds_nobody(asked: ErasureRequest) -> None:
    card = asked.member.card_number
    erase_member(request=asked, now=DUE)
    assert Member.objects.search(card).count() == 0
    assert Member.objects.search(PHONE).count() == 0


def test_the_points_are_forfeited_by_an_entry(asked: ErasureRequest) -> None:
    before = {
        account.point_type.code: account.balance
        for account in PointsAccount.objects.for_member(asked.member)
    }
    erase_member(request=asked, now=DUE)
    accounts = PointsAccount.objects.for_member(asked.member)
    assert {(account.balance, account.debt) for account in accounts} == {(0, 0)}
    lost = PointsEntry.objects.filter(kind="forfeit").select_related("account__point_type")
    # The points of the order that was waiting came back first.
    assert {entry.account.point_type.code: -entry.points for entry in lost} == {
        "base": before["base"] + 50,
        "growth": before["growth"],
    }
    assert broken() == {}


def test_coupons_end_and_orders_are_called_off(erased: Member) -> None:
    states = Coupon.objects.filter(member=erased).values_list("status", "void_reason")
    assert set(states) == {("used", ""), ("voided", "erased")}
    orders = RewardOrder.objects.filter(member=erased).order_by("pk")
    assert [(order.status, order.deliver_to, order.tracking_number) for order in orders] == [
        ("return_requested", "", ""),
        ("cancelled", "", ""),
        ("shipped", "", "–"),
        ("delivered", "", ""),
    ]
    assert Reward.objects.get(code="bag").taken == 2
    assert AdjustmentRequest.objects.filter(status="waiting").count() == 0
    assert TierOverride.objects.get().revoked_at == DUE


def test_what_was_booked_stays(asked: ErasureRequest) -> None:
    def booked() -> list[Any]:
        return [
            list(Purchase.objects.values_list("pk", "amount", "at", "member")),
            list(PointsEntry.objects.exclude(kind__in=("forfeit", "restore")).values()),
            list(Standing.objects.values()),
        ]

    before = booked()
    erase_member(request=asked, now=DUE)
    assert booked() == before


def test_messages_stay_as_rows_without_words(erased: Member) -> None:
    notices = Notice.objects.for_member(erased)
    assert {(notice.kind, str(notice.params)) for notice in notices} == {("erased", "{}")}
    assert told(notices[0]).text.title == "A message to a member who was erased"


def test_twice_changes_nothing(asked: ErasureRequest, erased: Member) -> None:
    count, card = PointsEntry.objects.count(), erased.card_number
    erase_member(request=asked, now=DUE + timedelta(days=1))
    sweep_member(request=asked, now=DUE + timedelta(days=1))
    erased.refresh_from_db()
    assert (PointsEntry.objects.count(), erased.card_number) == (count, card)
    request = ErasureRequest.objects.get(pk=asked.pk)
    assert (request.erased_at, request.swept_at) == (DUE, DUE + timedelta(days=1))


def test_what_was_written_meanwhile_goes_on_the_next_night(erased: Member) -> None:
    RewardOrder.objects.filter(status="cancelled").update(deliver_to="1 Tea Street")
    assert erase_members(date(2025, 3, 29), 1, 10**9) == {"erased": 0}
    assert erase_members(date(2025, 3, 30), 1, 10**9) == {"erased": 0, "swept": 1}
    assert set(RewardOrder.objects.values_list("deliver_to", flat=True)) == {""}
    assert erase_members(date(2025, 3, 31), 1, 10**9) == {"erased": 0}


@pytest.mark.parametrize("is_at_once", [True, False])
def test_sessions_end_and_others_go_on(asked: ErasureRequest, is_at_once: bool) -> None:
    mine, others, stranger = Client(), Client(), Client()
    assert asked.member.user is not None
    operator = OperatorFactory.create()
    mine.force_login(asked.member.user, backend="members.adapters.LoginBackend")
    others.force_login(operator, backend="members.adapters.LoginBackend")
    visit = stranger.session
    visit["seen"] = "yes"
    visit.save()
    if is_at_once:
        erase_at_once(member=asked.member, operator=operator, reason="By letter", key="o", now=NOW)
    else:
        assert erase_members(date(2025, 3, 29), 1, 10**9) == {"erased": 1}
    assert Session.objects.count() == 2
    assert mine.get("/me/").status_code == 302
    assert others.get("/admin/").status_code == 200


def test_the_same_phone_joins_anew(erased: Member) -> None:
    again = register_member(source="portal", phone=PHONE, external_number="C-4242")
    assert again.pk != erased.pk
    assert str(again.phone) == PHONE


def test_an_operator_who_was_a_member_stays_an_operator(asked: ErasureRequest) -> None:
    User.objects.filter(member=asked.member).update(is_staff=True, username="clerk")
    erase_member(request=asked, now=DUE)
    assert User.objects.get(username="clerk").is_active
    assert Member.objects.get(pk=asked.member_id).user is None


@pytest.mark.parametrize("trace", ["audit", "ledger"])
def test_a_login_that_the_audit_names_stays_without_a_name(
    asked: ErasureRequest, trace: str
) -> None:
    login = User.objects.get(member=asked.member)
    if trace == "audit":
        LogEntry.objects.update(user=login)
    else:
        AdjustmentRequest.objects.filter(status="withdrawn").update(maker=login)
        AdjustmentRequest.objects.filter(status="posted", maker__isnull=False).update(maker=login)
    erase_member(request=asked, now=DUE)
    login.refresh_from_db()
    assert (login.username, login.email, login.is_active) == (f"erased-{login.pk}", "", False)
    assert not login.has_usable_password()


def test_a_refund_after_it_leaves_nothing_behind(
    erased: Member, time_machine: Any, settings: Any
) -> None:
    bought = Purchase.objects.get(payment__isnull=False)
    at = DUE + timedelta(hours=1)
    record_refund(
        source="till", external_id="late", purchase=bought, at=at, amount=bought.amount, now=at
    )
    account = PointsAccount.objects.get(member=erased, point_type__code="base")
    assert (account.balance, account.debt) != (0, 0)
    assert broken() == {}
    time_machine.move_to(datetime(2025, 3, 30, 1, tzinfo=UTC))
    # Nine nights, of the floors that erase and that hold points.
    floors = ("members", "loyalty")
    settings.NIGHTLY_STEPS = [path for path in settings.NIGHTLY_STEPS if path.startswith(floors)]
    run_nights(date(2025, 3, 30))
    account.refresh_from_db()
    assert (account.balance, account.debt) == (0, 0)
    assert broken() == {}


def test_nothing_is_left_to_spend(erased: Member) -> None:
    with pytest.raises(InsufficientPoints):
        redeem_points(member=erased, points=1, key="late", now=DUE)


def test_a_part_that_fails_leaves_all_as_it_was(asked: ErasureRequest, settings: Any) -> None:
    settings.MEMBER_ERASURE = [*settings.MEMBER_ERASURE, "tests.privacy.test_erase_member.fail"]
    before = PointsEntry.objects.count()
    with pytest.raises(ZeroDivisionError):
        erase_member(request=asked, now=DUE)
    asked.member.refresh_from_db()
    assert str(asked.member.phone) == PHONE
    assert PointsEntry.objects.count() == before
    settings.MEMBER_ERASURE = settings.MEMBER_ERASURE[:-1]
    erase_member(request=asked, now=DUE)
    assert Member.objects.get(pk=asked.member_id).phone is None


def fail(*, member: Member, at: datetime) -> None:
    raise ZeroDivisionError


def test_owed_points_are_written_off(asked: ErasureRequest) -> None:
    bought = Purchase.objects.get(external_id="P-60")
    at = NOW + timedelta(hours=1)
    redeem_points(
        member=asked.member,
        points=PointsAccount.objects.get(member=asked.member, point_type__code="base").balance,
        key="all-2",
        now=at,
    )
    record_refund(
        source="till", external_id="R-9", purchase=bought, at=at, amount=Decimal(810), now=at
    )
    account = PointsAccount.objects.get(member=asked.member, point_type__code="base")
    assert account.debt > 0
    erase_member(request=asked, now=DUE)
    account.refresh_from_db()
    last = account.entries.latest("number")
    # The order that was waiting gave 50 back, which paid a part of it.
    assert (last.kind, last.points, last.debt_change) == ("forfeit", 760, -760)
    assert (account.balance, account.debt) == (0, 0)
    assert broken() == {}
