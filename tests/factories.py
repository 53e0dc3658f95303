"""People and offers for tests; what they hold is made by calling the services."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from common import clock
from members import rules, services
from members.models import Member, Store, User

PASSWORD = "a quiet harbour"


class StoreFactory(DjangoModelFactory[Store]):
    class Meta:
        model = Store

    code = factory.Sequence(lambda number: f"S{number:03}")
    name_en = factory.Sequence(lambda number: f"Store {number}")
    name_zh = factory.Sequence(lambda number: f"{number}号店")
    city = "上海"


class MemberFactory(DjangoModelFactory[Member]):
    class Meta:
        model = Member

    card_number = factory.LazyFunction(rules.new_card_number)
    source = "till"
    family_name = "王"
    given_name = "小明"
    phone = factory.Sequence(lambda number: f"+86138{number:08}")
    email = factory.Sequence(lambda number: f"member{number}@example.com")
    joined_at = factory.LazyFunction(clock.now)
    joined_on: Any = factory.LazyAttribute(lambda member: clock.business_date(member.joined_at))


class OperatorFactory(DjangoModelFactory[User]):
    """Someone who may do everything on the operators' side."""

    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"operator{number}")
    email: Any = factory.LazyAttribute(lambda user: f"{user.username}@shop.example")
    is_staff = True
    is_superuser = True

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(password=PASSWORD, **kwargs)


def member_with_login(**details: Any) -> Member:
    """A member who signs in with PASSWORD."""
    member = MemberFactory.create(**details)
    services.give_login(member=member, password=PASSWORD)
    return member


def login_of(member: Member) -> User:
    assert member.user is not None
    return member.user
