"""What a coupon gives and asks for, in sentences of the active language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from benefits.models import BirthdayPerk, CouponTemplate, CouponTerms, TierGift
from common.money import short_money
from common.numbers import format_number
from common.periods import Period
from loyalty.models import Channel, ProductCategory, Tier
from members.models import Segment, Store

Kind = CouponTerms.Kind

SORTS: dict[str, type[Model]] = {
    "categories": ProductCategory,
    "stores": Store,
    "channels": Channel,
    "tiers": Tier,
    "segments": Segment,
}


def headline(terms: CouponTerms) -> str:
    """What it gives, in a few words: “¥10 off”, “20% off, at most ¥50”, “Gift: a cup”."""
    if terms.kind == Kind.AMOUNT and terms.amount is not None:
        return gettext("%(amount)s off") % {"amount": short_money(terms.amount)}
    if terms.kind == Kind.PERCENT and terms.percent is not None:
        if terms.percent == 100:
            return gettext("For nothing")
        text = gettext("%(rate)s%% off") % {"rate": rate_off(terms.percent)}
        if terms.ceiling is None:
            return text
        most = {"off": text, "ceiling": short_money(terms.ceiling)}
        return gettext("%(off)s, at most %(ceiling)s") % most
    if terms.kind == Kind.SHIPPING:
        return gettext("Free shipping")
    text = gettext("Gift: %(thing)s") if terms.kind == Kind.GIFT else gettext("Service: %(thing)s")
    return text % {"thing": thing_of(terms)}


def rate_off(percent: Decimal) -> str:
    """20 off a hundred, as a language says it: 20 in English, 8 (of ten) in Chinese."""
    is_chinese = (get_language() or "").startswith("zh")
    rate = (100 - percent) / 10 if is_chinese else percent
    return f"{rate.normalize():f}"


def thing_of(terms: CouponTerms) -> str:
    """The gift or service in the active language, English where there is no Chinese."""
    is_chinese = (get_language() or "").startswith("zh")
    return terms.thing_zh if is_chinese and terms.thing_zh else terms.thing_en


def minimum_text(terms: CouponTerms) -> str:
    """From which spend on it holds; empty for any."""
    if terms.minimum_spend is None:
        return ""
    spend = short_money(terms.minimum_spend)
    return gettext("From %(amount)s on") % {"amount": spend}


def conditions_text(terms: CouponTerms, conditions: Mapping[str, Sequence[int]]) -> list[str]:
    """What it asks for, a sentence each; names are looked up, a query for each sort."""
    return _conditions(terms, dict(_named(conditions)))


def offer_conditions(template: CouponTemplate) -> list[str]:
    """What coupons of an offer ask for, a sentence each."""
    return _conditions(
        template, {sort: [row.name for row in getattr(template, sort).all()] for sort in SORTS}
    )


def _conditions(terms: CouponTerms, names: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        *([_sentence(minimum_text(terms))] if terms.minimum_spend else []),
        *_limits(names),
        *_stacking(terms),
    ]


def _named(conditions: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, list[str]]]:
    for sort, model in SORTS.items():
        if ids := conditions.get(sort):
            rows: list[Any] = list(model._default_manager.filter(pk__in=ids).order_by("pk"))
            yield sort, [row.name for row in rows]


def _sentence(text: str) -> str:
    return gettext("%(sentence)s.") % {"sentence": text}


def _limits(names: Mapping[str, Sequence[str]]) -> Iterable[str]:
    sentences = {
        "categories": gettext("Only for: %(names)s."),
        "stores": gettext("Only at: %(names)s."),
        "channels": gettext("Only by: %(names)s."),
        "tiers": gettext("For members of: %(names)s."),
        "segments": gettext("For the group: %(names)s."),
    }
    for sort, sentence in sentences.items():
        if names.get(sort):
            yield sentence % {"names": gettext(", ").join(names[sort])}


def _stacking(terms: CouponTerms) -> Iterable[str]:
    if not terms.is_stackable:
        yield gettext("Cannot be combined with other coupons.")
    elif terms.exclusive_group:
        yield gettext("Only one coupon of its kind for each purchase.")


def validity_text(template: CouponTemplate) -> str:
    """How long coupons of an offer hold."""
    if template.ends_on:
        dates = {
            "first": date_format(template.starts_on) if template.starts_on else "",
            "last": date_format(template.ends_on),
        }
        if template.starts_on:
            return gettext("Valid from %(first)s through %(last)s.") % dates
        return gettext("Valid through %(last)s.") % dates
    period = Period.parse(template.validity)
    if period.is_never:
        return gettext("Valid without end.")
    if period.span is not None and not period.rounding:
        return _span_text(period.span.count, period.span.unit)
    return gettext("Valid from its issue for: %(period)s.") % {"period": template.validity}


def _span_text(count: int, unit: str) -> str:
    texts = {
        "D": ngettext("Valid for %(count)s day.", "Valid for %(count)s days.", count),
        "W": ngettext("Valid for %(count)s week.", "Valid for %(count)s weeks.", count),
        "M": ngettext("Valid for %(count)s month.", "Valid for %(count)s months.", count),
        "Y": ngettext("Valid for %(count)s year.", "Valid for %(count)s years.", count),
    }
    return texts[unit] % {"count": format_number(count)}


def template_sentences(
    template: CouponTemplate, conditions: Mapping[str, Sequence[int]]
) -> list[str]:
    """An offer as its members will read it, and what there is of it."""
    sentences = [_sentence(headline(template))]
    sentences += conditions_text(template, conditions)
    sentences.append(validity_text(template))
    if template.per_member_limit:
        limit = ngettext(
            "At most %(limit)s per member.",
            "At most %(limit)s per member.",
            template.per_member_limit,
        )
        sentences.append(limit % {"limit": format_number(template.per_member_limit)})
    return sentences


def perk_text(perk: BirthdayPerk) -> str:
    """What a perk gives, in few words."""
    if perk.template:
        return f"{perk.template.name} · {headline(perk.template)}"
    if perk.points:
        return gettext("%(points)s points") % {"points": format_number(perk.points)}
    if perk.factor:
        factor = format_number(perk.factor.normalize())
        return gettext("purchases earn ×%(factor)s") % {"factor": factor}
    if perk.lift_tier:
        return gettext("tier %(tier)s") % {"tier": perk.lift_tier.name}
    return gettext("%(steps)s tiers higher") % {"steps": perk.lift_steps}


def gift_words(gift: TierGift) -> str:
    """What a tier gift gives, in few words."""
    if gift.template:
        return f"{gift.template.name} · {headline(gift.template)}"
    return gettext("%(points)s points") % {"points": format_number(gift.points or 0)}
