"""Tiers in words: what one asks for, what it is worth, and the figures that moved a member."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from common.models import in_active_language
from common.money import format_money
from common.numbers import format_number
from loyalty import rules
from loyalty.models import Tier, TierChange


def bounds_text(tier: Tier, stage: str) -> str | None:
    """A tier's bounds in words; None where it asks for nothing of its own."""
    texts = measures_in_words({name: getattr(tier, f"{stage}_{name}") for name in Tier.MEASURES})
    is_any = tier.join == Tier.Join.ANY
    return (gettext(" or ") if is_any else gettext(" and ")).join(texts) or None


def staying_text(tier: Tier) -> str | None:
    """What a tier asks to stay, where that is another than to enter."""
    bounds = {name: rules.staying_bound(tier, name) for name in Tier.MEASURES}
    if all(bounds[name] == rules.entry_bound(tier, name) for name in Tier.MEASURES):
        return None
    is_any = tier.join == Tier.Join.ANY
    return (gettext(" or ") if is_any else gettext(" and ")).join(measures_in_words(bounds))


def discount_text(rate: Decimal) -> str | None:
    """“5% off”; in Chinese what is paid: 95折, 9折 for nine tenths. None for the full price."""
    if rate >= 1:
        return None
    off, paid = (1 - rate) * 100, rate * 100
    tenths = paid / 10 if paid % 10 == 0 or paid < 10 else paid
    return gettext("%(rate)s%% off") % {"rate": in_active_language(plain(off), plain(tenths))}


def multiplier_text(factor: Decimal) -> str | None:
    """“1.5 times the points”; None for what everybody earns."""
    if factor == 1:
        return None
    return gettext("%(factor)s times the points") % {"factor": plain(factor)}


def worth_text(points_per_money: int) -> str:
    """What points pay: “100 points pay CN¥1.00”."""
    text = ngettext(
        "%(points)s point pays %(amount)s",
        "%(points)s points pay %(amount)s",
        points_per_money,
    )
    return text % {
        "points": format_number(points_per_money),
        "amount": format_money(Decimal(1)),
    }


def figures_text(change: TierChange) -> str:
    """The figures that moved a member, as far as the ladder of that day asked for them."""
    figures = {name: getattr(change, name) for name in _asked(change)}
    return gettext(", ").join(measures_in_words(figures))


def measures_in_words(figures: dict[str, Decimal | int | None]) -> list[str]:
    """Figures by measure in words, in their order; nothing for None."""
    texts = []
    if (spend := figures.get("spend")) is not None:
        texts.append(gettext("spend %(amount)s") % {"amount": format_money(Decimal(spend))})
    if (orders := figures.get("orders")) is not None:
        text = ngettext("%(count)s purchase", "%(count)s purchases", int(orders))
        texts.append(text % {"count": format_number(orders)})
    if (growth := figures.get("growth")) is not None:
        text = ngettext("%(points)s growth point", "%(points)s growth points", int(growth))
        texts.append(text % {"points": format_number(growth)})
    if (days := figures.get("active_days")) is not None:
        text = ngettext("%(count)s active day", "%(count)s active days", int(days))
        texts.append(text % {"count": format_number(days)})
    return texts


def plain(number: Decimal) -> str:
    """A number without zeros at its end."""
    return format_number(number.normalize())


def _asked(change: TierChange) -> Sequence[str]:
    """What the ladder by which a member was judged asked for; all of it where it is not known."""
    if change.version is None:
        return Tier.MEASURES
    asked = [
        name
        for name in Tier.MEASURES
        if any(
            rung.get(f"{stage}_{name}") for rung in change.version.tiers for stage in rules.STAGES
        )
    ]
    return asked or Tier.MEASURES
