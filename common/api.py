"""What the API answers when a rule refuses."""

from datetime import date
from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler as framework_handler
from rest_framework.views import set_rollback

from common.errors import DomainError


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a refusal as ``{code, message, details}`` with its status, 409 or 422.

    All else is the framework's: wrong shape is 400, missing and not-yours are 404.
    """
    if not isinstance(error, DomainError):
        return framework_handler(error, context)
    set_rollback()
    details = {name: _plain(value) for name, value in error.details.items()}
    body = {"code": error.code, "message": str(error), "details": details}
    return Response(body, status=error.status)


def _plain(value: object) -> object:
    """Values that JSON has or the encoder writes exactly stay; all else, money too, is text."""
    return value if value is None or isinstance(value, bool | int | str | date) else str(value)
