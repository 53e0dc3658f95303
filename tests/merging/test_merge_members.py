"""Who is merged, what is refused, and what the kept member has of the other afterwards."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from common.errors import DomainError
from loyalty.errors import MergeWithAdjustment
from loyalty.models import PointsAccount
from loyalty.services.adjustments import request_adjustment
from members.adapters import LoginBackend
from members.errors import (
    ErasureAsked,
    MemberClosed,
    MergeNotAlone,
    MergeOfClosed,
    MergeOfOperator,
    MergeReasonMissing,
    MergeWithErased,
    MergeWithItself,
    PhoneTaken,
)
from members.models import Consent, Member, MemberMerge, Notice, User
from members.rules import Contact
from members.services import members_by_card, record_consent, register_member
from members.services.erasure import erase_at_once, request_erasure
from members.services.merging import merge_members, undo_merge
from tests.factories import (
    MemberFactory,
    OperatorFactory,
    StoreFactory,
    login_of,
    member_with_login,
)
from tests.loyalty.ledgers import member_with_points
from tests.loyalty.programmes import base_points, local
from tests.members.codes import Capsys, sign_in_by_code, signed_in

from .worlds import NOW, merge, undo

pytestmark = pytest.mark.django_db

LATER = local(2024, 7, 1, 10)


@pytest.fixture(autouse=True)
def _points() -> None:
    base_points()


def refused(kept: Member, merged: Member, error: type[DomainError]) -> None:
    before = (MemberMerge.objects.count(), PointsAccount.objects.count())
    with pytest.raises(error):
        merge(kept, merged)
    assert (MemberMerge.objects.count(), PointsAccount.objects.count()) == before


# Refused


def test_refuses_a_member_with_themselves() -> None:
    member = MemberFactory.create()
    refused(member, member, MergeWithItself)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_refuses_no_reason(reason: str) -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    with pytest.raises(MergeReasonMissing):
        merge_members(kept=kept, merged=merged, operator=OperatorFactory(), reason=reason, key="k")
    assert MemberMerge.objects.count() == 0


def test_refuses_who_is_or_will_be_erased() -> None:
    kept, gone, waiting = (MemberFactory.create() for _number in range(3))
    erase_at_once(member=gone, operator=OperatorFactory(), reason="By letter", key="k")
    request_erasure(member=waiting, key="k")
    refused(kept, gone, MergeWithErased)
    refused(gone, kept, MergeWithErased)
    refused(kept, waiting, ErasureAsked)
    refused(waiting, kept, ErasureAsked)


def test_refuses_a_closed_membership() -> None:
    kept, closed = MemberFactory.create(), MemberFactory.create(status="closed")
    refused(kept, closed, MergeOfClosed)
    refused(closed, kept, MergeOfClosed)


def test_refuses_chains_and_circles() -> None:
    first, second, third = (MemberFactory.create() for _number in range(3))
    merge(first, second)
    refused(second, first, MergeNotAlone)
    refused(second, third, MergeNotAlone)
    refused(third, second, MergeNotAlone)
    refused(third, first, MergeNotAlone)
    merge(first, third)
    assert set(first.merged_members.all()) == {second, third}


def test_refuses_while_an_adjustment_waits() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    request_adjustment(member=merged, points=900, key="k", reason="Much", maker=OperatorFactory())
    refused(kept, merged, MergeWithAdjustment)


def test_refuses_to_end_the_login_of_somebody_who_works_here() -> None:
    kept, works_here = member_with_login(), MemberFactory.create(user=OperatorFactory())
    refused(kept, works_here, MergeOfOperator)
    merge(works_here, kept)


def test_a_merged_member_cannot_ask_to_be_erased() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    merge(kept, merged)
    with pytest.raises(MemberClosed):
        request_erasure(member=merged, key="k")


def test_nothing_is_undone_after_an_erasure() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    done = merge(kept, merged)
    erase_at_once(member=kept, operator=OperatorFactory(), reason="By letter", key="k")
    with pytest.raises(MergeWithErased):
        undo(done, now=LATER)


# Contacts and profile


def test_takes_over_what_the_kept_member_lacks_and_gives_it_back() -> None:
    store = StoreFactory.create()
    kept = MemberFactory.create(phone=None, family_name="", given_name="")
    merged = MemberFactory.create(
        phone="+8613900000001",
        external_number="C-1",
        birth_month=3,
        birth_day=20,
        birthday_set_on=local(2023, 1, 1).date(),
        home_store=store,
        family_name="李",
    )
    before = Member.objects.filter(pk__in=(kept.pk, merged.pk)).order_by("pk").values()
    rows = list(before)
    done = merge(kept, merged)
    assert (str(kept.phone), kept.external_number) == ("+8613900000001", "C-1")
    assert (merged.phone, merged.external_number, merged.status) == (None, None, "closed")
    assert (kept.family_name, kept.birth_day, kept.home_store) == ("李", 20, store)
    assert (merged.family_name, merged.birth_day) == ("李", 20)
    undo(done, now=LATER)
    assert list(before.all()) == rows


def test_what_the_kept_member_has_stays() -> None:
    kept = MemberFactory.create(birth_month=1, birth_day=2, external_number="C-1")
    merged = MemberFactory.create(birth_month=3, birth_day=4, external_number="C-2")
    phones = (kept.phone, merged.phone)
    done = merge(kept, merged)
    assert (kept.phone, merged.phone) == phones
    assert (kept.birth_day, kept.external_number, done.taken_over) == (2, "C-1", {})


def test_a_corrected_birthday_and_a_changed_contact_stay_with_the_kept_member() -> None:
    kept = MemberFactory.create(phone=None)
    merged = MemberFactory.create(phone="+8613900000001", birth_month=3, birth_day=20)
    done = merge(kept, merged)
    Member.objects.filter(pk=kept.pk).update(phone="+8613900000002", birth_day=21)
    undo(done, now=LATER)
    assert (str(kept.phone), kept.birth_month, kept.birth_day) == ("+8613900000002", 3, 21)
    assert str(merged.phone) == "+8613900000001"


def test_a_number_that_somebody_else_took_does_not_come_back() -> None:
    kept = MemberFactory.create(phone=None)
    merged = MemberFactory.create(phone="+8613900000001")
    done = merge(kept, merged)
    Member.objects.filter(pk=kept.pk).update(phone=None)
    other = register_member(source="till", phone="+8613900000001")
    undo(done, now=LATER)
    assert (merged.phone, str(other.phone)) == (None, "+8613900000001")


def test_nobody_joins_with_a_merged_member_s_contact() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create(phone="+8613900000001")
    merge(kept, merged)
    with pytest.raises(PhoneTaken):
        register_member(source="till", phone="+8613900000001")


@pytest.mark.parametrize("name", ["card_number", "phone", "email", "external_number"])
def test_whatever_the_merged_member_shows_means_the_kept_one(name: str) -> None:
    kept = MemberFactory.create(external_number="K-1")
    merged = MemberFactory.create(external_number="M-1")
    shown = str(getattr(merged, name))
    done = merge(kept, merged)
    assert Member.objects.identified_by(shown) == [kept]
    undo(done, now=LATER)
    assert Member.objects.identified_by(shown) == [merged]


def test_lists_of_cards_mean_the_kept_member_once() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    merge(kept, merged)
    assert members_by_card([merged.card_number, kept.card_number]) == [kept]


def test_consents_never_spoken_of_are_taken_over_until_it_is_undone() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    record_consent(member=kept, channel="email", is_granted=False, source="till", at=NOW)
    for channel in ("email", "sms"):
        record_consent(member=merged, channel=channel, is_granted=True, source="till", at=NOW)
    done = merge(kept, merged)
    assert Consent.objects.current(kept) == {"email": False, "sms": True}
    undo(done, now=LATER)
    assert Consent.objects.current(kept) == {"email": False, "sms": False}
    assert Consent.objects.current(merged) == {"email": True, "sms": True}


def test_a_consent_said_anew_stays() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    record_consent(member=merged, channel="sms", is_granted=True, source="till", at=NOW)
    done = merge(kept, merged)
    record_consent(member=kept, channel="sms", is_granted=True, source="portal", at=LATER)
    undo(done, now=LATER)
    assert Consent.objects.current(kept) == {"sms": True}


# Signing in


def test_a_login_that_only_the_merged_member_has_becomes_the_kept_one_s() -> None:
    kept, merged = MemberFactory.create(), member_with_login()
    login = login_of(merged)
    done = merge(kept, merged)
    assert (kept.user, merged.user) == (login, None)
    undo(done, now=LATER)
    assert (kept.user, merged.user) == (None, login)


def test_a_code_to_the_merged_member_s_phone_signs_in_to_the_kept_one(
    client: Client, capsys: Capsys
) -> None:
    kept, merged = member_with_login(), member_with_login(phone="+8613800138000")
    merge(kept, merged)
    sign_in_by_code(client, capsys, "13800138000")
    assert signed_in(client) == kept.user_id


def test_the_merged_login_itself_is_refused_and_its_sessions_end(client: Client) -> None:
    kept, merged = member_with_login(), member_with_login()
    client.force_login(login_of(merged), backend="members.adapters.LoginBackend")
    assert client.get("/").status_code == 200
    done = merge(kept, merged)
    assert client.get("/").status_code == 302
    assert not LoginBackend().user_can_authenticate(login_of(merged))
    undo(done, now=LATER)
    assert client.get("/").status_code == 200


def test_each_contact_reaches_the_kept_login(client: Client) -> None:
    kept, merged = member_with_login(), member_with_login(email="old@example.com")
    merge(kept, merged)
    for text in (str(merged.phone), "OLD@example.com", str(kept.phone)):
        assert User.objects.for_login(text) == kept.user
    assert User.objects.reached_at(Contact("email", "old@example.com")) == kept.user


# Erasure, notices, the database


def test_erasing_the_kept_member_covers_the_merged_one() -> None:
    kept, merged = member_with_points(10), member_with_points(20)
    card = merged.card_number
    done = merge(kept, merged)
    erase_at_once(member=kept, operator=OperatorFactory(), reason="By letter", key="k")
    merged.refresh_from_db()
    done.refresh_from_db()
    assert (merged.phone, merged.family_name, merged.source) == (None, "", "erased")
    assert merged.card_number != card
    assert (done.reason, done.taken_over) == ("", {})
    assert set(PointsAccount.objects.values_list("balance", flat=True)) == {0}


def test_both_are_told() -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    undo(merge(kept, merged), now=LATER)
    told = Notice.objects.order_by("pk").values_list("member", "kind")
    assert list(told) == [
        (kept.pk, "memberships_merged"),
        (kept.pk, "merge_undone"),
        (merged.pk, "merge_undone"),
    ]


def test_undone_again_it_changes_nothing() -> None:
    kept, merged = member_with_points(10), member_with_points(20)
    done = merge(kept, merged)
    first = undo(done, now=LATER)
    again = undo_merge(merge=done, operator=OperatorFactory(), reason="Again", now=LATER)
    assert (again.undone_by, again.undo_reason) == (first.undone_by, "Two people after all")


def test_merged_undone_and_merged_again() -> None:
    kept, merged = member_with_points(10), member_with_points(20)
    undo(merge(kept, merged), now=LATER)
    merge(kept, merged, now=local(2024, 8, 1))
    assert [account.balance for account in PointsAccount.objects.order_by("member")] == [30, 0]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "active"},
        {"merged_into": "itself"},
    ],
)
def test_the_database_refuses_a_merged_member_who_is_open_or_merged_into_themselves(
    values: dict[str, Any],
) -> None:
    kept, merged = MemberFactory.create(), MemberFactory.create()
    merge(kept, merged)
    given = {name: merged if value == "itself" else value for name, value in values.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=merged.pk).update(**given)


def test_the_database_refuses_two_live_merges_of_one_member() -> None:
    kept, merged, other = (MemberFactory.create() for _number in range(3))
    done = merge(kept, merged)
    done.pk, done.kept, done.key = None, other, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        done.save(force_insert=True)
