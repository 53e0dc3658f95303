"""Parts that pages are made of and that enclose what a page writes itself, and the navigation."""

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from common.places import ShownPlace, shown_places

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[ShownPlace]:
    """The navigation of the page that is shown."""
    request: Any = context["request"]
    return list(shown_places(request.path, request.user))


@register.simple_block_tag
def sheet(content: SafeString, id: str, label: str, kind: str = "") -> SafeString:
    """A dialog over the page, which a button with `popovertarget` opens without a script."""
    context = {"content": content, "id": id, "label": label, "kind": kind}
    return render_to_string("components/_sheet.html", context)
