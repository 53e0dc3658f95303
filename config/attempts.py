"""Where a sign-in was tried from: what the lockout counts failures by, beside the name."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address in front of our trusted proxies, the same that allauth limits by.

    None for a sign-in that came over no connection, as a management command makes it.
    """
    if "REMOTE_ADDR" not in request.META:
        return None
    return str(get_adapter().get_client_ip(request))
