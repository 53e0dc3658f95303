"""Parts of pages that htmx asks for, and what goes with them."""

from collections.abc import Callable

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

REDIRECTS = (301, 302, 303, 307, 308)


def part_asked(request: HttpRequest) -> str | None:
    """The id of what the answer is put into, "" where that has none; None for a whole page.

    Going back without a snapshot, htmx asks for the whole page too.
    """
    headers = request.headers
    if "HX-Request" not in headers or "HX-History-Restore-Request" in headers:
        return None
    return headers.get("HX-Target", "")


class HtmxPartsMiddleware:
    """Bring the messages along with a part of a page; lead the whole page where a view redirects.

    Without the latter the page that is redirected to, the sign-in page say, would be put into the
    part's place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if part_asked(request) is None or not isinstance(response, HttpResponse):
            return response
        if response.status_code in REDIRECTS:
            return HttpResponse(headers={"HX-Redirect": response["Location"]})
        if response["Content-Type"].startswith("text/html") and (told := get_messages(request)):
            text = render_to_string("components/_toasts_more.html", {"messages": told})
            response.content += text.encode()
        return response
