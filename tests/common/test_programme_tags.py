"""Points, money and last days as pages write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils.translation import override


def written(expression: str, value: object) -> str:
    template = Template("{% load programme %}{{ value|" + expression + " }}")
    return template.render(Context({"value": value}))


@pytest.mark.parametrize(
    ("expression", "value", "english", "chinese"),
    [
        ("points", 8902670, "8,902,670", "8,902,670"),
        ("points", 0, "0", "0"),
        ("points", -300, "-300", "-300"),
        ("points", None, "", ""),
        ("signed_points", 1200, "+1,200", "+1,200"),
        ("signed_points", -300, "−300", "−300"),
        ("signed_points", 0, "0", "0"),
        ("signed_points", None, "", ""),
        ("money", Decimal("1234.50"), "CN¥1,234.50", "¥1,234.50"),
        ("money", Decimal("-1.00"), "-CN¥1.00", "-¥1.00"),
        ("money", None, "", ""),
    ],
)
@override_settings(PROGRAMME_CURRENCY="CNY")
def test_writes_numbers_in_both_languages(
    expression: str, value: object, english: str, chinese: str
) -> None:
    with override("en"):
        assert written(expression, value) == english
    with override("zh-hans"):
        assert written(expression, value) == chinese


@pytest.mark.parametrize(
    ("zone", "expires_at", "expected"),
    [
        ("Asia/Shanghai", datetime(2025, 12, 31, 16, tzinfo=UTC), "2025-12-31"),
        ("Europe/London", datetime(2011, 7, 31, 23, tzinfo=UTC), "2011-07-31"),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC), "2018-11-03"),
        ("Asia/Shanghai", None, ""),
    ],
)
def test_writes_the_last_valid_day(zone: str, expires_at: datetime | None, expected: str) -> None:
    with override_settings(PROGRAMME_TIMEZONE=zone):
        assert written('last_day|date:"Y-m-d"', expires_at) == expected
