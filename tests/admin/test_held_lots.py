"""Lots held because nobody was told of their end: listed, and let go by an operator's word."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from loyalty.models import ExpiryEvidence, PointsLot
from members.models import User
from tests.factories import OperatorFactory
from tests.loyalty.ledgers import member_with_points
from tests.loyalty.programmes import base_points


@pytest.fixture
def lot(db: None) -> PointsLot:
    base_points()
    member_with_points(40)
    yesterday = clock.start_of(clock.today() - timedelta(days=1))
    PointsLot.objects.update(expires_at=yesterday)
    return PointsLot.objects.get()


def address(lot: PointsLot) -> str:
    return reverse("admin:loyalty_pointslot_waive", args=[lot.pk])


def test_lists_what_is_held(desk: Client, lot: PointsLot) -> None:
    found = desk.get(reverse("admin:loyalty_pointslot_changelist"), {"state": "held"})
    assert list(found.context["cl"].result_list) == [lot]


def test_lets_a_held_lot_go_once(desk: Client, operator: User, lot: PointsLot) -> None:
    for _ in range(2):
        assert desk.post(address(lot), {"key": "k"}).status_code == 302
    evidence = ExpiryEvidence.objects.get()
    assert (evidence.waiver, evidence.operator, evidence.lot) == ("operator", operator, lot)
    found = desk.get(reverse("admin:loyalty_pointslot_changelist"), {"state": "held"})
    assert list(found.context["cl"].result_list) == []


def test_says_so_where_nothing_is_held(desk: Client, lot: PointsLot) -> None:
    PointsLot.objects.update(expires_at=None)
    response = desk.post(address(lot), {"key": "k"})
    assert "These points are not held" in response.content.decode()
    assert not ExpiryEvidence.objects.exists()


def test_is_not_for_operators_who_only_look(client: Client, lot: PointsLot) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    assert client.post(address(lot), {"key": "k"}).status_code == 403
    assert not ExpiryEvidence.objects.exists()
