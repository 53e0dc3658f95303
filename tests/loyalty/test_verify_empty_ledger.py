"""Before anything happened nothing is broken."""

import pytest

from .tampering import broken

pytestmark = pytest.mark.django_db


def test_is_clean() -> None:
    assert broken() == {}
