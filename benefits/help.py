"""The help page: the programme's rules, and what it gives besides points."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.utils.translation import gettext, ngettext, pgettext

from benefits.birthdays import leap_day_in_march
from benefits.models import BirthdayPerk, TierGift
from benefits.words import gift_words, perk_text
from common.numbers import format_number
from loyalty.help_words import member_chapters
from loyalty.programme_words import Chapter


def help_chapters(today: date) -> list[Chapter]:
    """Everything that a member asks about, in the active language; the last is how to leave."""
    perks = sorted(BirthdayPerk.objects.given_on(today), key=lambda perk: (perk.tier.rank, perk.pk))
    gifts = TierGift.objects.given_on(today)
    chapters = [
        Chapter(gettext("Your birthday"), _birthday(perks) if perks else []),
        Chapter(gettext("When you rise to a tier"), [_gift(gift) for gift in gifts]),
        Chapter(gettext("How you leave"), _leaving()),
    ]
    return [*member_chapters(today), *(chapter for chapter in chapters if chapter.lines)]


def _birthday(perks: Sequence[BirthdayPerk]) -> list[str]:
    quiet = settings.BIRTHDAY_QUIET_DAYS
    text = ngettext(
        "You tell your birthday once. Told less than %(days)s day before, it counts from the next "
        "one on.",
        "You tell your birthday once. Told less than %(days)s days before, it counts from the next "
        "one on.",
        quiet,
    )
    kept = gettext("1 March") if leap_day_in_march() else gettext("28 February")
    leap = gettext("A birthday on 29 February is kept on %(day)s in other years.") % {"day": kept}
    return [*map(_perk, perks), text % {"days": format_number(quiet)}, leap]


def _perk(perk: BirthdayPerk) -> str:
    span = {
        BirthdayPerk.For.DAY: pgettext("birthday", "on the day"),
        BirthdayPerk.For.WEEK: pgettext("birthday", "for the week of your birthday"),
        BirthdayPerk.For.MONTH: pgettext("birthday", "for the month of your birthday"),
    }[BirthdayPerk.For(perk.span)]
    told = {"tier": perk.tier.name, "gives": perk_text(perk), "span": span}
    return gettext("%(tier)s: %(gives)s, %(span)s.") % told


def _gift(gift: TierGift) -> str:
    told = {"tier": gift.tier.name, "gives": gift_words(gift)}
    if gift.once == TierGift.Once.YEAR:
        return gettext("%(tier)s: %(gives)s, once a year.") % told
    return gettext("%(tier)s: %(gives)s, once.") % told


def _leaving() -> list[str]:
    days = settings.ERASURE_COOLING_DAYS
    text = ngettext(
        "You can have your account erased at any time. For %(days)s day you can take that back; "
        "afterwards your name, your points and your coupons are gone for good.",
        "You can have your account erased at any time. For %(days)s days you can take that back; "
        "afterwards your name, your points and your coupons are gone for good.",
        days,
    )
    return [text % {"days": format_number(days)}]
