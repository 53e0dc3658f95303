"""Card numbers: checkable, unguessable, never twice."""

import secrets
from collections.abc import Callable

import pytest
from stdnum import luhn

from members import rules, services
from members.errors import CardNumbersExhausted
from members.models import Member
from tests.factories import MemberFactory


class Dice:
    """Stands for the system's source of randomness."""

    def __init__(self, *rolls: int) -> None:
        self.rolls = iter(rolls)
        self.asked: list[int] = []

    def randbelow(self, limit: int) -> int:
        self.asked.append(limit)
        return next(self.rolls)


Roll = Callable[..., Dice]


@pytest.fixture
def roll(monkeypatch: pytest.MonkeyPatch) -> Roll:
    def load(*rolls: int) -> Dice:
        dice = Dice(*rolls)
        monkeypatch.setattr(secrets, "randbelow", dice.randbelow)
        return dice

    return load


def test_has_sixteen_digits_and_a_luhn_check_digit(roll: Roll) -> None:
    dice = roll(0, 8 * 10**14 + 123, 9 * 10**14 - 1)
    assert rules.new_card_number() == "1000000000000008"
    assert rules.new_card_number() == "9000000000001231"
    assert rules.new_card_number() == "9999999999999995"
    assert dice.asked == [9 * 10**14] * 3


def test_comes_from_the_systems_randomness() -> None:
    numbers = {rules.new_card_number() for _ in range(2000)}
    assert len(numbers) == 2000
    assert {len(number) for number in numbers} == {16}
    assert all(luhn.is_valid(number) for number in numbers)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("1000000000000008", True),
        ("1000000000000009", False),
        ("0100000000000008", False),
        ("100000000000008", False),
        ("１000000000000008", False),
        ("", False),
    ],
)
def test_tells_a_slip_of_the_pen(text: str, is_right: bool) -> None:
    assert rules.is_card_number(text) is is_right


@pytest.mark.django_db
def test_collision_is_answered_with_another_number(roll: Roll) -> None:
    MemberFactory.create(card_number="1000000000000008")
    roll(0, 1)
    member = services.register_member(source="till")
    assert member.card_number == "1000000000000016"
    assert Member.objects.get(pk=member.pk).card_number == "1000000000000016"
    assert Member.objects.count() == 2


@pytest.mark.django_db
def test_collision_within_a_batch_keeps_every_row(roll: Roll) -> None:
    roll(5, 5, 6, 7)
    rows = [services.NewMember(source="import", external_number=str(n)) for n in (1, 2)]
    members = services.register_members(rows)
    saved = list(Member.objects.order_by("pk").values_list("pk", "external_number", "card_number"))
    assert saved == [(member.pk, member.external_number, member.card_number) for member in members]
    assert [number for _pk, number, _card in saved] == ["1", "2"]
    assert len({card for _pk, _number, card in saved}) == 2


@pytest.mark.django_db
def test_gives_up_after_five_collisions(roll: Roll) -> None:
    MemberFactory.create(card_number="1000000000000008")
    dice = roll(*[0] * 6)
    with pytest.raises(CardNumbersExhausted):
        services.register_member(source="till")
    assert len(dice.asked) == 6
    assert Member.objects.count() == 1
