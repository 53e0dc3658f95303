"""What a coupon gives, in words, for currencies without decimals and with three."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from pytest_django import Settings

from benefits.models import CouponTemplate
from benefits.words import headline, minimum_text


@pytest.mark.parametrize(
    ("currency", "amount", "english", "chinese"),
    [
        ("CNY", "1000.00", "¥1,000 off", "立减 ¥1,000"),
        ("CNY", "9.90", "¥9.90 off", "立减 ¥9.90"),
        ("JPY", "1000", "¥1,000 off", "立减 ¥1,000"),
        ("JPY", "1000000", "¥1,000,000 off", "立减 ¥1,000,000"),
        ("KWD", "1000.000", "KWD1,000 off", "立减 KWD1,000"),
        ("KWD", "0.005", "KWD0.005 off", "立减 KWD0.005"),
    ],
)
def test_an_amount_keeps_its_zeros(
    settings: Settings, currency: str, amount: str, english: str, chinese: str
) -> None:
    settings.PROGRAMME_CURRENCY = currency
    template = CouponTemplate(kind="amount_off", amount=Decimal(amount))
    with override("en"):
        assert headline(template) == english
    with override("zh-hans"):
        assert headline(template) == chinese


def test_a_ceiling_and_a_minimum_keep_theirs(settings: Settings) -> None:
    settings.PROGRAMME_CURRENCY = "JPY"
    template = CouponTemplate(
        kind="percent_off",
        percent=Decimal(20),
        ceiling=Decimal(5_000),
        minimum_spend=Decimal(10_000),
    )
    with override("en"):
        assert headline(template) == "20% off, at most ¥5,000"
        assert minimum_text(template) == "From ¥10,000 on"
