"""The demo's command: loads once, keeps what is there, and refuses places that are no demo."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from loyalty.demo import logins
from loyalty.demo.facts import Visit
from loyalty.demo.loading import load_demo
from loyalty.errors import PurchaseConflict
from loyalty.models import PointsEntry, PointType, Purchase
from loyalty.services.purchases import record_purchase
from members.models import Member, User
from tests.factories import MemberFactory

from .test_demo import MEMBERS, SEED, UNTIL, small_history


@pytest.mark.django_db(transaction=True)
def test_command_loads_once_and_keeps_the_data(settings: Settings) -> None:
    settings.DEBUG = True
    first, second = StringIO(), StringIO()

    call_command("demo", "--members", "5", stdout=first)
    purchases = Purchase.objects.count()
    call_command("demo", "--members", "5", stdout=second)

    assert "5 members" in first.getvalue()
    assert "Nights run: 1" in first.getvalue()
    assert "loaded already" in second.getvalue()
    assert logins.MEMBER_PHONE in second.getvalue()
    assert Purchase.objects.count() == purchases
    assert Member.objects.count() == 5


@pytest.mark.django_db
def test_command_refuses_a_database_with_members(settings: Settings) -> None:
    settings.DEBUG = True
    MemberFactory.create()

    with pytest.raises(CommandError, match="of its own"):
        call_command("demo")

    assert Member.objects.count() == 1
    assert not PointType.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_command_refuses_a_place_that_is_no_demo(settings: Settings) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="known to everyone"):
        call_command("demo")

    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_interrupted_load_leaves_nothing() -> None:
    last = [fact for fact in small_history().facts if isinstance(fact, Visit)][-1]
    record_purchase(source=last.source, external_id=last.number, at=UNTIL, amount=Decimal(1))

    with pytest.raises(PurchaseConflict):
        load_demo(seed=SEED, members=MEMBERS, until=UNTIL)

    assert Purchase.objects.count() == 1
    assert not Member.objects.exists()
    assert not User.objects.exists()
    assert not PointType.objects.exists()


@pytest.mark.django_db
def test_a_member_drawn_with_too_few_points_goes_without_the_reward() -> None:
    """With five members the lead's own wishes cost more than the shop's draw gave her."""
    done = load_demo(seed=SEED, members=5, until=UNTIL)
    assert done["members"] == 5
    assert PointsEntry.objects.filter(kind="redeem").count() >= done["redemptions"] > 0
