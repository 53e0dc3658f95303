"""Numbers as people write them in the active language.

Django's own formats group no digits in Chinese; CLDR's do, so both languages read 8,902,670.
"""

from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from django.conf import settings
from django.utils.translation import get_language, to_locale


def active_locale() -> str:
    """The active language, by the name that Babel knows it by."""
    return to_locale(get_language() or settings.LANGUAGE_CODE)


def format_number(number: int | Decimal) -> str:
    """A number with its digits grouped and all of its decimals, trailing zeros too."""
    exponent = Decimal(number).as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return format_decimal(number, format=f"#,##0.{'0' * decimals}", locale=active_locale())


def format_share(share: Decimal | float) -> str:
    """A share of one as a percentage with one decimal: 65.6%."""
    return format_percent(share, format="#,##0.0%", locale=active_locale())


def format_decimals(number: float, decimals: int) -> str:
    """An estimate, with its digits grouped and so many decimals."""
    return format_decimal(number, format=f"#,##0.{'0' * decimals}", locale=active_locale())
