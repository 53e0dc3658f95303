"""Money: exact decimals in Python, whole minor units in the database, one currency.

SQLite adds decimals up as floats, so an amount is stored as a count of the currency's smallest
unit. Amounts and points never share a name or a type: points are integers.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_currency
from django import forms
from django.conf import settings
from django.core import exceptions
from django.db import models
from django.db.models.expressions import Combinable, register_combinable_fields
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.numbers import active_locale

# ISO 4217 exponents other than 2. Not read from CLDR: its digits differ for some currencies and
# change between editions, which would move the point in every stored amount.
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_LARGEST_MINOR = 2**63 - 1
# The letters of a country before a sign that they tell from another country's.
_BARE_SIGN = re.compile(r"^[A-Z]{2}(?=[^\w\s])")


class AmountNotExact(DomainError):
    """An amount has more decimals than the currency, or is no finite number."""

    code = "amount_not_exact"
    message = _("%(amount)s is not an amount of %(currency)s: use at most %(digits)s decimals.")
    status = 422


class AmountTooLarge(DomainError):
    """An amount does not fit the database."""

    code = "amount_too_large"
    message = _("%(amount)s is too large an amount.")
    status = 422


def minor_digits() -> int:
    """How many decimals the programme's currency has (2 for CNY, 0 for JPY, 3 for KWD)."""
    return _EXPONENTS.get(settings.PROGRAMME_CURRENCY, 2)


def quantize(amount: Decimal) -> Decimal:
    """Round half up (away from zero) to the currency's decimals."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits()), rounding=ROUND_HALF_UP)


def to_minor(amount: Decimal | int | str) -> int:
    """Count an amount in minor units; refuse what the currency cannot hold exactly.

    Whole numbers are major units: ``to_minor(5)`` is 500 for CNY. Floats are a programming error.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError(f"Money is Decimal, int or str, not {type(amount).__name__}.")
    try:
        exact = Decimal(amount)
    except InvalidOperation:
        raise _not_exact(amount) from None
    if not exact.is_finite():
        raise _not_exact(amount)
    # Compared before scaling: the decimal context would round away what does not fit.
    if abs(exact) > from_minor(_LARGEST_MINOR):
        raise AmountTooLarge(amount=str(amount))
    minor = exact.scaleb(minor_digits())
    if minor != minor.to_integral_value() or from_minor(int(minor)) != exact:
        raise _not_exact(amount)
    return int(minor)


def from_minor(minor: int) -> Decimal:
    """The amount of a count of minor units, with the currency's decimals."""
    return Decimal(minor).scaleb(-minor_digits())


def format_money(amount: Decimal) -> str:
    """An amount with the currency's sign, as the active language writes it."""
    return format_currency(
        quantize(amount),
        settings.PROGRAMME_CURRENCY,
        locale=active_locale(),
        decimal_quantization=False,
    )


def short_money(amount: Decimal) -> str:
    """An amount for running text: ¥1 or ¥99.90; no decimals where it is whole.

    A programme has one currency, so that its bare sign says enough: CN¥ is ¥, US$ is $.
    """
    exact = quantize(amount)
    digits = 0 if exact == exact.to_integral_value() else minor_digits()
    text = format_currency(
        exact,
        settings.PROGRAMME_CURRENCY,
        format="¤#,##0" + ("." + "0" * digits if digits else ""),
        locale=active_locale(),
        currency_digits=False,
    )
    return _BARE_SIGN.sub("", text)


def _not_exact(amount: object) -> AmountNotExact:
    return AmountNotExact(
        amount=str(amount), currency=settings.PROGRAMME_CURRENCY, digits=minor_digits()
    )


class MoneyField(models.Field):
    """An amount of the programme's currency: ``Decimal`` in Python, bigint minor units in SQL.

    Exact both ways; refuses more decimals than the currency has. ``Sum``, ``Min`` and ``Max`` give
    ``Decimal``; ``F`` arithmetic works between amounts and with whole factors
    (``F("amount") * F("quantity")``). A plain number beside a column would be minor units, so it
    is refused: write :func:`money_value`. In hand-written SQL the column holds minor units: see
    :func:`to_minor`.
    """

    description = _("Amount of money")
    empty_strings_allowed = False

    _pyi_private_set_type: Decimal | int | Combinable
    _pyi_private_get_type: Decimal
    _pyi_lookup_exact_type: Decimal | int | str

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: Any, *_: object) -> Decimal | None:
        return None if value is None else from_minor(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            return from_minor(to_minor(value))
        except DomainError as error:
            raise exceptions.ValidationError(str(error), code=error.code) from error

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        return None if value is None else to_minor(value)

    def get_placeholder(self, value: Any, *_: object) -> str:
        """Refuse to store an expression whose numbers may not be minor units."""
        if hasattr(value, "as_sql") and not isinstance(value.output_field, MoneyField):
            raise exceptions.FieldError(f"{value} is no amount of money: use money_value().")
        return "%s"

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        defaults = {
            "form_class": forms.DecimalField,
            "max_digits": 18,
            "decimal_places": minor_digits(),
        }
        return super().formfield(**{**defaults, **kwargs})


for _connector in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(MoneyField, _connector, MoneyField, MoneyField)
register_combinable_fields(MoneyField, Combinable.MUL, models.IntegerField, MoneyField)
register_combinable_fields(models.IntegerField, Combinable.MUL, MoneyField, MoneyField)


def money_value(amount: Decimal | int) -> models.Value:
    """A fixed amount in a database expression: ``F("amount") + money_value(Decimal("0.50"))``."""
    return models.Value(amount, output_field=MoneyField())
