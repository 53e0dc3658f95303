"""The programme that is in force, told in plain words: kinds, rules, tiers, worth of points."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, ngettext, pgettext

from common.money import short_money
from common.numbers import format_number
from common.period_words import in_words
from common.periods import Period
from loyalty.models import EarningRule, Ladder, PointsMoney, PointType, Tier
from loyalty.models.tiers import CALENDAR_YEAR, SINCE_TIER
from loyalty.sentences import rule_sentence
from loyalty.tier_words import bounds_text, staying_text


@dataclass(frozen=True)
class Chapter:
    """A heading and the lines below it."""

    title: str
    lines: list[str]


def programme_words() -> list[Chapter]:
    """Everything that a programme says, in the active language."""
    in_force = EarningRule.objects.filter(is_current=True).with_words().order_by("code")
    return [
        Chapter(gettext("Kinds of points"), [_kind(kind) for kind in PointType.objects.all()]),
        Chapter(gettext("Earning"), [rule_sentence(rule) for rule in in_force]),
        Chapter(gettext("Tiers"), [_tier(tier) for tier in Tier.objects.by_rank()]),
        Chapter(gettext("Validity of tiers"), _ladder(Ladder.objects.solo())),
        Chapter(gettext("Points as money"), [_worth(PointsMoney.objects.solo())]),
    ]


def _kind(kind: PointType) -> str:
    if not kind.is_spendable:
        return gettext("%(name)s: never spent") % {"name": kind.name}
    told = {"name": kind.name, "validity": in_words(kind.expiry), "held": in_words(kind.holding)}
    if Period.parse(kind.holding).is_zero:
        return gettext("%(name)s: spendable at once, valid %(validity)s") % told
    return gettext("%(name)s: valid %(validity)s; those of a purchase are held for %(held)s") % told


def tier_bounds(tier: Tier) -> str:
    """A tier, and what it asks for."""
    enters = bounds_text(tier, "entry")
    stays = staying_text(tier)
    told = {"tier": tier.name, "enters": enters, "stays": stays}
    if enters is None:
        return gettext("%(tier)s: everyone's") % told
    if stays is None:
        return gettext("%(tier)s: %(enters)s, to enter and to stay") % told
    return gettext("%(tier)s: %(enters)s to enter, %(stays)s to stay") % told


def _tier(tier: Tier) -> str:
    brings = [
        phrase % {"number": format_number(number.normalize())}
        for number, phrase in (
            (tier.multiplier, pgettext("of a tier", "%(number)s× points")),
            (tier.discount_rate, pgettext("of a tier", "discount rate %(number)s")),
        )
        if number != 1
    ]
    return pgettext("between facts", "; ").join([tier_bounds(tier), *brings])


def _ladder(ladder: Ladder) -> list[str]:
    held = gettext("Held %(validity)s; %(grace)s") % {
        "validity": in_words(ladder.validity),
        "grace": _grace(ladder.grace_days),
    }
    down = str(Ladder.Downgrade(ladder.downgrade).label)
    return [window_text(ladder.window), held, down]


def _grace(days: int) -> str:
    if days == 0:
        return gettext("no days of grace")
    text = ngettext("%(days)s day of grace", "%(days)s days of grace", days)
    return text % {"days": format_number(days)}


def window_text(window: str) -> str:
    """What counts for tiers, by the ladder's window."""
    if window == CALENDAR_YEAR:
        return gettext("What happens in the calendar year counts")
    if window == SINCE_TIER:
        return gettext("What happens since the tier was won or last kept counts")
    if Period.parse(window).is_never:
        return gettext("What ever happened counts")
    return gettext("The last %(window)s count") % {"window": in_words(window)}


def _worth(money: PointsMoney) -> str:
    if not money.is_offered:
        return gettext("Points buy rewards and pay for no part of a purchase")
    text = gettext(
        "%(points)s points are worth %(unit)s, for up to %(share)s%% of purchases of at least "
        "%(minimum)s, in multiples of %(multiple)s"
    )
    return text % {
        "points": format_number(money.points_per_money),
        "unit": short_money(Decimal(1)),
        "share": format_number(money.maximum_share.normalize()),
        "minimum": short_money(money.minimum_purchase),
        "multiple": format_number(money.multiple),
    }
