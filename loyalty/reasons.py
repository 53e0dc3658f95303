"""Why a rule gave nothing, in the active language: what it asks for, and what was there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from common.money import short_money
from common.numbers import format_number
from common.periods import Period
from loyalty import rules
from loyalty.models import EarningRule, Purchase, Tier
from loyalty.sentences import (
    any_of,
    dates_text,
    day_text,
    hours_text,
    names_of,
    period_text,
    weekday_name,
    weekday_names,
)


@dataclass(frozen=True)
class Facts:
    """What happened, by rows as well as by the ids that rules see."""

    occasion: rules.Occasion
    purchase: Purchase
    tier: Tier | None


def reason_text(name: str, rule: EarningRule, facts: Facts) -> str:
    """One failing condition as a sentence. The rule comes with its words."""
    return _TELLERS[name](rule, facts)


def _trigger(rule: EarningRule, facts: Facts) -> str:
    return gettext("It is for something else: %(trigger)s.") % {
        "trigger": rule.get_trigger_display()
    }


def _tiers(rule: EarningRule, facts: Facts) -> str:
    wanted = {"tiers": any_of(names_of(rule).tiers)}
    if facts.tier is None or facts.purchase.member is None:
        return gettext("Only for %(tiers)s; no member was named.") % wanted
    text = gettext("Only for %(tiers)s; the member was %(tier)s then.")
    return text % {**wanted, "tier": facts.tier.name}


def _segments(rule: EarningRule, facts: Facts) -> str:
    wanted = {"segments": any_of(names_of(rule).segments)}
    if facts.purchase.member is None:
        return gettext("Only for the segment %(segments)s; no member was named.") % wanted
    return gettext("Only for the segment %(segments)s; the member was not in it then.") % wanted


def _stores(rule: EarningRule, facts: Facts) -> str:
    return _place(names_of(rule).stores, facts.purchase.store)


def _channels(rule: EarningRule, facts: Facts) -> str:
    return _place(names_of(rule).channels, facts.purchase.channel)


def _partners(rule: EarningRule, facts: Facts) -> str:
    return _place(names_of(rule).partners, facts.purchase.partner)


def _place(wanted: Sequence[str], found: object) -> str:
    told = {"wanted": any_of(wanted), "found": str(found)}
    if found is None:
        return gettext("Only with %(wanted)s; the purchase names none.") % told
    return gettext("Only with %(wanted)s; this was %(found)s.") % told


def _categories(rule: EarningRule, facts: Facts) -> str:
    text = gettext("Only for %(categories)s; no line was of it.")
    return text % {"categories": any_of(names_of(rule).categories)}


def _minimum_spend(rule: EarningRule, facts: Facts) -> str:
    assert rule.minimum_spend is not None
    wanted = frozenset(
        scope.category_id for scope in rule.scopes.all() if scope.category_id is not None
    )
    amounts = rules.eligible(rules.Conditions(categories=wanted), facts.occasion)
    return gettext("Only from %(least)s on; what counts came to %(found)s.") % {
        "least": short_money(rule.minimum_spend),
        "found": short_money(sum(amounts.values(), Decimal(0))),
    }


def _weekdays(rule: EarningRule, facts: Facts) -> str:
    return gettext("Only on %(wanted)s; this was on %(found)s.") % {
        "wanted": weekday_names(rule.weekdays),
        "found": weekday_name(facts.occasion.at.weekday()),
    }


def _hours(rule: EarningRule, facts: Facts) -> str:
    assert rule.hour_from is not None
    assert rule.hour_to is not None
    return gettext("Only between %(wanted)s; this was at %(found)s.") % {
        "wanted": hours_text(rule.hour_from, rule.hour_to),
        "found": f"{facts.occasion.at:%H:%M}",
    }


def _dates(rule: EarningRule, facts: Facts) -> str:
    return gettext("Only %(wanted)s; this was on %(found)s.") % {
        "wanted": dates_text(rule.starts_on, rule.ends_on),
        "found": day_text(facts.occasion.at.date()),
    }


def _member_from(rule: EarningRule, facts: Facts) -> str:
    told = {"period": period_text(Period.parse(rule.member_from))}
    if facts.occasion.joined_on is None:
        return gettext("Only for members of more than %(period)s; no member was named.") % told
    text = gettext("Only for members of more than %(period)s; this one joined on %(day)s.")
    return text % {**told, "day": day_text(facts.occasion.joined_on)}


def _member_until(rule: EarningRule, facts: Facts) -> str:
    told = {"period": period_text(Period.parse(rule.member_until))}
    if facts.occasion.joined_on is None:
        return gettext("Only in the first %(period)s of membership; no member was named.") % told
    text = gettext("Only in the first %(period)s of membership; this one joined on %(day)s.")
    return text % {**told, "day": day_text(facts.occasion.joined_on)}


def _streak(rule: EarningRule, facts: Facts) -> str:
    assert rule.streak_every is not None
    return gettext("Only on every %(days)s days in a row; this was day %(found)s.") % {
        "days": format_number(rule.streak_every),
        "found": format_number(facts.occasion.streak),
    }


def _group(rule: EarningRule, facts: Facts) -> str:
    text = gettext("A stronger rule of the group “%(group)s” counts instead.")
    return text % {"group": rule.group}


_TELLERS: Mapping[str, Callable[[EarningRule, Facts], str]] = {
    "trigger": _trigger,
    "tiers": _tiers,
    "segments": _segments,
    "stores": _stores,
    "channels": _channels,
    "partners": _partners,
    "categories": _categories,
    "minimum_spend": _minimum_spend,
    "weekdays": _weekdays,
    "hours": _hours,
    "dates": _dates,
    "member_from": _member_from,
    "member_until": _member_until,
    "streak_every": _streak,
    rules.GROUP: _group,
}
