"""Who tried to sign in, and from where: what the lockout counts failures by."""

from collections.abc import Mapping

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address in front of our trusted proxies, the same that allauth limits by."""
    return str(get_adapter().get_client_ip(request))


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """What was typed as the name: a username, an e-mail address or a phone number."""
    given = credentials or {}
    return str(given.get("username") or given.get("email") or given.get("phone") or "")
