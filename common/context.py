"""What every template may name."""

from django.conf import settings
from django.http import HttpRequest


def programme(request: HttpRequest) -> dict[str, str]:
    """The programme's own name, as members know it."""
    return {"programme_name": settings.PROGRAMME_NAME}
