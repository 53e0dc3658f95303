"""What may be chosen in conditions of segments: codes, and what they are called."""

from collections.abc import Callable

from django.conf import settings
from django.utils.dates import MONTHS, WEEKDAYS

from analytics.models import MemberMetrics, WarningLevel
from loyalty.models import ProductCategory, Tier
from members.models import Member, Store, Tag

Options = list[tuple[str, str]]


def options_of(name: str) -> Options:
    """The choices of a list of the catalogue, as codes with their names in the active language."""
    return _LISTS[name]()


def _stores() -> Options:
    return [(store.code, store.name) for store in Store.objects.order_by("code")]


def _categories() -> Options:
    return [(category.code, category.name) for category in ProductCategory.objects.all()]


def _tiers() -> Options:
    return [(tier.code, tier.name) for tier in Tier.objects.by_rank()]


def _tags() -> Options:
    return [(tag.code, tag.name) for tag in Tag.objects.all()]


def _warnings() -> Options:
    return [(str(level.pk), level.name) for level in WarningLevel.objects.all()]


_LISTS: dict[str, Callable[[], Options]] = {
    "stores": _stores,
    "categories": _categories,
    "tiers": _tiers,
    "tags": _tags,
    "warnings": _warnings,
    "languages": lambda: [(code, str(name)) for code, name in settings.LANGUAGES],
    "months": lambda: [(str(number), str(name)) for number, name in MONTHS.items()],
    "weekdays": lambda: [(str(number), str(name)) for number, name in WEEKDAYS.items()],
    "statuses": lambda: [(code, str(name)) for code, name in Member.Status.choices],
    "quadrants": lambda: [(code, str(name)) for code, name in MemberMetrics.Quadrant.choices],
}
