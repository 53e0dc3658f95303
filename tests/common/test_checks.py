"""What the checks say before anything starts: the programme's zone and currency, the queue."""

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


@pytest.mark.parametrize(("seconds", "expected"), [(900, ["common.E003"]), (901, [])])
def test_refuses_a_queue_that_gives_a_range_away_too_soon(
    seconds: int, expected: list[str]
) -> None:
    options = {"visibility_timeout": seconds}
    with override_settings(
        CELERY_BROKER_TRANSPORT_OPTIONS=options, NIGHTLY_STALE_AFTER_SECONDS=900
    ):
        assert problems() == expected


@pytest.mark.parametrize(
    ("name", "value"), [("WORKER_PREFETCH_MULTIPLIER", 4), ("TASK_ACKS_LATE", False)]
)
def test_warns_of_workers_that_hoard_messages(name: str, value: object) -> None:
    with override_settings(**{f"CELERY_{name}": value}):
        assert [str(message.id) for message in run_checks() if message.id == "common.W003"]
