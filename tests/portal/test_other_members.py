"""What is one member's own is not there for another, on every route that names a row."""

from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from members.models import Member
from tests.config.test_role_matrix import ARGUMENTS
from tests.factories import OperatorFactory, login_of, member_with_login

from .worlds import World, world_of

# What the programme shows to everyone it is for, and what is shared by a code.
EVERYONES = {
    "claim_offer",
    "open_group",
    "shared_coupon",
    "take_shared",
    "coupon_group",
    "join_group",
    "event",
    "event_picture",
    "register_for_event",
    "wait_for_event",
    "reward",
    "reward_picture",
    "redeem",
}
OWN: dict[str, Callable[[World], int]] = {
    "end_device": lambda world: UserSession.objects.get(user=world.member.user).pk,
    "coupon": lambda world: world.coupon.pk,
    "coupon_code": lambda world: world.coupon.pk,
    "coupon_bars": lambda world: world.coupon.pk,
    "share_coupon": lambda world: world.coupon.pk,
    "event_place": lambda world: world.seat.pk,
    "event_ticket": lambda world: world.seat.pk,
    "event_calendar": lambda world: world.seat.pk,
    "accept_place": lambda world: world.kept.pk,
    "cancel_place": lambda world: world.seat.pk,
    "reward_order": lambda world: world.ready.pk,
    "pickup_code": lambda world: world.ready.pk,
    "cancel_reward_order": lambda world: world.pending.pk,
    "return_reward": lambda world: world.collected.pk,
}


def test_knows_whose_every_row_is() -> None:
    assert set(ARGUMENTS) == EVERYONES | set(OWN)
    assert not EVERYONES & set(OWN)


def visit(member: Member) -> Client:
    client = Client()
    client.force_login(login_of(member), backend="members.adapters.LoginBackend")
    return client


def test_is_there_for_its_member_and_for_nobody_else(storied: Member) -> None:
    world = world_of(storied, OperatorFactory.create())
    UserSession.objects.create(user=login_of(storied), session_key="k", ip="127.0.0.1")
    own, other = visit(storied), visit(member_with_login())
    for name, row in OWN.items():
        address = reverse(name, kwargs={"pk": row(world)})
        answers = {client.status_code for client in (other.get(address), other.post(address))}
        assert answers <= {404, 405}, name
        assert 404 in answers, name
        assert own.get(address).status_code in (200, 405), name
    world.seat.refresh_from_db()
    world.pending.refresh_from_db()
    assert (world.seat.status, world.pending.status) == ("confirmed", "pending")
    assert UserSession.objects.filter(user=storied.user, session_key="k").exists()


@pytest.mark.parametrize("name", sorted(OWN))
def test_sends_strangers_to_sign_in(client: Client, db: None, name: str) -> None:
    answer = client.get(reverse(name, kwargs={"pk": 1}))
    assert answer.status_code == 405 or answer["Location"].startswith("/login/?next=")
