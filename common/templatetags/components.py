"""Parts that pages are made of and that enclose what a page writes itself, and the navigation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.core.files.storage import Storage, storages
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from common.places import ShownPlace, shown_places

register = template.Library()


@dataclass(frozen=True)
class Navigation:
    """The navigation of a page: at the top and in the bar of a phone, and what its menu adds."""

    topbar: SafeString
    tabs: SafeString
    menu: SafeString


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Navigation:
    """The navigation of the page that is shown."""
    request: Any = context["request"]
    places = tuple(shown_places(request.path, request.user))
    return _navigation(places, str(get_language()), storages["staticfiles"])


@lru_cache(maxsize=1024)
def _navigation(places: Sequence[ShownPlace], language: str, storage: Storage) -> Navigation:
    """The same for everyone on such a page for whom as much waits: made once."""
    parts = ("topbar", "tabs", "menu")
    context = {"places": places}
    return Navigation(*(render_to_string(f"navigation/{part}.html", context) for part in parts))


@register.simple_block_tag
def kept(content: SafeString) -> SafeString:
    """What a page shows in two places and makes once: `{% kept as name %}`, then `{{ name }}`."""
    return content


@register.simple_block_tag
def sheet(content: SafeString, id: str, label: str, kind: str = "") -> SafeString:
    """A dialog over the page, which a button with `popovertarget` opens without a script."""
    context = {"content": content, "id": id, "label": label, "kind": kind}
    return render_to_string("components/_sheet.html", context)
