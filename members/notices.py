"""How a notice becomes words. Each app lists its kinds; `NOTICE_KINDS` names the lists in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django_stubs_ext import StrOrPromise

from common.models import in_active_language
from common.numbers import active_locale
from members.models import Notice


@dataclass(frozen=True)
class NoticeText:
    """A notice in the active language: one line that says it all, and what follows from it."""

    title: str
    body: str


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice: how its params read, and the portal's page that tells more.

    `words` is called in the reader's language. `icon` is one of the portal's sprite.
    """

    code: str
    name: StrOrPromise
    words: Callable[[Mapping[str, Any]], NoticeText]
    icon: str
    page: str


@dataclass(frozen=True)
class ToldNotice:
    """A notice as it is shown."""

    notice: Notice
    text: NoticeText
    icon: str
    address: str


def kind_named(code: str) -> NoticeKind | None:
    """The kind of that code; None for one that no installed app knows any more."""
    return _kinds(tuple(settings.NOTICE_KINDS)).get(code)


def told(notice: Notice) -> ToldNotice:
    """A notice in words of the active language, and where the portal tells more."""
    kind = kind_named(notice.kind)
    if kind is None:
        text = NoticeText(title=gettext("News about your membership"), body="")
        return ToldNotice(notice=notice, text=text, icon="bell", address=reverse("inbox"))
    return ToldNotice(
        notice=notice,
        text=kind.words(notice.params),
        icon=kind.icon,
        address=reverse(kind.page),
    )


@cache
def _kinds(paths: tuple[str, ...]) -> dict[str, NoticeKind]:
    kinds: dict[str, NoticeKind] = {}
    for path in paths:
        for kind in import_string(path):
            if kind.code in kinds:
                raise ImproperlyConfigured(f"NOTICE_KINDS holds two kinds named {kind.code}.")
            kinds[kind.code] = kind
    return kinds


def told_day(text: str) -> str:
    """A day as a notice keeps it, written as the reader writes days."""
    return format_date(date.fromisoformat(text), "medium", locale=active_locale())


def told_name(named: Mapping[str, Any]) -> str:
    """A thing by the name it had when the notice was written, in the active language."""
    return in_active_language(named["name_en"], named["name_zh"])
