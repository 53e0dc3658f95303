"""The root of every refusal that a member or an operator may meet."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext_lazy as _

from common.numbers import format_number


class DomainError(Exception):
    """A rule refused what was asked.

    One subclass per refusal, in its app's ``errors.py``. ``code`` is for programs and never
    changes; ``message`` is the sentence for people and may hold ``%(name)s`` for any detail.
    ``status`` is what the API answers: 409 when the state of things refuses, 422 when the request
    itself cannot be meant. ``str(error)`` is the sentence in the active language, its numbers and
    dates written the way that language writes them; pass identifiers as text, not as numbers.
    """

    code = "refused"
    message: str | Promise = _("This is not possible.")
    status = 409

    def __init__(self, **details: object) -> None:
        super().__init__()
        self.details = details

    def __str__(self) -> str:
        return str(self.message) % {name: _spoken(value) for name, value in self.details.items()}

    def __repr__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{type(self).__name__}({details})"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle by positional arguments; ours are all by keyword.
        return (_rebuild, (type(self), self.details))


def _rebuild(error: type[DomainError], details: dict[str, object]) -> DomainError:
    return error(**details)


def _spoken(value: object) -> str:
    match value:
        case bool():
            return str(value)
        case int() | Decimal():
            return format_number(value)
        case datetime():
            return date_format(localtime(value) if is_aware(value) else value, "DATETIME_FORMAT")
        case date():
            return date_format(value, "DATE_FORMAT")
        case _:
            return str(value)
