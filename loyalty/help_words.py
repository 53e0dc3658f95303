"""The programme's rules as members read them, written out of what is configured."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.conf import settings
from django.utils.translation import gettext, ngettext, pgettext

from common.money import short_money
from common.numbers import format_number
from common.period_words import in_words
from common.periods import Period
from loyalty import rules
from loyalty.models import EarningRule, Ladder, PointsMoney, PointType, Tier
from loyalty.programme_words import Chapter, tier_bounds, window_text
from loyalty.sentences import all_of, rule_sentence
from loyalty.tier_words import discount_text, multiplier_text

# So many points are weighed: few enough to have at hand, enough to be worth something.
WEIGHED = 100


def member_chapters(today: date) -> list[Chapter]:
    """How points come, what they are worth, when they end, how tiers work, what refunds do."""
    kinds = list(PointType.objects.all())
    tiers = list(Tier.objects.by_rank())
    chapters = [
        Chapter(gettext("How you earn points"), _earning(today)),
        Chapter(gettext("What points are worth"), _worth(PointsMoney.objects.solo(), kinds, tiers)),
        Chapter(gettext("When points can be spent, and when they end"), _validity(kinds)),
        Chapter(gettext("Tiers"), _tiers(Ladder.objects.solo(), tiers)),
        Chapter(gettext("When you bring something back"), _refunds(kinds)),
    ]
    return [chapter for chapter in chapters if chapter.lines]


def sentence(text: str) -> str:
    """A text with its full stop."""
    return pgettext("a text becomes a sentence", "%(text)s.") % {"text": text}


def _earning(today: date) -> list[str]:
    """Every rule in force that is meant for everybody; who is in a segment is not told here."""
    running = EarningRule.objects.running(today) | EarningRule.objects.upcoming(today)
    told = running.with_words().order_by("trigger", "point_type", "factor", "code")
    return [sentence(rule_sentence(rule)) for rule in told if not _is_for_some(rule)]


def _is_for_some(rule: EarningRule) -> bool:
    return any(scope.segment_id is not None for scope in rule.scopes.all())


def _worth(money: PointsMoney, kinds: Sequence[PointType], tiers: Sequence[Tier]) -> list[str]:
    lines = [_spendable(money, kind) for kind in kinds if kind.is_spendable]
    if lines and money.is_offered:
        of_tiers = [tier for tier in tiers if tier.points_per_money]
        lines += [_worth_in(tier) for tier in of_tiers]
        lines.append(_paying(money))
    never = [kind.name for kind in kinds if not kind.is_spendable]
    if never:
        text = gettext("Never spent: %(kinds)s.")
        lines.append(text % {"kinds": all_of(never)})
    return lines


def _spendable(money: PointsMoney, kind: PointType) -> str:
    told = {"kind": kind.name, "points": format_number(WEIGHED)}
    if not money.is_offered or kind.code != PointType.BASE:
        return gettext("%(kind)s buy rewards; they pay for no part of a purchase.") % told
    told["worth"] = short_money(rules.worth(WEIGHED, money.points_per_money))
    return gettext("%(points)s points are worth %(worth)s.") % told


def _worth_in(tier: Tier) -> str:
    worth = short_money(rules.worth(WEIGHED, tier.points_per_money or 1))
    told = {"tier": tier.name, "points": format_number(WEIGHED), "worth": worth}
    return gettext("%(tier)s: %(points)s points are worth %(worth)s.") % told


def _paying(money: PointsMoney) -> str:
    text = gettext(
        "They pay for up to %(share)s%% of a purchase of at least %(minimum)s, %(multiple)s points "
        "at a time."
    )
    return text % {
        "share": format_number(money.maximum_share.normalize()),
        "minimum": short_money(money.minimum_purchase),
        "multiple": format_number(money.multiple),
    }


def _validity(kinds: Sequence[PointType]) -> list[str]:
    spendable = [kind for kind in kinds if kind.is_spendable]
    lines = [line for kind in spendable for line in _validity_of(kind)]
    if any(not Period.parse(kind.expiry).is_never for kind in spendable):
        days = sorted(set(settings.EXPIRY_NOTICE_DAYS), reverse=True)
        text = ngettext(
            "We tell you %(days)s day before points end.",
            "We tell you %(days)s days before points end.",
            days[0],
        )
        lines.append(text % {"days": all_of([format_number(day) for day in days])})
        lines.append(gettext("Points that end soonest are spent first."))
    return lines


def _validity_of(kind: PointType) -> Iterable[str]:
    told = {"kind": kind.name, "held": in_words(kind.holding), "validity": in_words(kind.expiry)}
    if Period.parse(kind.holding).is_zero:
        yield gettext("%(kind)s can be spent at once.") % told
    else:
        yield gettext("%(kind)s of a purchase are held before you can spend them: %(held)s.") % told
    if Period.parse(kind.expiry).is_never:
        yield gettext("%(kind)s never end.") % told
    else:
        text = gettext("%(kind)s are valid from the day on which you earn them: %(validity)s.")
        yield text % told


def _tiers(ladder: Ladder, tiers: Sequence[Tier]) -> list[str]:
    if not tiers:
        return []
    lines = [sentence(_tier(tier)) for tier in tiers]
    if len(tiers) == 1:
        return lines
    lines.append(sentence(window_text(ladder.window)))
    lines.append(gettext("You rise as soon as you reach a tier, several at a time if need be."))
    if ladder.downgrade == Ladder.Downgrade.NONE:
        lines.append(gettext("A tier that you reached stays yours."))
        return lines
    text = gettext("You keep a tier: %(validity)s. Reach it again by then, and this begins anew.")
    lines.append(text % {"validity": in_words(ladder.validity)})
    lines.append(_way_down(ladder))
    return lines


def _tier(tier: Tier) -> str:
    """A tier with what it asks for and what it is worth, as the tier page says it."""
    brings = (multiplier_text(tier.multiplier), discount_text(tier.discount_rate))
    return pgettext("between facts", "; ").join([tier_bounds(tier), *filter(None, brings)])


def _way_down(ladder: Ladder) -> str:
    if ladder.downgrade == Ladder.Downgrade.ONE_STEP:
        down = gettext("you come down one tier")
    else:
        down = gettext("you come down to the tier that fits")
    told = {"down": down, "days": format_number(ladder.grace_days)}
    if not ladder.grace_days:
        return gettext("If you do not reach it again by then, %(down)s.") % told
    text = ngettext(
        "If you do not reach it again by then or in the %(days)s day after, %(down)s.",
        "If you do not reach it again by then or in the %(days)s days after, %(down)s.",
        ladder.grace_days,
    )
    return text % told


def _refunds(kinds: Sequence[PointType]) -> list[str]:
    base = next((kind for kind in kinds if kind.code == PointType.BASE), None)
    if base is None:
        return []
    lines = [gettext("The points that it earned are taken back, in proportion to the money.")]
    if base.clawback == PointType.Clawback.DEBT:
        lines.append(
            gettext("If you have spent them already, the next points that you earn pay for them.")
        )
    else:
        lines.append(gettext("If you have spent them already, nothing more is asked of you."))
    lines.append(gettext("Points that paid for a part of it come back to you, in proportion too."))
    return lines
