"""Who asks for the operators' pages."""

import pytest
from django.test import Client

from members.models import User
from tests.factories import OperatorFactory


@pytest.fixture
def operator(db: None) -> User:
    return OperatorFactory(username="li.wei")


@pytest.fixture
def desk(operator: User, client: Client) -> Client:
    """The operator's browser."""
    client.force_login(operator)
    return client
