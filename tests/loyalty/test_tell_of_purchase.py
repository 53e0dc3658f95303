"""A recorded purchase tells its member what it earned."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from loyalty.models import PointsEntry, Purchase
from loyalty.services.purchases import record_purchase
from members.models import Member, Notice
from members.notices import told
from tests.factories import MemberFactory

from .programmes import full_programme, plain_programme

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 3, 14, 4, 0, tzinfo=UTC)


def buy(member: Member | None, amount: str = "105.50", **facts: Any) -> Purchase:
    details = {"source": "till", "external_id": "R-1", "at": NOON, "now": NOON, **facts}
    return record_purchase(member=member, amount=Decimal(amount), **details)


def test_writes_facts_and_no_sentence() -> None:
    full_programme()
    member = MemberFactory.create()
    purchase = buy(member)
    notice = Notice.objects.get()
    assert (notice.member, notice.kind) == (member, "purchase_earned")
    assert notice.key == f"purchase:{purchase.pk}"
    assert (notice.created_at, notice.business_date.isoformat()) == (NOON, "2025-03-14")
    assert (notice.read_at, notice.dispatched_at) == (None, None)
    assert notice.params == {
        "number": "R-1",
        "amount": "105.50",
        "on": "2025-03-14",
        "earned": [
            {"points": 105, "code": "base", "name_en": "Points", "name_zh": "积分"},
            {"points": 105, "code": "growth", "name_en": "Growth", "name_zh": ""},
        ],
    }


def test_reads_in_both_languages() -> None:
    full_programme()
    buy(MemberFactory.create(), "1234.00")
    notice = Notice.objects.get()
    text = told(notice).text
    assert text.title == "You earned 1,234 points"
    assert text.body == (
        "For your purchase of CN¥1,234.00 on Mar 14, 2025. It also brought you: Growth +1,234."
    )
    with translation.override("zh-hans"):
        text = told(notice).text
    assert "1,234" in text.title
    assert "¥1,234.00" in text.body
    assert "2025年3月14日" in text.body


def test_says_thank_you_where_only_other_points_were_earned() -> None:
    base, _growth = full_programme()
    base.rules.all().delete()
    buy(MemberFactory.create(), "20.00")
    text = told(Notice.objects.get()).text
    assert text.title == "Thank you for your purchase"
    assert text.body.endswith("It also brought you: Growth +20.")


def test_says_one_point() -> None:
    plain_programme()
    buy(MemberFactory.create(), "1.00")
    assert told(Notice.objects.get()).text.title == "You earned 1 point"


def test_tells_once_of_a_purchase_told_twice() -> None:
    plain_programme()
    member = MemberFactory.create()
    buy(member)
    buy(member)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("amount", ["0.00", "0.99"])
def test_tells_nothing_of_a_purchase_that_earns_nothing(amount: str) -> None:
    plain_programme()
    buy(MemberFactory.create(), amount)
    assert not Notice.objects.exists()


def test_tells_no_guest() -> None:
    plain_programme()
    buy(None)
    assert not Notice.objects.exists()


class Undone(Exception):
    pass


@transaction.atomic
def buy_and_fail(member: Member) -> None:
    buy(member)
    assert Notice.objects.count() == 1
    raise Undone


def test_is_gone_with_the_purchase() -> None:
    plain_programme()
    with pytest.raises(Undone):
        buy_and_fail(MemberFactory.create())
    assert (Notice.objects.count(), PointsEntry.objects.count()) == (0, 0)
