"""Earning rules as plain sentences, in the active language.

A sentence is one whole template of its language, filled with parts that are phrases of that
language: who, when, where and what. A part that a rule does not have is empty and leaves no gap.
Translators move the parts to where their language wants them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from babel.dates import format_date
from django.utils.translation import gettext, ngettext, pgettext

from common.money import short_money
from common.numbers import active_locale, format_number
from common.periods import Period
from loyalty.models import EarningRule, RuleScope, Trigger

WEEK = 7


@dataclass(frozen=True)
class Names:
    """What a rule is limited to, by the names of the active language."""

    tiers: Sequence[str] = ()
    segments: Sequence[str] = ()
    stores: Sequence[str] = ()
    channels: Sequence[str] = ()
    partners: Sequence[str] = ()
    categories: Sequence[str] = field(default=())


def rule_sentence(rule: EarningRule, scopes: Sequence[RuleScope] | None = None) -> str:
    """What a rule says to members: “Gold members earn 2 points per ¥1 on Saturdays”.

    Priority and group are the operators' and are not told. The scopes are given where the rule is
    not written yet; else they should be there already (`with_words`).
    """
    names = _names(list(rule.scopes.all()) if scopes is None else scopes)
    parts = {
        "who": _who(rule, names),
        "when": _when(rule),
        "where": _where(names),
    }
    if rule.factor is not None:
        text = _multiplied(rule, names, parts)
    elif rule.per_amount is not None:
        text = _per_amount(rule, names, parts)
    else:
        text = _once(rule, names, parts)
    return _with_caps(_closed_up(text), rule)


def names_of(rule: EarningRule) -> Names:
    """What a rule that is written is limited to, by name."""
    return _names(list(rule.scopes.all()))


def kind_noun(name: str, count: int) -> str:
    """The name of a kind of points within a sentence: 1 point, 2 growth points, 2 积分."""
    if not name.isascii():
        return name
    noun = name[:1].lower() + name[1:]
    return noun.removesuffix("s") if count == 1 else noun


def any_of(names: Sequence[str]) -> str:
    """Names of which any will do: A, B or C."""
    return _joined(names, pgettext("between the last two of several", " or "))


def all_of(names: Sequence[str]) -> str:
    """Names that all count: A, B and C."""
    return _joined(names, pgettext("between the last two of several", " and "))


def weekday_names(days: Sequence[int]) -> str:
    """Days of the week: Saturdays and Sundays; three or more in a row as a span."""
    ordered = sorted(days)
    if len(ordered) >= 3 and ordered[-1] - ordered[0] == len(ordered) - 1:
        span = pgettext("days of the week", "%(first)s to %(last)s")
        return span % {"first": _weekdays()[ordered[0]], "last": _weekdays()[ordered[-1]]}
    return all_of([_weekdays()[day] for day in ordered])


def weekday_name(day: int) -> str:
    """A day of the week as it is said of something that happened: a Saturday."""
    return [
        pgettext("one day", "a Monday"),
        pgettext("one day", "a Tuesday"),
        pgettext("one day", "a Wednesday"),
        pgettext("one day", "a Thursday"),
        pgettext("one day", "a Friday"),
        pgettext("one day", "a Saturday"),
        pgettext("one day", "a Sunday"),
    ][day]


def hours_text(start: time, end: time) -> str:
    """Hours of the day; those that cross midnight say so."""
    crosses = pgettext("hours", "%(start)s and %(end)s the next day")
    within = pgettext("hours", "%(start)s and %(end)s")
    return (within if start < end else crosses) % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


def period_text(period: Period) -> str:
    """A plain period in words: 30 days, 2 years."""
    assert period.span is not None, "Only plain periods are asked of members."
    count = period.span.count
    text = {
        "D": ngettext("%(count)s day", "%(count)s days", count),
        "W": ngettext("%(count)s week", "%(count)s weeks", count),
        "M": ngettext("%(count)s month", "%(count)s months", count),
        "Y": ngettext("%(count)s year", "%(count)s years", count),
    }[period.span.unit]
    return text % {"count": format_number(count)}


def day_text(day: date) -> str:
    """A day within a sentence: November 11, 2025 or 2025年11月11日."""
    return format_date(day, format="long", locale=active_locale())


def dates_text(first: date | None, last: date | None) -> str:
    """A span of days, both of them included; empty for none."""
    told = {"first": day_text(first) if first else "", "last": day_text(last) if last else ""}
    if first and last:
        if first == last:
            return pgettext("a day within a sentence", "on %(first)s") % told
        return pgettext("days within a sentence", "from %(first)s to %(last)s") % told
    if first:
        return pgettext("days within a sentence", "from %(first)s on") % told
    if last:
        return pgettext("days within a sentence", "until %(last)s") % told
    return ""


# --- The three shapes of a rule ----------------------------------------------------------------


def _per_amount(rule: EarningRule, names: Names, parts: dict[str, str]) -> str:
    assert rule.per_amount is not None
    what = {"things": any_of(names.categories), "least": _least(rule)}
    if names.categories and rule.minimum_spend is not None:
        text = pgettext("rule", "spent on %(things)s, once it comes to %(least)s") % what
    elif names.categories:
        text = pgettext("rule", "spent on %(things)s") % what
    elif rule.minimum_spend is not None:
        text = pgettext("rule", "on purchases of at least %(least)s") % what
    else:
        text = ""
    template = pgettext(
        "rule", "%(who)s earn %(points)s per %(amount)s %(what)s %(when)s %(where)s"
    )
    told = {"points": _points(rule), "amount": short_money(rule.per_amount), "what": text}
    return template % {**parts, **told}


def _once(rule: EarningRule, names: Names, parts: dict[str, str]) -> str:
    template = pgettext("rule", "%(who)s earn %(points)s for %(what)s %(when)s %(where)s")
    return template % {**parts, "points": _points(rule), "what": _occasion(rule, names)}


def _multiplied(rule: EarningRule, names: Names, parts: dict[str, str]) -> str:
    assert rule.factor is not None
    told = {
        "factor": format_number(rule.factor.normalize()),
        "points": kind_noun(rule.point_type.name, 2),
        "what": _occasion(rule, names),
    }
    if _is_any_purchase(rule, names):
        template = pgettext("rule", "%(who)s earn %(factor)s× %(points)s %(when)s %(where)s")
    else:
        template = pgettext(
            "rule", "%(who)s earn %(factor)s× %(points)s for %(what)s %(when)s %(where)s"
        )
    return template % {**parts, **told}


def _points(rule: EarningRule) -> str:
    text = pgettext("so many of a kind of points", "%(number)s %(kind)s")
    noun = kind_noun(rule.point_type.name, rule.points)
    return text % {"number": format_number(rule.points), "kind": noun}


def _least(rule: EarningRule) -> str:
    return "" if rule.minimum_spend is None else short_money(rule.minimum_spend)


def _is_any_purchase(rule: EarningRule, names: Names) -> bool:
    is_purchase = rule.trigger == Trigger.PURCHASE
    return is_purchase and not names.categories and rule.minimum_spend is None


def _occasion(rule: EarningRule, names: Names) -> str:
    """What earns: a purchase, a check-in, a birthday."""
    if rule.trigger != Trigger.PURCHASE:
        return _activity(rule)
    what = {"things": any_of(names.categories), "least": _least(rule)}
    if names.categories and rule.minimum_spend is not None:
        return pgettext("rule, for", "a purchase with at least %(least)s of %(things)s") % what
    if names.categories:
        return pgettext("rule, for", "a purchase of %(things)s") % what
    if rule.minimum_spend is not None:
        return pgettext("rule, for", "a purchase of at least %(least)s") % what
    return pgettext("rule, for", "a purchase")


def _activity(rule: EarningRule) -> str:
    if rule.streak_every is not None:
        text = pgettext("rule, for", "every %(days)s check-ins in a row")
        return text % {"days": format_number(rule.streak_every)}
    return {
        Trigger.CHECK_IN: pgettext("rule, for", "a check-in"),
        Trigger.REVIEW: pgettext("rule, for", "a review"),
        Trigger.SHARE: pgettext("rule, for", "sharing"),
        Trigger.PROFILE_COMPLETED: pgettext("rule, for", "completing their profile"),
        Trigger.SURVEY: pgettext("rule, for", "answering a survey"),
        Trigger.REFERRAL: pgettext("rule, for", "bringing a friend"),
        Trigger.EVENT_ATTENDED: pgettext("rule, for", "attending an event"),
        Trigger.BIRTHDAY: pgettext("rule, for", "their birthday"),
    }[Trigger(rule.trigger)]


# --- Parts -------------------------------------------------------------------------------------


def _who(rule: EarningRule, names: Names) -> str:
    """Gold members of more than 2 years in the segment “Tea lovers”."""
    longer = period_text(Period.parse(rule.member_from)) if rule.member_from else ""
    at_most = period_text(Period.parse(rule.member_until)) if rule.member_until else ""
    told = {"longer": longer, "at_most": at_most, "members": _of_tiers(names.tiers)}
    if longer and at_most:
        text = pgettext("who", "%(members)s of more than %(longer)s and at most %(at_most)s")
    elif longer:
        text = pgettext("who", "%(members)s of more than %(longer)s")
    elif at_most:
        text = pgettext("who", "%(members)s in their first %(at_most)s")
    else:
        text = "%(members)s"
    members = text % told
    if not names.segments:
        return members
    within = pgettext("who", "%(members)s in the segment %(segments)s")
    quoted = [pgettext("a name", "“%(name)s”") % {"name": name} for name in names.segments]
    return within % {"members": members, "segments": any_of(quoted)}


def _of_tiers(names: Sequence[str]) -> str:
    """Gold and Diamond members; a tier that is called Member says so only once."""
    if not names:
        return gettext("Members")
    word = pgettext("after the name of a tier", "members")
    bare = [_without(name, word) or name for name in names]
    if bare == [names[0]] and not _without(names[0], word):
        return gettext("Members")
    return pgettext("who", "%(tiers)s members") % {"tiers": all_of(bare)}


def _without(name: str, word: str) -> str:
    """A tier's name without the word that follows it: 金卡会员 is 金卡, Gold Member is Gold."""
    for ending in (word, word.removesuffix("s")):
        if name.lower().endswith(ending):
            return name[: -len(ending)].strip()
    return name


def _when(rule: EarningRule) -> str:
    days = ""
    if rule.weekdays and len(rule.weekdays) < WEEK:
        days = pgettext("days of the week", "on %(days)s") % {"days": weekday_names(rule.weekdays)}
    hours = ""
    if rule.hour_from is not None and rule.hour_to is not None:
        span = hours_text(rule.hour_from, rule.hour_to)
        hours = pgettext("hours", "between %(hours)s") % {"hours": span}
    dates = dates_text(rule.starts_on, rule.ends_on)
    template = pgettext("when", "%(days)s %(hours)s %(dates)s")
    return template % {"days": days, "hours": hours, "dates": dates}


def _where(names: Names) -> str:
    stores = channels = partners = ""
    if names.stores:
        stores = pgettext("where", "at %(stores)s") % {"stores": any_of(names.stores)}
    if names.channels:
        channels = pgettext("where", "through %(channels)s") % {"channels": any_of(names.channels)}
    if names.partners:
        partners = pgettext("where", "with our partner %(partners)s") % {
            "partners": any_of(names.partners)
        }
    template = pgettext("where", "%(stores)s %(channels)s %(partners)s")
    return template % {"stores": stores, "channels": channels, "partners": partners}


def _with_caps(sentence: str, rule: EarningRule) -> str:
    """…, at most 500 a day, 2,000 a month, as long as the 1,000,000 for everyone last."""
    told = {name: format_number(most) for name, most in rule.caps().items()}
    each = [
        text % {"most": told[name]}
        for name, text in (
            ("day", pgettext("at most", "%(most)s a day")),
            ("month", pgettext("at most", "%(most)s a month")),
            ("ever", pgettext("at most", "%(most)s in all")),
        )
        if name in told
    ]
    if each:
        text = pgettext("rule", "%(sentence)s, at most %(caps)s")
        comma = pgettext("between caps", ", ")
        sentence = text % {"sentence": sentence, "caps": comma.join(each)}
    if "budget" in told:
        text = pgettext("rule", "%(sentence)s, as long as the %(budget)s for everyone last")
        sentence = text % {"sentence": sentence, "budget": told["budget"]}
    return sentence


def _names(scopes: Sequence[RuleScope]) -> Names:
    found: dict[str, list[str]] = {}
    for scope in scopes:
        sort = next(sort for sort in _PLURALS if getattr(scope, f"{sort}_id") is not None)
        found.setdefault(_PLURALS[sort], []).append(str(getattr(scope, sort)))
    return Names(**found)


_PLURALS = {
    "tier": "tiers",
    "segment": "segments",
    "store": "stores",
    "channel": "channels",
    "partner": "partners",
    "category": "categories",
}


def _joined(names: Sequence[str], last: str) -> str:
    comma = pgettext("between several", ", ")
    if len(names) < 2:
        return "".join(names)
    return f"{comma.join(names[:-1])}{last}{names[-1]}"


def _closed_up(text: str) -> str:
    """Without the gaps that empty parts leave."""
    return re.sub(r" {2,}", " ", text).strip()


def _weekdays() -> list[str]:
    return [
        pgettext("every", "Mondays"),
        pgettext("every", "Tuesdays"),
        pgettext("every", "Wednesdays"),
        pgettext("every", "Thursdays"),
        pgettext("every", "Fridays"),
        pgettext("every", "Saturdays"),
        pgettext("every", "Sundays"),
    ]
