"""Icons and stylesheets. Every template knows these tags: a page has dozens of them."""

from functools import lru_cache

from django import template
from django.core.files.storage import Storage, storages
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "icons/sprite.svg"
LINK = '<link rel="stylesheet" href="{}">'
ICON = '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>'


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon beside words that say the same; readers pass over it."""
    return _drawn(storages["staticfiles"], name, classes)


# There are as many as a page's templates name: the sprite has some sixty icons.
@lru_cache(maxsize=512)
def _drawn(storage: Storage, name: str, classes: str) -> SafeString:
    return format_html(ICON, classes, storage.url(SPRITE), name)


@register.simple_tag
def stylesheets(*names: str) -> SafeString:
    """The links to stylesheets of `static/css/`, in this order."""
    return _linked(storages["staticfiles"], names)


# As many as there are lists of them in templates.
@lru_cache(maxsize=64)
def _linked(storage: Storage, names: tuple[str, ...]) -> SafeString:
    addresses = ((storage.url(f"css/{name}.css"),) for name in names)
    return format_html_join("\n", LINK, addresses)
