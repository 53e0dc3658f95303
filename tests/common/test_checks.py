"""A programme in a zone or a currency that does not exist does not start."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings


def problems() -> list[str]:
    found = (str(message.id) for message in run_checks() if message.is_serious())
    return [identifier for identifier in found if identifier.startswith("common.")]


@pytest.mark.parametrize(
    ("zone", "currency", "expected"),
    [
        ("Asia/Shanghai", "CNY", []),
        ("Europe/London", "GBP", []),
        ("Asia/Peking", "CNY", ["common.E001"]),
        ("Asia/Shanghai", "RMB", ["common.E002"]),
    ],
)
def test_refuses_what_does_not_exist(zone: str, currency: str, expected: list[str]) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone, PROGRAMME_CURRENCY=currency):
        assert problems() == expected
