"""What happens around every request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class AdminContentSecurityPolicyMiddleware:
    """Give the operators' pages their own content security policy.

    Their library needs eval and inline styles; members' pages must never have them. Stands inside
    ``CSPMiddleware``, which reads what is set here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and "admin" in match.namespaces:
            policy = settings.ADMIN_CONTENT_SECURITY_POLICY["DIRECTIVES"]
            response._csp_config = policy  # type: ignore[attr-defined]
        return response
