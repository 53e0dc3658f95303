"""What must be true of the settings before anything starts."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning


def check_programme(
    *, app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a zone or a currency that does not exist."""
    messages: list[CheckMessage] = []
    if settings.PROGRAMME_TIMEZONE not in available_timezones():
        messages.append(
            Error(
                f"PROGRAMME_TIMEZONE {settings.PROGRAMME_TIMEZONE!r} is no time zone.",
                hint="Use an IANA name such as Asia/Shanghai.",
                id="common.E001",
            )
        )
    if settings.PROGRAMME_CURRENCY not in list_currencies():
        messages.append(
            Error(
                f"PROGRAMME_CURRENCY {settings.PROGRAMME_CURRENCY!r} is no currency.",
                hint="Use an ISO 4217 code such as CNY.",
                id="common.E002",
            )
        )
    return messages


def check_queue(*, app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a queue that would hand a range to two workers, warn of one that keeps them idle."""
    messages: list[CheckMessage] = []
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout")
    if timeout is not None and timeout <= settings.NIGHTLY_STALE_AFTER_SECONDS:
        messages.append(
            Error(
                f"The queue gives a message away after {timeout} seconds, but a range may be worked"
                f" on for {settings.NIGHTLY_STALE_AFTER_SECONDS}.",
                hint="Make visibility_timeout longer than NIGHTLY_STALE_AFTER_SECONDS.",
                id="common.E003",
            )
        )
    if settings.CELERY_WORKER_PREFETCH_MULTIPLIER != 1 or not settings.CELERY_TASK_ACKS_LATE:
        messages.append(
            Warning(
                "Workers take messages that they do not work on yet; others stand idle, and a"
                " worker that dies loses them until the tick sends them again.",
                hint="CELERY_WORKER_PREFETCH_MULTIPLIER = 1 and CELERY_TASK_ACKS_LATE = True.",
                id="common.W003",
            )
        )
    return messages
