"""What must be true of the settings before anything starts."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error


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
