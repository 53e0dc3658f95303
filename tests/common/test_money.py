"""Money is exact: in Python, through the database, in sums and in filters."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django import forms
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.db.models import Avg, Case, F, Max, Min, Sum, When
from django.db.models.functions import Coalesce
from django.test import override_settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from common import money
from common.money import AmountNotExact, AmountTooLarge, MoneyField, money_value, short_money
from tests.common.sample import Sample, sample_table

CNY = override_settings(PROGRAMME_CURRENCY="CNY")
JPY = override_settings(PROGRAMME_CURRENCY="JPY")
KWD = override_settings(PROGRAMME_CURRENCY="KWD")


@pytest.fixture
def table(db: None) -> Iterator[None]:
    with sample_table():
        yield


def stored() -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount FROM tests_sample ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


# --- Arithmetic ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "digits", "amount", "minor"),
    [
        ("CNY", 2, "12.30", 1230),
        ("CNY", 2, "0.01", 1),
        ("CNY", 2, "-0.01", -1),
        ("CNY", 2, "5", 500),
        ("CNY", 2, "1.2300", 123),  # trailing zeros are no extra decimals
        ("GBP", 2, "92233720368547758.07", 2**63 - 1),
        ("JPY", 0, "1230", 1230),
        ("JPY", 0, "1230.00", 1230),
        ("KWD", 3, "1.234", 1234),
        ("CLF", 4, "1.2345", 12345),
        ("ISK", 0, "7", 7),
    ],
)
def test_counts_minor_units(currency: str, digits: int, amount: str, minor: int) -> None:
    with override_settings(PROGRAMME_CURRENCY=currency):
        assert money.minor_digits() == digits
        assert money.to_minor(amount) == minor
        assert money.to_minor(Decimal(amount)) == minor
        assert money.from_minor(minor) == Decimal(amount)


@CNY
def test_takes_whole_numbers_as_major_units() -> None:
    assert money.to_minor(5) == 500
    assert str(money.from_minor(500)) == "5.00"


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("CNY", "1.005"),
        ("CNY", "0.001"),
        ("CNY", "92233720368547758.069999999999999999"),
        ("JPY", "0.5"),
        ("KWD", "1.2345"),
        ("CNY", "NaN"),
        ("CNY", "Infinity"),
        ("CNY", "twelve"),
        ("CNY", ""),
    ],
)
def test_refuses_what_the_currency_cannot_hold(currency: str, amount: str) -> None:
    with (
        override_settings(PROGRAMME_CURRENCY=currency),
        pytest.raises(AmountNotExact) as refusal,
    ):
        money.to_minor(amount)
    assert refusal.value.status == 422
    assert str(refusal.value).startswith(f"{amount} is not an amount of {currency}: use at most ")


@CNY
@pytest.mark.parametrize("amount", ["92233720368547758.08", "-92233720368547758.08", "1e40"])
def test_refuses_what_the_database_cannot_hold(amount: str) -> None:
    with pytest.raises(AmountTooLarge):
        money.to_minor(amount)


@pytest.mark.parametrize("amount", [1.5, True, None, b"1"])
def test_takes_no_floats_for_money(amount: object) -> None:
    with pytest.raises(TypeError, match="Money is Decimal, int or str"):
        money.to_minor(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("CNY", "0.004", "0.00"),
        ("CNY", "0.005", "0.01"),
        ("CNY", "0.015", "0.02"),
        ("CNY", "0.025", "0.03"),
        ("CNY", "-0.005", "-0.01"),
        ("CNY", "2", "2.00"),
        ("JPY", "0.5", "1"),
        ("JPY", "2.49", "2"),
        ("KWD", "0.0005", "0.001"),
    ],
)
def test_rounds_half_up(currency: str, amount: str, expected: str) -> None:
    with override_settings(PROGRAMME_CURRENCY=currency):
        assert str(money.quantize(Decimal(amount))) == expected


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))
def test_comes_back_as_it_was(minor: int, currency: str) -> None:
    with override_settings(PROGRAMME_CURRENCY=currency):
        assert money.to_minor(money.from_minor(minor)) == minor


@pytest.mark.parametrize(
    ("currency", "language", "amount", "expected"),
    [
        ("CNY", "zh-hans", "1234567.50", "¥1,234,567.50"),
        ("CNY", "en", "1234.5", "CN¥1,234.50"),
        ("CNY", "en", "-0.5", "-CN¥0.50"),
        ("GBP", "en", "0.005", "£0.01"),
        ("JPY", "en", "1234", "¥1,234"),
        ("JPY", "zh-hans", "1234", "JP¥1,234"),
    ],
)
def test_is_written_as_the_language_writes_it(
    currency: str, language: str, amount: str, expected: str
) -> None:
    with override_settings(PROGRAMME_CURRENCY=currency), override(language):
        assert money.format_money(Decimal(amount)) == expected


# --- The field ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "amount", "minor", "loaded"),
    [
        (CNY, Decimal("12.30"), 1230, "12.30"),
        (CNY, "0.07", 7, "0.07"),
        (CNY, 3, 300, "3.00"),
        (CNY, Decimal("-45.6"), -4560, "-45.60"),
        (CNY, Decimal("92233720368547758.07"), 2**63 - 1, "92233720368547758.07"),
        (JPY, Decimal(1230), 1230, "1230"),
        (KWD, Decimal("1.234"), 1234, "1.234"),
    ],
)
def test_is_stored_in_minor_units(
    table: None, setting: override_settings, amount: Decimal, minor: int, loaded: str
) -> None:
    with setting:
        row = Sample.objects.create(amount=amount)
        assert stored() == [minor]
        row.refresh_from_db()
        assert isinstance(row.amount, Decimal)
        assert str(row.amount) == loaded


@pytest.mark.parametrize(("setting", "amount"), [(CNY, "1.005"), (JPY, "0.5"), (KWD, "0.0001")])
def test_is_refused_with_too_many_decimals(
    table: None, setting: override_settings, amount: str
) -> None:
    with setting:
        with pytest.raises(AmountNotExact), transaction.atomic():
            Sample.objects.create(amount=Decimal(amount))
        with pytest.raises(ValidationError) as refusal:
            MoneyField().clean(amount, None)
    assert refusal.value.messages[0].startswith(f"{amount} is not an amount of")
    assert stored() == []


def test_may_be_unknown(table: None) -> None:
    row = Sample.objects.create(amount=None)
    row.refresh_from_db()
    assert row.amount is None
    assert Sample.objects.aggregate(total=Sum("amount"))["total"] is None
    assert Sample.objects.filter(amount__isnull=True).count() == 1


@CNY
def test_sums_exactly_what_floats_cannot(table: None) -> None:
    cents = [Decimal("0.10")] * 3 + [Decimal("9007199254740993.01"), Decimal("-0.01")]
    Sample.objects.bulk_create([Sample(amount=amount) for amount in cents])
    figures = Sample.objects.aggregate(
        total=Sum("amount"),
        least=Min("amount"),
        most=Max("amount"),
        fees=Sum("fee"),
    )
    assert {name: str(value) for name, value in figures.items()} == {
        "total": "9007199254740993.30",
        "least": "-0.01",
        "most": "9007199254740993.01",
        "fees": "0.00",
    }


@CNY
def test_sums_nothing_to_a_given_amount(table: None) -> None:
    nothing = Coalesce(Sum("amount"), money_value(7))
    assert Sample.objects.aggregate(total=nothing)["total"] == Decimal("7.00")


@CNY
def test_is_found_by_its_amount(table: None) -> None:
    for amount in ("0.99", "1.00", "1.01"):
        Sample.objects.create(amount=Decimal(amount))
    found = Sample.objects.order_by("amount").values_list("amount", flat=True)
    assert list(found.filter(amount=Decimal("1.0"))) == [Decimal("1.00")]
    assert list(found.filter(amount=1)) == [Decimal("1.00")]
    assert list(found.filter(amount="1.01")) == [Decimal("1.01")]
    assert list(found.filter(amount__lt=1)) == [Decimal("0.99")]
    assert list(found.filter(amount__gte=1)) == [Decimal("1.00"), Decimal("1.01")]
    assert list(found.filter(amount__in=[Decimal("0.99"), 1])) == [Decimal("0.99"), Decimal("1.00")]
    assert list(found.filter(amount__range=("1.00", "1.01"))) == [Decimal("1.00"), Decimal("1.01")]


@CNY
def test_is_found_by_its_sum(table: None) -> None:
    for quantity, amount in [(1, "0.50"), (1, "0.50"), (2, "0.99")]:
        Sample.objects.create(quantity=quantity, amount=Decimal(amount))
    totals = Sample.objects.values("quantity").annotate(total=Sum("amount"))
    assert list(totals.filter(total__gte=1)) == [{"quantity": 1, "total": Decimal("1.00")}]


@CNY
def test_computes_in_the_database(table: None) -> None:
    Sample.objects.create(amount=Decimal("10.00"), fee=Decimal("0.25"), quantity=3)
    row = Sample.objects.annotate(
        net=F("amount") - F("fee"),
        with_fixed=F("amount") + money_value(Decimal("0.05")),
        times=F("amount") * F("quantity"),
        chosen=Case(When(amount__gt=5, then=F("fee")), default=F("amount")),
    ).get()
    assert (row.net, row.with_fixed) == (Decimal("9.75"), Decimal("10.05"))
    assert (row.times, row.chosen) == (Decimal("30.00"), Decimal("0.25"))


@CNY
def test_moves_by_an_update(table: None) -> None:
    Sample.objects.create(amount=Decimal("10.00"), fee=Decimal("0.25"))
    step = money_value(Decimal("1.50"))
    assert Sample.objects.filter(amount__gte=Decimal("1.50")).update(amount=F("amount") - step) == 1
    assert Sample.objects.update(amount=F("amount") + F("fee")) == 1
    assert stored() == [875]
    assert Sample.objects.update(amount=Decimal("2.50")) == 1
    assert stored() == [250]


@CNY
@pytest.mark.parametrize("number", [Decimal("1.00"), 1])
def test_refuses_a_plain_number_beside_a_column(table: None, number: Decimal | int) -> None:
    Sample.objects.create(amount=Decimal("10.00"))
    with pytest.raises(FieldError), transaction.atomic():
        Sample.objects.update(amount=F("amount") + number)
    with pytest.raises(FieldError, match="is no amount of money"), transaction.atomic():
        Sample.objects.update(amount=F("quantity"))
    with pytest.raises(FieldError):
        Sample.objects.annotate(more=F("amount") + number).get()
    assert stored() == [1000]


@CNY
def test_moves_in_bulk(table: None) -> None:
    rows = Sample.objects.bulk_create([Sample(amount=1), Sample(amount=Decimal("2.50"))])
    for row in rows:
        row.amount = row.amount + Decimal("0.01")
    Sample.objects.bulk_update(rows, ["amount"])
    assert stored() == [101, 251]


@CNY
def test_averages_down_to_a_minor_unit(table: None) -> None:
    for amount in ("0.01", "0.02"):
        Sample.objects.create(amount=Decimal(amount))
    assert Sample.objects.aggregate(mean=Avg("amount"))["mean"] == Decimal("0.01")


@CNY
def test_is_asked_for_with_the_currencys_decimals() -> None:
    field = MoneyField(verbose_name="spend").formfield()
    assert isinstance(field, forms.DecimalField)
    assert (field.decimal_places, field.clean("1234.50")) == (2, Decimal("1234.50"))
    with pytest.raises(ValidationError):
        field.clean("1.005")
    with JPY:
        in_yen = MoneyField().formfield()
    assert isinstance(in_yen, forms.DecimalField)
    assert in_yen.decimal_places == 0


@CNY
def test_is_dumped_and_loaded_as_text() -> None:
    text = serializers.serialize("json", [Sample(pk=1, amount=Decimal("12.30"))])
    assert '"amount": "12.30"' in text
    assert MoneyField().to_python("12.30") == Decimal("12.30")


def test_migrates_without_options_of_its_own() -> None:
    assert MoneyField(null=True).deconstruct()[1:] == (
        "common.money.MoneyField",
        [],
        {"null": True},
    )
    assert MoneyField().db_type(connection) in {"bigint", "integer"}


@pytest.mark.parametrize(
    ("currency", "amount", "english", "chinese"),
    [
        ("CNY", "1.00", "¥1", "¥1"),
        ("CNY", "99.90", "¥99.90", "¥99.90"),
        ("CNY", "12345", "¥12,345", "¥12,345"),
        ("USD", "0.50", "$0.50", "$0.50"),
        ("JPY", "500", "¥500", "¥500"),
        ("KWD", "1.5", "KWD1.500", "KWD1.500"),
    ],
)
def test_within_a_sentence_only_the_sign_is_written(
    currency: str, amount: str, english: str, chinese: str
) -> None:
    with override_settings(PROGRAMME_CURRENCY=currency):
        with override("en"):
            assert short_money(Decimal(amount)) == english
        with override("zh-hans"):
            assert short_money(Decimal(amount)) == chinese
